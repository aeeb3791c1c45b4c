"""Recordings from Debian's games, with their beats; those that are not installed are left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import librosa
import mido
import numpy as np
import soundfile
from numpy.typing import NDArray

from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap

Audio = NDArray[np.float32]
Vector = NDArray[np.float64]
SECONDS = 50.0
GAMES = Path("/usr/share/games")
SECTOID = GAMES / "fretsonfire/data/songs/sectoid"
_PLACES = (
    (SECTOID, "*/*.ogg"),
    (GAMES / "fretsonfire/data/songs/muldjord", "*/*.ogg"),
    (Path("/usr/share/hyperrogue/music"), "*.ogg"),
    (GAMES / "etr/music", "*.ogg"),
    (Path("/usr/share/planetblupi/music"), "*.ogg"),
    (GAMES / "asc/music", "*.mp3"),
    (GAMES / "vonsh", "*_tune.mp3"),
    (GAMES / "warzone2100/music/albums", "*/*.opus"),
)


@dataclass(frozen=True)
class Take:
    """Music with its beats."""

    name: str
    samples: Audio
    rate: int
    tempo: TempoMap

    @property
    def beats(self) -> Vector:
        """Frames of all beats inside."""
        found = [beat.position for beat in self.tempo.beats(0, len(self.samples))]
        return np.array([at for at in found if 0 <= at < len(self.samples)])


def takes(most: int, seconds: float = SECONDS, sectoid_only: bool = False) -> Iterator[Take]:
    """Music, at most so many pieces, the first of each place first."""
    places = _PLACES[:1] if sectoid_only else _PLACES
    files = [sorted(folder.glob(pattern)) for folder, pattern in places]
    count = 0
    for number in range(max(map(len, files), default=0)):
        for group in files:
            if number < len(group) and count < most:
                take = _take(group[number], seconds)
                if take is not None:
                    count += 1
                    yield take


def _take(path: Path, seconds: float) -> Take | None:
    info = soundfile.info(path)
    # From the middle on, where all of them play.
    start = max(0, info.frames // 2 - round(seconds * info.samplerate / 2))
    samples, rate = soundfile.read(
        path, frames=round(seconds * info.samplerate), start=start, dtype="float32", always_2d=True
    )
    if len(samples) < 0.8 * seconds * rate or np.sqrt(np.square(samples).mean()) < 1e-3:
        return None
    score = path.with_name("notes.mid")
    tempo = _score_tempo(score, rate, start) if score.exists() else _tracked_tempo(samples, rate)
    return Take(f"{path.parent.name}/{path.stem}", samples, rate, tempo)


def _score_tempo(path: Path, rate: int, start: int) -> TempoMap:
    """The tempo that the game's own score gives the song."""
    midi = mido.MidiFile(path)
    points, ticks, seconds, tempo = [], 0, 0.0, 500_000
    for message in midi.tracks[0]:
        seconds += mido.tick2second(message.time, midi.ticks_per_beat, tempo)
        ticks += message.time
        if message.type == "set_tempo":
            tempo = message.tempo
            point = TempoPoint(position=seconds * rate - start, bpm=mido.tempo2bpm(tempo))
            if points and point.position - points[-1].position < 1:
                points.pop()
            points.append(point)
    return TempoMap(points or [TempoPoint(position=-float(start), bpm=120.0)], rate, anchor=-float(start))


def _tracked_tempo(samples: Audio, rate: int) -> TempoMap:
    mono = librosa.resample(samples.mean(axis=1), orig_sr=rate, target_sr=22_050)
    _, found = librosa.beat.beat_track(y=mono, sr=22_050, units="time", trim=False)
    beats = np.asarray(found, dtype=np.float64) * rate
    if len(beats) < 8:
        beats = np.arange(0, len(samples), rate / 2, dtype=np.float64)
    # A straight line through the beats: a project has a tempo, not a list of beats.
    slope, first = np.polyfit(np.arange(len(beats)), beats, 1)
    return TempoMap(
        [TempoPoint(position=float(first), bpm=float(60 * rate / slope))], rate, anchor=float(first)
    )
