"""The timeline of new music without a project: by the song that it goes with, else by its prompt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bandmate_bridge.analysis.report import analyse_upload
from bandmate_bridge.client import Client
from bandmate_bridge.history.recipes import find_recipe
from bandmate_bridge.progress import ProgressCallback, SubjectChanged
from bandmate_bridge.requests.audio_jobs import upload_and_probe
from bandmate_bridge.requests.timing import (
    MusicLength,
    TempoMetreKey,
    prompt_timeline,
    suggest_length,
)
from bandmate_bridge.rpp import end_after
from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.texts import say


@dataclass(frozen=True)
class NewMusic:
    """What is asked for, as far as it decides the timeline."""

    prompt: str
    given: TempoMetreKey
    length: MusicLength
    sample_rate: int
    engine: str | None
    seed: int
    song: Path | None = None
    """The file of a song that plays at the same time, from its first frame on."""
    key_follows: bool = False
    """The key follows from audio that the engine gets, or from chords, and not from the prompt."""

    def timeline(self, client: Client, progress: ProgressCallback) -> tuple[Timeline, str]:
        """The timeline, and a sentence about what was not given. Raises RequestError."""
        said = ""
        if self.song is not None and self.given.bpm is None:
            tempo = self._song_tempo(client, self.song, progress)
            if tempo is not None:
                return self._along(client, tempo, progress), _detected_text(self.song, tempo)
            said = say("No beat is clear in {name}, so it does not set the tempo. ", name=self.song.name)
        timeline, chosen = prompt_timeline(
            client,
            self.prompt,
            self.given,
            self.length,
            sample_rate=self.sample_rate,
            engine=self.engine,
            seed=self.seed,
            key_follows=self.key_follows,
            progress=progress,
        )
        return timeline, said + chosen

    def _along(self, client: Client, tempo: TempoMap, progress: ProgressCallback) -> Timeline:
        """From the song's first frame on."""
        length = suggest_length(client, self.prompt, self.length, self.engine, self.seed, progress)
        length = length.or_default()
        end = end_after(0, tempo, bars=length.bars, beats=length.beats, seconds=length.seconds)
        return tempo.timeline_between(0, end, key=self.given.key)

    def _song_tempo(self, client: Client, song: Path, progress: ProgressCallback) -> TempoMap | None:
        """As the song was made here, else as it is detected; None where no beat is clear."""
        probed = upload_and_probe(client, song, progress)
        recipe = find_recipe(client, song)
        known = recipe is not None and self.given.metre is None and probed.sample_rate == self.sample_rate
        if recipe is not None and known and recipe.fits_file(probed):
            return TempoMap.from_timeline(recipe.timeline)
        progress(SubjectChanged("Detecting the tempo"))
        report = analyse_upload(client, probed, progress)
        progress(SubjectChanged(""))
        return report.recording_tempo(self.sample_rate, self.given.metre).tempo if report.beats else None


def _detected_text(song: Path, tempo: TempoMap) -> str:
    point = tempo.points[0]
    return say(
        "The tempo and the metre are those of {name}: {bpm:.4g} bpm, {numerator}/{denominator}.",
        name=song.name,
        bpm=point.bpm,
        numerator=point.numerator,
        denominator=point.denominator,
    )
