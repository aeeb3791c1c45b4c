"""Measures the seams of `repaint` on real music, beside a hard cut and a plain fade of the same new audio.

    python -m tests.tools.seam_score [--takes 50] [--json seams.json]

The music comes from Debian packages (`fretsonfire-songs-sectoid`, `fretsonfire-songs-muldjord`,
`hyperrogue-music`, `extremetuxracer-data`, `planetblupi-music-ogg`, `asc-music`, `vonsh`,
`warzone2100-music`); those that are not installed are left out. A range of each take is repainted, every
second one from beat to beat, the others from anywhere to anywhere. At each edge three things are measured in
the spliced audio and compared with the same take's own distribution: for edges on beats that of its beats
and half beats, for the others that of any place. An edge is inside when its value lies under the 99th
percentile (for the level between the 0.5th and the 99.5th).

- flux: the greatest rise of the logarithmic spectrum within 10 ms of the edge (librosa's STFT, windows of
  12 ms);
- level: the level of the 30 ms after the edge over that of the 30 ms before it;
- step: the second difference of the samples at the edge over that of the 40 ms around it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import librosa
import mido
import numpy as np
import soundfile
from numpy.typing import NDArray

from bandmate_plugins import LoadedEngine, Output, StemAudio, TaskContext, TaskRequest
from bandmate_plugins._engines.sketch import SketchEngine
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins._tasks.repaint import RepaintTask
from bandmate_plugins.testing import MemoryInput, TaskResult, run_task
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap, nearest_frame

Audio = NDArray[np.float32]
Vector = NDArray[np.float64]
SECONDS = 50.0
_FADE_SECONDS = 0.02
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


class Overheard(LoadedEngine):
    """An engine whose own audio is kept, before it is spliced."""

    def __init__(self, inner: LoadedEngine) -> None:
        self._inner, self.pieces = inner, list[Audio]()

    def inpaint(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        """Passes all of it on."""
        self.pieces = []
        for output in self._inner.inpaint(request, context):
            if isinstance(output, StemAudio):
                self.pieces.append(output.samples.copy())
            yield output

    @property
    def audio(self) -> Audio:
        """What it gave."""
        return np.concatenate(self.pieces)


@dataclass(frozen=True)
class Repainted:
    """A take with a new range, spliced in three ways."""

    take: Take
    start: int
    end: int
    on_beats: bool
    versions: dict[str, Audio]
    result: TaskResult


def repainted(take: Take, number: int, engine: LoadedEngine, prompt: str = "") -> Repainted:
    """Repaints a range of about two bars; even numbers from beat to beat."""
    on_beats = number % 2 == 0
    start, end = _range(take, number, on_beats)
    timeline = take.tempo.timeline_between(start, end)
    overheard = Overheard(engine)
    result = run_task(
        RepaintTask(), {"prompt": prompt}, timeline=timeline, seed=number, engine=overheard,
        inputs=[MemoryInput(take.samples)],
    )  # fmt: skip
    raw = overheard.audio
    return Repainted(
        take, start, end, on_beats,
        {
            "repaint": _with(take, start, result.stems[0].samples),
            "linear fade": _with(take, start, _linear(take.samples[start:end], raw, take.rate)),
            "hard cut": _with(take, start, raw),
        },
        result,
    )  # fmt: skip


def _range(take: Take, number: int, on_beats: bool) -> tuple[int, int]:
    random = np.random.default_rng(number)
    beats, seconds = take.beats, len(take.samples) / take.rate
    if on_beats:
        first = int(np.searchsorted(beats, take.rate * random.uniform(14, seconds - 24)))
        return nearest_frame(beats[first]), nearest_frame(beats[min(first + 8, len(beats) - 1)])
    start = round(take.rate * random.uniform(14, seconds - 24))
    return start, start + round(take.rate * random.uniform(1.5, 5.0))


def _with(take: Take, start: int, new: Audio) -> Audio:
    out = take.samples.copy()
    out[start : start + len(new)] = new
    return out


def _linear(old: Audio, new: Audio, rate: int) -> Audio:
    """A plain fade of 20 ms inside the range, as an editor makes it."""
    frames = min(round(_FADE_SECONDS * rate), len(new) // 2)
    way = np.ones((len(new), 1), dtype=np.float32)
    way[:frames, 0] = np.arange(frames) / frames
    way[len(new) - frames :, 0] = np.arange(frames)[::-1] / frames
    return np.asarray(old * (1 - way) + new * way, dtype=np.float32)


def flux(samples: Audio, rate: int) -> tuple[Vector, int]:
    """The rise of the logarithmic spectrum, and its hop."""
    hop = max(1, round(0.003 * rate))
    size = round(0.012 * rate)
    spectrum = np.abs(librosa.stft(samples.mean(axis=1), n_fft=size, hop_length=hop))
    loud = np.log1p(100 * spectrum)
    return np.maximum(np.diff(loud, axis=1, prepend=loud[:, :1]), 0).mean(axis=0), hop


def flux_at(samples: Audio, rate: int, places: Sequence[int]) -> Vector:
    """The greatest flux within 10 ms of each place."""
    values, hop = flux(samples, rate)
    reach = round(0.010 * rate / hop)
    return np.array([values[max(at // hop - reach, 0) : at // hop + reach + 1].max() for at in places])


def level_at(samples: Audio, rate: int, places: Sequence[int]) -> Vector:
    """Decibels of the 30 ms after each place over the 30 ms before."""
    total = np.concatenate(([0.0], np.cumsum(np.square(samples, dtype=np.float64).mean(axis=1))))
    reach = round(0.030 * rate)
    at = np.asarray(places)
    after, before = total[at + reach] - total[at], total[at] - total[at - reach]
    return np.asarray(10 * np.log10((after + 1e-9) / (before + 1e-9)))


def step_at(samples: Audio, rate: int, places: Sequence[int]) -> Vector:
    """The second difference at each place over its root mean square in the 40 ms around."""
    bend = np.square(np.diff(samples, 2, axis=0, prepend=samples[:2])).mean(axis=1, dtype=np.float64)
    total, reach = np.concatenate(([0.0], np.cumsum(bend))), round(0.020 * rate)
    found = []
    for at in places:
        around = (total[at + reach] - total[at - reach]) / (2 * reach)
        found.append(np.sqrt(bend[at - 1 : at + 3].max() / (around + 1e-14)))
    return np.array(found)


MEASURES: dict[str, tuple[Callable[[Audio, int, Sequence[int]], Vector], float, float]] = {
    "flux": (flux_at, 0.0, 99.0),
    "level": (level_at, 0.5, 99.5),
    "step": (step_at, 0.0, 99.0),
}
"""Each with the percentiles that are inside."""


def own_places(take: Take, on_beats: bool) -> list[int]:
    """Where the take's own distribution is read."""
    margin = round(0.1 * take.rate)
    if on_beats:
        beats = take.beats
        found = np.concatenate((beats, (beats[:-1] + beats[1:]) / 2))
    else:
        found = np.random.default_rng(0).uniform(margin, len(take.samples) - margin, 2_000)
    return sorted(int(at) for at in found if margin < at < len(take.samples) - margin)


@dataclass(frozen=True)
class Edge:
    """One edge, one way to splice, one measure."""

    take: str
    on_beats: bool
    way: str
    measure: str
    rank: float
    """The percentile in the take's own distribution."""
    inside: bool


def edges_of(made: Repainted) -> Iterator[Edge]:
    """Both edges, in every way, by every measure."""
    own = own_places(made.take, made.on_beats)
    for measure, (read, low, high) in MEASURES.items():
        usual = read(made.take.samples, made.take.rate, own)
        least, most = np.percentile(usual, [low, high])
        for way, samples in made.versions.items():
            # The last frame of the range is before the second edge, which lies between the two.
            for value in read(samples, made.take.rate, [made.start, made.end]):
                rank = float((usual < value).mean() * 100)
                yield Edge(made.take.name, made.on_beats, way, measure, rank, bool(least <= value <= most))


def outside_is_untouched(made: Repainted) -> bool:
    """Whether the stem, put where it says, covers the range and no more, and meets the source at its edges.

    Its first and last frame must be the source's own, byte for byte, and so must all that is outside.
    """
    stem, source = made.result.stems[0], made.take.samples
    spliced = _with(made.take, stem.start_frame, stem.samples)
    first, last = source[made.start : made.start + 1], source[made.end - 1 : made.end]
    return (
        stem.samples[:1].tobytes() == first.tobytes()
        and stem.samples[-1:].tobytes() == last.tobytes()
        and spliced[: made.start].tobytes() == source[: made.start].tobytes()
        and spliced[made.end :].tobytes() == source[made.end :].tobytes()
    )


def loudness(samples: Sequence[Audio], rate: int) -> float | None:
    """Integrated loudness of stretches one after another."""
    meter = LoudnessMeter(rate, samples[0].shape[1])
    for one in samples:
        meter.add(one)
    return meter.integrated_lufs()


def louder_by(made: Repainted) -> float:
    """LU of the new range over the six seconds before and after."""
    rate, reach = made.take.rate, 6 * made.take.rate
    around = [
        made.take.samples[made.start - reach : made.start],
        made.take.samples[made.end : made.end + reach],
    ]
    new, near = loudness([made.result.stems[0].samples], rate), loudness(around, rate)
    return new - near if new is not None and near is not None else float("nan")


_KEY_PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}


def key_of(samples: Audio, rate: int) -> tuple[int, str]:
    """Tonic and mode by librosa's chroma and Krumhansl's profiles."""
    mono = librosa.resample(samples.mean(axis=1), orig_sr=rate, target_sr=22_050)
    chroma = librosa.feature.chroma_stft(y=mono, sr=22_050, n_fft=8_192, tuning=0.0).mean(axis=1)
    keys = [(tonic, mode) for mode in _KEY_PROFILES for tonic in range(12)]
    fits = [np.corrcoef(np.roll(_KEY_PROFILES[mode], tonic), chroma)[0, 1] for tonic, mode in keys]
    return keys[int(np.argmax(fits))]


def in_scale(samples: Audio, rate: int, key: tuple[int, str]) -> float:
    """How much of the chroma lies on the seven notes of a key."""
    mono = librosa.resample(samples.mean(axis=1), orig_sr=rate, target_sr=22_050)
    chroma = librosa.feature.chroma_stft(y=mono, sr=22_050, n_fft=8_192, tuning=0.0).mean(axis=1)
    steps = (0, 2, 4, 5, 7, 9, 11) if key[1] == "major" else (0, 2, 3, 5, 7, 8, 10)
    floor = chroma - chroma.min()
    return float(sum(floor[(key[0] + step) % 12] for step in steps) / max(floor.sum(), 1e-9))


def table(edges: Sequence[Edge]) -> str:
    """How many edges are inside, by the way of splicing and what is measured."""
    lines = ["| splice | edges | flux inside | level inside | step inside | all three | median step rank |"]
    lines.append("|---|---|---|---|---|---|---|")
    for on_beats in (True, False):
        for way in ("repaint", "linear fade", "hard cut"):
            chosen = [edge for edge in edges if edge.way == way and edge.on_beats == on_beats]
            by = {name: [edge for edge in chosen if edge.measure == name] for name in MEASURES}
            count = len(by["flux"])
            if not count:
                continue
            shares = [100 * sum(edge.inside for edge in by[name]) / count for name in MEASURES]
            every = [
                all(row) for row in zip(*([e.inside for e in by[name]] for name in MEASURES), strict=True)
            ]
            rank = float(np.median([edge.rank for edge in by["step"]]))
            cells = [
                *(f"{share:.0f} %" for share in shares),
                f"{100 * sum(every) / count:.0f} %",
                f"{rank:.0f}",
            ]
            place = "on beats" if on_beats else "anywhere"
            lines.append(f"| {way}, {place} | {count} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--takes", type=int, default=50)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    engine = SketchEngine().load("cpu", "full")
    edges: list[Edge] = []
    rows = []
    for number, take in enumerate(takes(asked.takes)):
        made = repainted(take, number, engine)
        assert outside_is_untouched(made)
        found = list(edges_of(made))
        edges += found
        before = take.samples[max(made.start - 12 * take.rate, 0) : made.start]
        after = take.samples[made.end : made.end + 12 * take.rate]
        key = key_of(np.concatenate((before, after)), take.rate)
        new, old = made.result.stems[0].samples, take.samples[made.start : made.end]
        tonal = made.result.stems[0].role != "drums"
        rows.append(
            {
                "take": take.name,
                "role": made.result.stems[0].role,
                "louder_by": round(louder_by(made), 2),
                "in_scale": round(in_scale(new, take.rate, key), 3) if tonal else None,
                "old_in_scale": round(in_scale(old, take.rate, key), 3) if tonal else None,
                "late_ms": made.result.report["late_ms"],
                "outside": [
                    f"{e.measure} {e.rank:.1f}" for e in found if e.way == "repaint" and not e.inside
                ],
            }
        )
        print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    print(table(edges))
    off = np.array([row["louder_by"] for row in rows])
    print(
        f"\nloudness against the surroundings: median {np.median(off):+.2f} LU, "
        f"within 1 LU in {np.mean(np.abs(off) <= 1):.0%}, greatest {np.abs(off).max():.2f} LU"
    )
    scales = [(row["in_scale"], row["old_in_scale"]) for row in rows if row["in_scale"] is not None]
    print(
        f"chroma on the notes of the surroundings' key: new {np.mean([a for a, _ in scales]):.2f}, "
        f"what was there {np.mean([b for _, b in scales]):.2f}, over {len(scales)} takes with pitch"
    )
    if asked.json:
        asked.json.write_text(
            json.dumps({"rows": rows, "edges": [vars(e) for e in edges]}, indent=1), "utf-8"
        )


if __name__ == "__main__":
    main()
