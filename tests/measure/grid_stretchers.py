"""Compares ways to stretch audio piecewise, as fitting to the grid does: attacks, pitch, loudness, length and cost.

python -m tests.measure.grid_stretchers [--pieces 8]

Bandmate's own way is a phase vocoder in two bands. Beside it: python-stretch in one block size;
pedalboard, which wraps Rubber Band, and Bungee, both in a temporary environment that this program makes; and soxr,
which has no time stretching: it resamples, and pitch follows. Each stretches the same pieces evenly, by -4 to +4 %, and
pieces are joined as Bandmate joins its own.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import butter, hilbert, sosfiltfilt

from bandmate_plugins._timing.joined_pieces import join_pieces
from bandmate_plugins._timing.stretch_library import STRETCH_SEED, stretch_library
from bandmate_plugins._timing.time_map import TimeMap
from tests.material.attack_trains import attack_train
from tests.material.detuned import RATE, DetunedMusic, detuned_music, plain_map
from tests.measure.grid_fit import (
    ATTACKS,
    PROMPTS,
    attack_at,
    attack_errors,
    loudness,
    rise_ms,
    warped,
)
from tests.measure.outside_stretchers import OutsideStretchers, outside_stretchers

SPEEDS = (0.96, 1.02, 0.98, 1.04)
PIECE_SECONDS = 4.5
TONES_HERTZ = (41.2, 55.0, 82.4, 164.8, 440.0)
LOW_HERTZ = 110.0
OVERLAP, ROOM = round(0.1 * RATE), round(0.3 * RATE)
"""What pieces share, and what each has more at both ends, so that how a stretcher starts is not heard."""
Samples = NDArray[np.float32]
EvenStretch = Callable[[Samples, int], tuple[Samples, float]]
"""Audio and how many frames it should become: what became of it, and the processor seconds."""
WholeStretch = Callable[[Samples, TimeMap], tuple[Samples, float]]
"""The same for audio along a map."""


@dataclass
class Stretcher:
    """A way to stretch, and what was measured of it."""

    name: str
    whole: WholeStretch | None = None
    even: EvenStretch | None = None
    """One of the two."""
    late: dict[float, list[float]] = field(default_factory=lambda: {0.0: [], 0.05: []})
    """Of the attacks alone, and of those over a chord, in ms."""
    longer: dict[float, list[float]] = field(default_factory=lambda: {0.0: [], 0.05: []})
    cents: dict[float, float] = field(default_factory=dict)
    """By tones, at an even speed."""
    decibels: float = 0.0
    attacks: list[float] = field(default_factory=list)
    louder: list[float] = field(default_factory=list)
    frames_off: int = 0
    seconds: float = 0.0

    def run(self, samples: Samples, time_map: TimeMap) -> Samples:
        """The audio along a map."""
        if self.whole is None:
            return self._run_pieces(samples, time_map)
        made, seconds = self.whole(samples, time_map)
        frames = round(float(time_map.target[-1]))
        self.seconds += seconds
        self._note_length(made, frames)
        return np.pad(made[:frames], ((0, max(frames - len(made), 0)), (0, 0)))

    def _run_pieces(self, samples: Samples, time_map: TimeMap) -> Samples:
        padded = np.pad(samples, ((2 * ROOM, 2 * ROOM), (0, 0)))
        made: Samples | None = None
        for left, right in pairwise(range(len(time_map.target))):
            piece = self._run_piece(padded, time_map, left, right)
            if made is None:
                made = piece
                continue
            shared = made[-2 * OVERLAP :]
            made = np.concatenate((made[: -2 * OVERLAP], join_pieces(shared, piece, RATE)))
        assert made is not None, "a map has a piece"
        return made

    def _run_piece(self, padded: Samples, time_map: TimeMap, left: int, right: int) -> Samples:
        source, target = time_map.source, time_map.target
        speed = float((source[right] - source[left]) / (target[right] - target[left]))
        start = round(float(target[left])) - (OVERLAP if left else 0)
        stop = round(float(target[right])) + (OVERLAP if right < len(target) - 1 else 0)
        place = float(source[left]) + (start - float(target[left])) * speed
        begin = round(place) - ROOM
        end = round(float(source[right]) + (stop - float(target[right])) * speed) + ROOM
        assert self.even is not None
        asked = round((end - begin) / speed)
        made, seconds = self.even(padded[begin + 2 * ROOM : end + 2 * ROOM], asked)
        self.seconds += seconds
        self._note_length(made, asked)
        first = round((place - begin) / speed)
        return made[first : first + stop - start]

    def _note_length(self, made: Samples, asked: int) -> None:
        off = len(made) - asked
        self.frames_off = off if abs(off) > abs(self.frames_off) else self.frames_off


def in_two_bands(samples: Samples, time_map: TimeMap) -> tuple[Samples, float]:
    """What fitting does."""
    began = time.process_time()
    made = warped(samples, time_map)
    return made, time.process_time() - began


def one_block(seconds: float | None) -> EvenStretch:
    """python-stretch in blocks of one length; None for its own preset."""

    def stretch(samples: Samples, frames: int) -> tuple[Samples, float]:
        began = time.process_time()
        library: Any = stretch_library()
        stretcher = library.Stretch(STRETCH_SEED)
        if seconds is None:
            stretcher.preset(samples.shape[1], RATE)
        else:
            block = round(seconds * RATE)
            stretcher.configure(samples.shape[1], block, block // 4)
        stretcher.timeFactor = len(samples) / frames
        made = np.asarray(stretcher.process(np.ascontiguousarray(samples.T)), np.float32).T
        return made, time.process_time() - began

    return stretch


def varispeed(samples: Samples, frames: int) -> tuple[Samples, float]:
    """Resampled by soxr, as a tape that runs faster or slower."""
    began = time.process_time()
    made = np.asarray(soxr.resample(samples, len(samples), frames), np.float32)
    return made, time.process_time() - began


def outside(others: OutsideStretchers, way: str, **options: Any) -> EvenStretch:
    """A stretcher in its own process."""

    def stretch(samples: Samples, frames: int) -> tuple[Samples, float]:
        return others.stretch(way, samples, len(samples) / frames, RATE, options)

    return stretch


def stretchers(others: OutsideStretchers | None) -> Iterator[Stretcher]:
    """All that are here."""
    yield Stretcher("Bandmate: phase vocoder in two bands", in_two_bands)
    yield Stretcher("python-stretch, its preset (120 ms)", even=one_block(None))
    yield Stretcher("python-stretch, 43 ms", even=one_block(0.0427))
    if others is not None:
        yield Stretcher("pedalboard, high quality", even=outside(others, "pedalboard"))
        fast = {"high_quality": False}
        yield Stretcher("pedalboard, fast", even=outside(others, "pedalboard", **fast))
        yield Stretcher(
            "pedalboard, fast, smooth", even=outside(others, "pedalboard", **fast, transient_mode="smooth")
        )
        yield Stretcher("Bungee", even=outside(others, "bungee"))
    yield Stretcher("soxr, resampling", even=varispeed)


def piecewise_map() -> TimeMap:
    """Each of the speeds in turn."""
    target = np.arange(len(SPEEDS) + 1, dtype=np.float64) * PIECE_SECONDS * RATE
    source = np.concatenate(([0.0], np.cumsum(np.array(SPEEDS) * PIECE_SECONDS * RATE)))
    return TimeMap(source, target)


def measure_attacks(stretcher: Stretcher) -> None:
    """Attacks of one sound a beat, alone and over a held chord with noise."""
    time_map = piecewise_map()
    for kind in ATTACKS:
        for bed in (0.0, 0.05):
            mono = soxr.resample(attack_train(kind, 112.0, 0.3, bed, seconds=20.0), 44_100, RATE)
            samples = np.stack([mono, mono], axis=1).astype(np.float32)
            made = stretcher.run(samples, time_map)
            places = np.arange(0.3, time_map.source[-1] / RATE, 60 / 112) * RATE
            rights = time_map.target_at(places)
            for place, right in zip(places, rights, strict=True):
                if not RATE / 4 < right < len(made) - RATE / 4:
                    continue
                one, other = attack_at(samples, place, 0.02), attack_at(made, right, 0.02)
                if one is not None and other is not None:
                    stretcher.late[bed].append(((other - right) - (one - place)) / RATE * 1e3)
                    stretcher.longer[bed].append(rise_ms(made, other) - rise_ms(samples, one))


def measure_tones(stretcher: Stretcher) -> None:
    """How far held tones of five partials stray from their pitch and level."""
    clock = np.arange(7 * RATE) / RATE
    for hertz in TONES_HERTZ:
        tone = sum(np.sin(2 * np.pi * hertz * number * clock + number) / number for number in range(1, 6))
        samples = np.stack([0.2 * tone] * 2, axis=1).astype(np.float32)
        for speed in SPEEDS:
            edges = np.array([0.0, 6.0 * RATE])
            cents, decibels = pitch_errors(stretcher.run(samples, TimeMap(edges * speed, edges)), hertz)
            stretcher.cents[hertz] = max(stretcher.cents.get(hertz, 0.0), float(cents.max()))
            stretcher.decibels = max(stretcher.decibels, decibels)


def pitch_errors(made: Samples, hertz: float) -> tuple[NDArray[np.float64], float]:
    """How many cents a tone is off over each tenth of a second, and by how many decibels its level changes."""
    band = butter(2, [hertz * 0.75, hertz * 1.35], "band", fs=RATE, output="sos")
    step = max(RATE // 10, round(3 * RATE / hertz))
    analytic = hilbert(sosfiltfilt(band, made[:, 0]))[RATE:-RATE]
    turned = np.unwrap(np.angle(analytic))
    heard = (turned[step:] - turned[:-step]) * RATE / (2 * np.pi * step)
    return np.abs(1_200 * np.log2(heard / hertz)), float(np.ptp(20 * np.log10(np.abs(analytic))))


def drifting_piece(number: int) -> DetunedMusic:
    """A piece of the embedded band that is faster and slower from bar to bar, by up to 4 %."""
    random = np.random.default_rng(number)
    bars = 8
    detuning = np.clip(
        random.uniform(-0.03, 0.03) + np.cumsum(random.normal(0, 0.006, bars + 2)), -0.04, 0.04
    )
    return detuned_music(PROMPTS[number % len(PROMPTS)], plain_map(112), bars, detuning, number)


def measure_piece(stretcher: Stretcher, music: DetunedMusic) -> None:
    """Attacks in all stems but the bass, and loudness of the mix, along the true map."""
    target = np.array([music.told.position_of(1 + bar) for bar in range(9)])
    time_map = TimeMap(np.array([music.played_at(place) for place in target]), target)
    for stem in music.stems:
        if stem.role != "bass":
            stretcher.attacks += attack_errors(stem, stretcher.run(stem.samples, time_map), music)
    mix = music.mix
    made = stretcher.run(mix, time_map)
    stretcher.louder.append(loudness(made) - loudness(mix[: round(music.played_at(music.end))]))


def row_of(stretcher: Stretcher, usual_seconds: float) -> str:
    """A row of the table."""
    cells = [stretcher.name]
    for bed in (0.0, 0.05):
        late, longer = np.array(stretcher.late[bed]), np.array(stretcher.longer[bed])
        cells.append(f"{np.median(late):+.1f} ({np.percentile(np.abs(late), 95):.1f})")
        cells.append(f"{np.median(longer):+.1f} ({np.percentile(longer, 95):.1f})")
    cells.append(f"{np.mean(np.abs(stretcher.attacks) <= 5):.3f} of {len(stretcher.attacks)}")
    for is_low in (True, False):
        off = max(stretcher.cents[hertz] for hertz in TONES_HERTZ if (hertz < LOW_HERTZ) == is_low)
        cells.append(f"{off:.1f}")
    cells += [
        f"{stretcher.decibels:.1f}",
        f"{np.abs(stretcher.louder).max():.2f}",
        f"{stretcher.frames_off}",
        f"{stretcher.seconds / usual_seconds:.2f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Reads the command line and measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, default=8)
    asked = parser.parse_args()
    music = [drifting_piece(number) for number in range(asked.pieces)]
    with outside_stretchers() as others:
        found = list(stretchers(others))
        for stretcher in found:
            measure_attacks(stretcher)
            measure_tones(stretcher)
            for piece in music:
                measure_piece(stretcher, piece)
    print(
        "| stretcher | alone: late, ms | rises longer, ms | over a chord: late, ms | rises longer, ms | "
        "in pieces, within 5 ms | cents, low | cents, high | dB | LU | frames off | time |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for stretcher in found:
        print(row_of(stretcher, found[0].seconds))
    if others is None:
        print("\npedalboard and Bungee are not here: they could not be installed.")


if __name__ == "__main__":
    main()
