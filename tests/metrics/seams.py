"""What the seams of a repainted range do to the audio, measured against the rest of the same recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import librosa
import numpy as np

from bandmate_plugins import LoadedEngine, Output, StemAudio, TaskContext, TaskRequest
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins._tasks.repaint import RepaintTask
from bandmate_plugins.testing import MemoryInput, TaskResult, run_task
from bandmate_protocol.tempo import nearest_frame
from tests.material.game_recordings import Audio, Take, Vector

_FADE_SECONDS = 0.02


class Overheard(LoadedEngine):
    """An engine whose own audio is kept, before it is spliced."""

    def __init__(self, inner: LoadedEngine) -> None:
        self.Options = inner.Options
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
