"""Measures fitting to the grid: music that is off it by a known amount, before and after.

python -m tests.measure.grid_fit [--pieces 200] [--music FOLDER]

The pieces are the embedded band's, up to 4 % slower or faster than told, evenly or drifting from bar to bar, over one
tempo or a ramp, straight or swinging, in 4/4, 3/4, 6/8, 7/8 and 5/4. The recordings are those of
`tests.measure.cover_score`, played slower or faster as a tape is.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from bandmate_plugins._listening.features import FeatureExtractor
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins._timing.grid_deviation import GridDeviation, measure_grid
from bandmate_plugins._timing.time_map import TimeMap, warp_audio
from bandmate_plugins.testing import StemResult
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap
from tests.material.attack_trains import attack_train
from tests.material.detuned import RATE, DetunedMusic, detuned_music, plain_map
from tests.measure.analysis_tempo import listen
from tests.measure.cover_score import RECORDINGS

PROMPTS = (
    "rock band", "funk band", "slow jazz trio", "house", "pop ballad", "reggae band", "drum and bass", "metal",
    "bossa nova", "swing", "disco", "solo piano", "acoustic guitar", "hip hop beat", "country shuffle", "techno",
    "soul", "trap", "waltz", "blues shuffle",
)  # fmt: skip
METRES = ("4/4", "4/4", "4/4", "3/4", "6/8", "7/8", "5/4")
ATTACKS = ("click", "kick", "deep kick", "snare", "hat", "piano", "guitar")
KINDS = ("even", "even", "drift", "ramp")
ISOLATED_SECONDS = 0.06
"""How far a note must be from the others of its stem for its attack to be measured."""
Samples = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """One piece."""

    kind: str
    is_sure: bool
    map_ms: float
    """How far the map is off at its worst edge."""
    attacks_ms: tuple[float, ...]
    """How far each measured attack lies from its place, after."""
    loudness_lu: float


def piece(number: int) -> tuple[str, DetunedMusic]:
    """A piece and how it is off."""
    random = np.random.default_rng(number)
    kind = KINDS[int(random.integers(len(KINDS)))]
    metre = METRES[int(random.integers(len(METRES)))]
    bpm = float(random.choice([72, 84, 93, 100, 112, 120, 128, 140]))
    bars = int(random.choice([8, 12, 16]))
    detuning = np.full(bars + 2, random.uniform(-0.04, 0.04))
    if kind == "drift":
        detuning = np.clip(detuning + np.cumsum(random.normal(0, 0.004, bars + 2)), -0.045, 0.045)
    told = plain_map(bpm, metre, 1.2 if kind == "ramp" else 1.0)
    return kind, detuned_music(PROMPTS[number % len(PROMPTS)], told, bars, detuning, number)


def measured(samples: Samples, told: TempoMap, end: int) -> GridDeviation:
    """What the product measures."""
    features = FeatureExtractor(RATE, samples.shape[1])
    features.add(samples)
    return measure_grid(features.finish(), told, 0, end)


def warped(samples: Samples, time_map: TimeMap) -> Samples:
    """The audio along a map."""

    def read(start: int, stop: int) -> Samples:
        first, last = max(start, 0), min(stop, len(samples))
        inside = samples[first : max(first, last)]
        return np.pad(inside, ((first - start, stop - start - (first - start) - len(inside)), (0, 0)))

    return np.concatenate(list(warp_audio(read, time_map, RATE, lambda: None)))


def fitted(samples: Samples, deviation: GridDeviation) -> Samples:
    """The audio on the grid."""
    return warped(samples, deviation.fitting_map(len(samples)))


def attack_at(samples: Samples, frame: float, reach: float) -> float | None:
    """Where most begins near a frame; None where nothing does."""
    hop, fade = 12, round(0.003 * RATE) // 12
    count = round(reach * RATE) // hop
    first = round(frame) - (count + 4 * fade) * hop
    last = first + (2 * count + 8 * fade) * hop
    if first < 0 or last > len(samples):
        return None
    wave = samples[first:last, 0].astype(np.float64)
    weights = np.exp(-np.arange(4 * fade) / fade)
    total = np.zeros(2 * count)
    for signal in (wave, np.diff(wave, prepend=wave[:1])):
        power = np.square(signal).reshape(-1, hop).sum(axis=1)
        floor = 1e-2 * power.max() + 1e-12
        ways = range(4 * fade, 4 * fade + 2 * count)
        after = np.array([power[i : i + 4 * fade] @ weights for i in ways])
        before = np.array([power[i - 4 * fade : i][::-1] @ weights for i in ways])
        total += np.maximum(np.log((after + floor) / (before + floor)), 0)
    best = int(total.argmax())
    return first + (4 * fade + best) * hop if total[best] >= 1.5 else None


def attack_errors(stem: StemResult, made: Samples, music: DetunedMusic) -> list[float]:
    """How many ms off its place each attack that can be measured is after fitting."""
    starts = np.sort([note.start for note in stem.notes]).astype(np.float64)
    if len(starts) < 2:
        return []
    apart = ISOLATED_SECONDS * RATE
    gaps = np.diff(starts)
    alone = np.append(True, gaps > apart) & np.append(gaps > apart, True)
    found = []
    for start in starts[alone]:
        place = music.told_at(start)
        before = attack_at(stem.samples, start, 0.02)
        # Where the attack is not where the note is, it cannot be told from what else sounds.
        if before is None or abs(before - start) > 0.003 * RATE or place > music.end - 0.08 * RATE:
            continue
        after = attack_at(made, place, 0.03)
        if after is not None:
            found.append(((after - place) - (before - start)) / RATE * 1e3)
    return found


def rise_ms(samples: Samples, frame: float) -> float:
    """How long the energy near a frame takes from a tenth of its top to nine tenths."""
    first = round(frame) - round(0.005 * RATE)
    wave = samples[first : first + round(0.025 * RATE), 0].astype(np.float64)
    energy = np.convolve(np.square(wave), np.ones(48) / 48, "same")
    top = int(energy.argmax())
    low, high = (np.flatnonzero(energy[: top + 1] < share * energy[top]) for share in (0.1, 0.9))
    return float(((high[-1] if len(high) else 0) - (low[-1] if len(low) else 0)) / RATE * 1e3)


def score_attacks() -> None:
    """Prints how sharp attacks are after stretching, alone and over a held chord with noise."""
    # The median, and what 95 % keep.
    print("\n| attack | alone: late, ms | rises longer, ms | over a chord: late, ms | rises longer, ms |")
    print("|---|---|---|---|---|")
    for kind in ATTACKS:
        cells = []
        for bed in (0.0, 0.05):
            mono = soxr.resample(attack_train(kind, 112.0, 0.3, bed), 44_100, RATE)
            samples = np.stack([mono, mono], axis=1).astype(np.float32)
            places = np.arange(0.3, len(samples) / RATE - 1.6, 60 / 112) * RATE
            late, longer = [], []
            for speed in (0.96, 0.98, 1.02, 1.04):
                edges = np.array([0.0, len(samples) // 2])
                made = warped(samples, TimeMap(edges * speed, edges))
                for place in places[(places > RATE / 4) & (places / speed < len(made) - RATE / 4)]:
                    one, other = attack_at(samples, place, 0.02), attack_at(made, place / speed, 0.02)
                    if one is not None and other is not None:
                        late.append((other - place / speed) - (one - place))
                        longer.append(rise_ms(made, other) - rise_ms(samples, one))
            off, rises = np.array(late) / RATE * 1e3, np.array(longer)
            cells += [
                f"{np.median(off):+.1f} ({np.percentile(np.abs(off), 95):.1f})",
                f"{np.median(rises):+.1f} ({np.percentile(rises, 95):.1f})",
            ]
        print(f"| {kind} | {' | '.join(cells)} |", flush=True)


def loudness(samples: Samples) -> float:
    """LUFS."""
    meter = LoudnessMeter(RATE, samples.shape[1])
    meter.add(samples)
    return float(meter.integrated_lufs() or -70.0)


def score_piece(number: int) -> Score:
    """Detunes, measures, fits and compares."""
    kind, music = piece(number)
    mix = music.mix
    deviation = measured(mix, music.told, music.end)
    right = np.array([music.played_at(edge) - edge for edge in deviation.path.edges])
    off = float(np.abs(deviation.path.late - right).max()) / RATE * 1e3
    if not deviation.is_sure:
        return Score(kind, False, off, (), 0.0)
    errors = [
        error
        for stem in music.stems
        if stem.role != "bass"
        for error in attack_errors(stem, fitted(stem.samples, deviation), music)
    ]
    louder = loudness(fitted(mix, deviation)) - loudness(mix[: round(music.played_at(music.end))])
    return Score(kind, True, off, tuple(errors), louder)


def row_of(name: str, scores: list[Score]) -> str:
    """A row of the table."""
    sure = [score for score in scores if score.is_sure]
    attacks = np.abs([each for score in sure for each in score.attacks_ms])
    maps = [score.map_ms for score in sure]
    if not len(attacks):
        return f"| {name} | {len(scores)} | {len(sure)} | | | | |"
    return (
        f"| {name} | {len(scores)} | {len(sure)} | {np.median(maps):.1f} | {np.mean(np.array(maps) < 10):.2f} | "
        f"{np.mean(attacks <= 5):.3f} of {len(attacks)} | "
        f"{np.abs([score.loudness_lu for score in sure]).max():.2f} |"
    )


def score_pieces(count: int) -> None:
    """Prints the table of pieces."""
    print("| off | pieces | measured | map, ms | maps under 10 ms | attacks within 5 ms | LU |")
    print("|---|---|---|---|---|---|---|", flush=True)
    by_kind: dict[str, list[Score]] = defaultdict(list)
    for number in range(count):
        score = score_piece(number)
        by_kind[score.kind].append(score)
        by_kind["all"].append(score)
    for kind in ("even", "drift", "ramp", "all"):
        print(row_of(kind, by_kind[kind]), flush=True)
    unsure = sorted(
        {PROMPTS[n % len(PROMPTS)] for n, score in enumerate(by_kind["all"]) if not score.is_sure}
    )
    print(f"\nNot measured, and left alone: {', '.join(unsure) or 'none'}.")


def score_recordings(folder: Path) -> None:
    """Prints how recordings are measured that play like a tape at the wrong speed, and after fitting."""
    print("\n| recording | detuned | clear | measured, % | after, ms a bar |\n|---|---|---|---|---|")
    for name, file, begin in RECORDINGS:
        path = folder / file
        if not path.exists():
            continue
        raw, rate = soundfile.read(path, dtype="float32", always_2d=True, start=0)
        samples = np.asarray(soxr.resample(raw[begin * rate : (begin + 42) * rate], rate, RATE), np.float32)
        beats = listen(samples.mean(axis=1), RATE).beats
        if len(beats) < 16:
            print(f"| {name} | | no beats | | |")
            continue
        period, begins = np.polyfit(np.arange(len(beats)), beats, 1)
        first = round(max(float(begins), 0.0) * RATE)
        told = TempoMap([TempoPoint(position=0, bpm=60 / float(period))], RATE)
        for share in (-0.04, -0.02, 0.02, 0.04):
            detuned = np.asarray(soxr.resample(samples[first:], RATE * (1 + share), RATE), np.float32)
            end = round(told.position_of(1 + int(told.quarters_at(min(36 * RATE, len(detuned))) // 4)))
            deviation = measured(detuned, told, end)
            seen = deviation.drift_ms_per_bar / (4 * 60_000 / told.bpm_at(0))
            after = measured(fitted(detuned, deviation), told, end) if deviation.is_sure else None
            print(
                f"| {name} | {share:+.0%} | {'yes' if deviation.is_sure else 'no'} | {-seen / (1 + seen):+.2%} | "
                f"{f'{abs(after.drift_ms_per_bar):.1f}' if after else 'left alone'} |",
                flush=True,
            )


def main() -> None:
    """Reads the command line and measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, default=200)
    parser.add_argument("--music", type=Path, default=Path("/usr/share"), help="where the recordings are")
    asked = parser.parse_args()
    score_attacks()
    score_pieces(asked.pieces)
    score_recordings(asked.music)


if __name__ == "__main__":
    main()
