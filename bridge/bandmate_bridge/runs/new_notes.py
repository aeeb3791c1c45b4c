"""The timeline of given notes without a project: their own tempo and metre, unless something else decides."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bandmate_bridge.client import Client
from bandmate_bridge.progress import ProgressCallback
from bandmate_bridge.requests.given_notes import NotesSource, notes_span, place_notes, tempo_of_notes
from bandmate_bridge.requests.timing import prompt_timeline
from bandmate_bridge.rpp import end_after
from bandmate_bridge.runs.new_music import NewMusic
from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.texts import say


@dataclass(frozen=True)
class NotesTimeline:
    """A range with notes on it."""

    timeline: Timeline
    remarks: list[str]
    """What decides tempo and metre, and what is told of the notes."""
    tempo: TempoMap
    origin: float
    """Where quarter 0 of the notes lies, in quarters of the tempo map."""


def notes_timeline(
    client: Client, asked: NewMusic, source: NotesSource, progress: ProgressCallback
) -> NotesTimeline:
    """The notes in the tempo that is given, else that of the song they go with, else their own, else the prompt's.

    It is as long as the notes, in whole bars, unless a length is given. Raises RequestError.
    """
    if asked.song is not None and asked.given.bpm is None:
        return _along_song(client, asked, source, progress)
    bpm, metre, said = _choose_tempo(client, asked, source, progress)
    tempo = tempo_of_notes(source, bpm, metre, asked.sample_rate)
    return _fill(asked, source, tempo, 0.0, [said] if said else [])


def _along_song(
    client: Client, asked: NewMusic, source: NotesSource, progress: ProgressCallback
) -> NotesTimeline:
    """From the song's first barline on."""
    timeline, said = asked.timeline(client, progress)
    tempo = TempoMap.from_timeline(timeline)
    bar, beat = tempo.bar_beat_at(timeline.start_frame)
    origin = tempo.quarters_at(tempo.position_of(bar + (beat > 0)))
    return _fill(replace(asked, given=replace(asked.given, key=timeline.key)), source, tempo, origin, [said])


def _fill(
    asked: NewMusic, source: NotesSource, tempo: TempoMap, origin: float, said: list[str]
) -> NotesTimeline:
    length = asked.length
    _, end = notes_span(source, tempo, origin)
    if not length.is_open:
        end = end_after(0, tempo, bars=length.bars, beats=length.beats, seconds=length.seconds)
    timeline = tempo.timeline_between(0, end, key=asked.given.key)
    placed, told = place_notes(source, timeline, tempo, origin)
    return NotesTimeline(placed, [*filter(None, said), *told], tempo, origin)


def _choose_tempo(
    client: Client, asked: NewMusic, source: NotesSource, progress: ProgressCallback
) -> tuple[float | None, tuple[int, int] | None, str]:
    """The tempo and the metre that are not those of the file, and a sentence on what decides."""
    bpm, metre = asked.given.bpm, asked.given.metre
    own_bpm, own_metre = bpm is None and source.has_bpm, metre is None and source.has_metre
    said = ""
    if own_bpm and own_metre:
        said = say("The tempo and the metre are those of {title}.", title=source.title)
    elif own_bpm:
        said = say("The tempo is that of {title}.", title=source.title)
    elif own_metre:
        said = say("The metre is that of {title}.", title=source.title)
    if bpm is None and not own_bpm:
        open_metre = metre is None and not own_metre
        timeline, _ = prompt_timeline(
            client,
            asked.prompt,
            replace(asked.given, key=None),
            asked.length.or_default(),
            sample_rate=asked.sample_rate,
            engine=asked.engine,
            seed=asked.seed,
            key_follows=True,
            progress=progress,
        )
        point = timeline.tempo[0]
        bpm = point.bpm
        metre = (point.numerator, point.denominator) if open_metre else metre
        chosen = f"{bpm:g} bpm" + (f", {metre[0]}/{metre[1]}" if open_metre and metre else "")
        told = say("{title} has no tempo. Chosen automatically: {chosen}.", title=source.title, chosen=chosen)
        said = f"{said} {told}" if said else told
    return bpm, metre, said
