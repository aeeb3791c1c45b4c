"""How loud a part will be, from its notes alone: the band is balanced before a sound is made.

`levels.json` holds the K-weighted energy of one note of every instrument and one hit of every drum, measured
from the sounds themselves by `python -m bandmate_plugins._engines.sketch.sound.levels`; a test fails when it
is out of date.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from scipy import signal

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.patches import DrumPatch
from bandmate_plugins._engines.sketch.sound.percussion import render_hit
from bandmate_plugins._engines.sketch.sound.sampler import release_body, velocity_gain
from bandmate_plugins._engines.sketch.sound.voices import render_body
from bandmate_plugins._listening.loudness import k_weighting
from bandmate_plugins._platform.arrays import FloatArray64

MEASURED_SECONDS = (0.08, 0.25, 0.8, 2.5)
_RATE = 48_000
_VELOCITY = 100
_RELEASE_POWER = 3 / 8
"""The mean power of a release, a raised cosine, next to a note that is held on."""


@lru_cache(maxsize=1)
def _measured_levels() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = json.loads(
        resources.files("bandmate_plugins._engines.sketch.sound").joinpath("levels.json").read_text("utf-8")
    )
    return table


def note_energy(instrument: str, pitch: int, seconds: float, velocity: int) -> float:
    """K-weighted energy (square seconds, both channels) of a note."""
    pitches, rows = _measured_levels()["instruments"][instrument]
    at = min(max(bisect_left(pitches, pitch), 1), len(pitches) - 1)
    part = min(max((pitch - pitches[at - 1]) / (pitches[at] - pitches[at - 1]), 0.0), 1.0)
    low, high = _interpolate_level(rows[at - 1], seconds), _interpolate_level(rows[at], seconds)
    return float(10 ** ((low + part * (high - low)) / 10) * _relative_power(velocity))


def note_growth(
    instrument: str,
    pitch: int,
    velocity: int,
    seconds: float,
    ends: FloatArray64,
    *,
    sustained: bool = False,
) -> FloatArray64:
    """The energy that a note held for so long has given by each of some times after its start.

    `sustained`: it grows beyond the longest note that was measured, as it did before.
    """
    pitches, rows = _measured_levels()["instruments"][instrument]
    row = rows[min(range(len(pitches)), key=lambda at: abs(pitches[at] - pitch))]
    # What was measured holds the release too, which must not count before the note is let go.
    release = release_seconds(instrument)
    after = np.clip(ends - seconds, 0, release) * _RELEASE_POWER
    marks = np.log(np.array(MEASURED_SECONDS) + release * _RELEASE_POWER)
    places = np.log(np.maximum(np.minimum(ends, seconds) + after, 0.005))
    # Before the first mark the energy grows with the time.
    decibels = np.interp(places, marks, row) + np.minimum(places - marks[0], 0) * (10 / math.log(10))
    if sustained:
        slope = (row[-1] - row[-2]) / (marks[-1] - marks[-2])
        decibels = decibels + np.maximum(places - marks[-1], 0) * min(max(slope, 0.0), 10 / math.log(10))
    return np.asarray(10 ** (decibels / 10) * _relative_power(velocity), dtype=np.float64)


def release_seconds(instrument: str) -> float:
    """How long a note sounds after it is let go."""
    return library.instruments()[instrument].sound.release


def hit_energy(kit: str, drum: str, velocity: int) -> float:
    """K-weighted energy (square seconds, both channels) of a hit."""
    return float(10 ** (_measured_levels()["kits"][kit][drum] / 10) * _relative_power(velocity))


def measure_all() -> dict[str, dict[str, Any]]:
    """Measures every instrument and kit anew."""
    return {
        "instruments": {name: _measure_instrument(one) for name, one in library.instruments().items()},
        "kits": {
            name: {drum: _measure_drum(sound) for drum, sound in sorted(kit.drums.items())}
            for name, kit in library.kits().items()
        },
    }


def _relative_power(velocity: int) -> float:
    return (velocity_gain(velocity) / velocity_gain(_VELOCITY)) ** 2


def _interpolate_level(row: list[float], seconds: float) -> float:
    """Decibels at a length, straight over its logarithm, and on beyond the longest."""
    place = math.log(max(seconds, 0.02))
    marks = [math.log(mark) for mark in MEASURED_SECONDS]
    at = min(max(bisect_left(marks, place), 1), len(marks) - 1)
    part = (place - marks[at - 1]) / (marks[at] - marks[at - 1])
    return row[at - 1] + part * (row[at] - row[at - 1])


def _measure_instrument(instrument: library.Instrument) -> list[Any]:
    middle = (instrument.low + instrument.high) // 2
    pitches = [
        instrument.low,
        (instrument.low + middle) // 2,
        middle,
        (middle + instrument.high) // 2,
        instrument.high,
    ]
    return [
        pitches,
        [[_measure_note(instrument, pitch, seconds) for seconds in MEASURED_SECONDS] for pitch in pitches],
    ]


def _measure_note(instrument: library.Instrument, pitch: int, seconds: float) -> float:
    frames = round((seconds + instrument.sound.release) * _RATE)
    samples = render_body(instrument.sound, _RATE, pitch, _VELOCITY / 127, frames, 0)
    return _energy_decibels(
        release_body(samples, round(seconds * _RATE), instrument.sound.release, _RATE)
        * velocity_gain(_VELOCITY)
    )


def _measure_drum(drum: DrumPatch) -> float:
    return _energy_decibels(render_hit(drum, _RATE, _VELOCITY / 127, 0) * velocity_gain(_VELOCITY))


def _energy_decibels(samples: Any) -> float:
    """Mono is panned with equal power, so its energy is that of one channel."""
    weighted = signal.sosfilt(k_weighting(_RATE), samples.astype(np.float64), axis=0)
    return round(10 * math.log10(max(float(np.square(weighted).sum()) / _RATE, 1e-12)), 2)


if __name__ == "__main__":
    target = Path(__file__).with_name("levels.json")
    target.write_text(
        json.dumps(measure_all(), indent=0, sort_keys=True) + "\n", encoding="utf-8", newline="\n"
    )
