"""Measures the engine `sketch` with librosa, mir_eval and scipy: docs/measured/sketch.md.

python -m tests.measure.sketch_score [onsets] [struck] [attacks] [classes] [key] [listeners] [mix] [--seeds N]
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from bandmate_plugins._engines.sketch import library
from bandmate_plugins.testing import TaskResult
from tests.material.sketch_bands import (
    CADENCING,
    band,
    cadencing,
    mix_of,
    mono,
    undrummed,
    whole,
)
from tests.metrics import sketch_audio as measure
from tests.metrics.sketch_scores import keys, onset_errors, struck_ms

GENRES = tuple(sorted(name for name, genre in library.genres().items() if not genre.base))


def onsets(seeds: Sequence[int]) -> Iterator[str]:
    """Drums: the audio's onsets against the score."""
    yield f"Bias {measure.bias() / measure.RATE * 1e3:.2f} ms, spread {measure.click_spread_ms():.2f} ms."
    yield "| genre | swing | hits | found | median ms | 95 % within ms | within 1 ms |"
    for genre in GENRES:
        late, wanted = onset_errors(genre, seeds)
        spread = np.percentile(np.abs(late), 95)
        yield (
            f"| {genre} | {library.genres()[genre].swing:g} | {wanted} | {len(late) / max(wanted, 1):.0%} "
            f"| {np.median(late):.2f} | {spread:.2f} | {np.mean(np.abs(late) < 1):.0%} |"
        )


def struck(seeds: Sequence[int]) -> Iterator[str]:
    """Drums alone, which nothing masks; without those that swell, and claps, which are several bursts."""
    yield "| kit | drums | latest, ms | drums beyond 1 ms |"
    for kit, one in library.kits().items():
        quick = [name for name, drum in one.drums.items() if not drum.noise_attack and drum.bursts == 1]
        worst = {name: float(np.abs(struck_ms(kit, name)).max()) for name in quick}
        beyond = ", ".join(f"{name} {late:.1f}" for name, late in worst.items() if late > 1) or "none"
        yield f"| {kit} | {len(quick)} | {max(worst.values()):.2f} | {beyond} |"


def attacks(seeds: Sequence[int]) -> Iterator[str]:
    """Pitched instruments: where their notes begin to rise, against the score."""
    found: dict[str, list[float]] = defaultdict(list)
    for genre in GENRES:
        for seed in seeds:
            result = band(genre, seed)
            for stem, name in zip(result.stems, result.report["instruments"], strict=True):
                if stem.role != "drums" and stem.notes:
                    found[name].extend(measure.attacks_ms(mono(stem), stem.notes))
    yield "| instrument | attack in its file, ms | notes | median ms | 90 % lie within ms |"
    for name, values in sorted(found.items()):
        if len(values) >= 4:
            low, middle, high = np.percentile(values, [5, 50, 95])
            written = library.instruments()[name].sound.attack * 1e3
            yield f"| {name} | {written:g} | {len(values)} | {middle:.1f} | {high - low:.1f} |"


def classes(seeds: Sequence[int]) -> Iterator[str]:
    """Pitched stems: librosa's loudest pitch classes of each half bar against the score's."""
    found: dict[str, list[float]] = defaultdict(list)
    for genre in GENRES:
        for seed in seeds:
            result = band(genre, seed)
            low, high = library.genres()[genre].tempo
            half_bar = round(120 / ((low + high) / 2) * measure.RATE)
            for stem, name in zip(result.stems, result.report["instruments"], strict=True):
                if stem.role != "drums" and stem.notes:
                    found[name].extend(measure.heard_classes(mono(stem), stem.notes, half_bar))
    yield "| instrument | half bars | pitch classes as written |"
    for name, values in sorted(found.items()):
        yield f"| {name} | {len(values)} | {np.mean(values):.0%} |"


_CONFUSIONS = {1.0: "right", 0.5: "fifth", 0.3: "relative", 0.2: "parallel", 0.0: "other"}


def confused(scores: Sequence[float]) -> str:
    """How many keys were right, and what the others were taken for."""
    kinds = Counter(_CONFUSIONS[round(score, 1)] for score in scores)
    return ", ".join(f"{name} {kinds[name]}" for name in _CONFUSIONS.values() if kinds[name])


def key(seeds: Sequence[int]) -> Iterator[str]:
    """Keys heard in the whole mix of pieces that cadence, drums included."""
    rows = keys(seeds)
    yield "| genre | pieces | score | heard as |"
    for genre in (*CADENCING, "all"):
        scores = [row[3] for row in rows if genre in (row[0], "all")]
        yield f"| {genre} | {len(scores)} | {np.mean(scores):.2f} | {confused(scores)} |"


def listeners(seeds: Sequence[int]) -> Iterator[str]:
    """The same pieces by other ways of listening; Essentia's where it is installed."""
    ways: dict[str, Callable[[TaskResult], str]] = {
        "librosa, whole mix": lambda result: measure.heard_key(whole(result)),
        "librosa, harmonic part, margin 3": lambda result: measure.heard_key(whole(result), 3.0),
        "librosa, without drums": lambda result: measure.heard_key(undrummed(result)),
    }
    if measure.essentia() is not None:
        ways["Essentia edma, whole mix"] = lambda result: measure.essentia_key(whole(result), "edma")
        ways["Essentia bgate, whole mix"] = lambda result: measure.essentia_key(whole(result), "bgate")
    found: dict[str, list[float]] = defaultdict(list)
    for _, true, result in cadencing(seeds):
        for name, way in ways.items():
            found[name].append(measure.key_score(true, way(result)))
    yield "| by | pieces | score | heard as |"
    for name, scores in found.items():
        yield f"| {name} | {len(scores)} | {np.mean(scores):.2f} | {confused(scores)} |"


def mix(seeds: Sequence[int]) -> Iterator[str]:
    """Level, peak, DC, mono sum and bends of every genre's mix."""
    yield "| genre | LUFS | dBTP | DC, dBFS | mono sum, LU | sharpest bend |"
    for genre in GENRES:
        rows = [_mix_row(band(genre, seed, 20.0)) for seed in seeds]
        worst = [max(column, key=abs) for column in zip(*rows, strict=True)]
        lufs = max((row[0] for row in rows), key=lambda level: abs(level + 16))
        peak = max(row[1] for row in rows)
        offset = max(row[2] for row in rows)
        yield f"| {genre} | {lufs:.1f} | {peak:.2f} | {offset:.0f} | {worst[3]:.1f} | {worst[4]:.0f} |"


def _mix_row(result: TaskResult) -> tuple[float, float, float, float, float]:
    total = mix_of(result)
    lufs = measure.loudness_lufs(total)
    middle = np.repeat(total.mean(axis=1, keepdims=True), 2, axis=1)
    offset = 20 * np.log10(max(float(np.abs(total.mean(axis=0)).max()), 1e-9))
    pitched = [stem for stem in result.stems if stem.role != "drums" and stem.notes]
    bends = [measure.steepest(mono(stem), stem.notes) for stem in pitched]
    return (
        lufs,
        measure.true_peak_dbtp(total),
        offset,
        measure.loudness_lufs(middle) - lufs,
        max(bends, default=0.0),
    )


SECTIONS: dict[str, Callable[[Sequence[int]], Iterator[str]]] = {
    "onsets": onsets,
    "struck": struck,
    "attacks": attacks,
    "classes": classes,
    "key": key,
    "listeners": listeners,
    "mix": mix,
}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help=f"of {', '.join(SECTIONS)}; all when left out")
    parser.add_argument("--seeds", type=int, default=3, help="pieces of each genre")
    arguments = parser.parse_args()
    for name, section in SECTIONS.items():
        if not arguments.only or name in arguments.only:
            print(f"\n{name}: {section.__doc__}")
            for line in section(range(1, arguments.seeds + 1)):
                print(line, flush=True)


if __name__ == "__main__":
    main()
