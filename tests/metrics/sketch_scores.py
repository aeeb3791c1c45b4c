"""How late the drums of `sketch` are detected, and which keys its pieces are found in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_NAMES
from bandmate_plugins._engines.sketch.sound import sampler
from bandmate_plugins._engines.sketch.sound.percussion import render_hit
from tests.material.sketch_bands import (
    MODES,
    band,
    cadencing,
    mono,
    whole,
)
from tests.metrics import sketch_audio as measure


def slow_drums(kit: str) -> frozenset[int]:
    """The notes of drums that swell, such as a shaker's."""
    drums = library.kits()[kit].drums
    return frozenset(
        pitch for pitch, name in DRUM_NAMES.items() if name in drums and drums[name].noise_attack
    )


def onset_errors(genre: str, seeds: Sequence[int]) -> tuple[Any, int]:
    """How late the drums of a genre are heard, in ms, and how many were listened for."""
    late, wanted = [], 0
    for seed in seeds:
        drums = band(genre, seed).stem("drums")
        found, looked = measure.late_ms(
            mono(drums), drums.notes, slow_drums(library.genres()[genre].drums.kit)
        )
        late.append(found)
        wanted += looked
    return np.concatenate(late), wanted


def struck_ms(kit: str, name: str, velocities: Sequence[int] = (36, 70, 106)) -> measure.Errors:
    """How late strokes of one drum are heard with nothing else around, all of its variants, in ms."""
    drum = library.kits()[kit].drums[name]
    apart = round((drum.seconds + 0.3) * measure.RATE)
    places = 9_600 + np.arange(3 * len(velocities)) * (apart + 7)
    audio = np.random.default_rng(1).normal(0, 1e-5, int(places[-1]) + apart).astype(np.float32)
    for number, place in enumerate(places.tolist()):
        velocity = velocities[number // 3]
        layer = sampler.layer_velocity(sampler.velocity_layer(velocity))
        made = render_hit(drum, measure.RATE, layer, number % 3)[:, 0] * np.float32(
            sampler.velocity_gain(velocity)
        )
        audio[place : place + len(made)] += made
    found = measure.detected(audio) - measure.bias()
    nearest = np.array([found[np.argmin(np.abs(found - place))] - place for place in places])
    return np.asarray(nearest / measure.RATE * 1_000)


def keys(seeds: Sequence[int], modes: Sequence[str] = MODES) -> list[tuple[str, str, str, float]]:
    """Genre, the key that was played, the key that was heard in the whole mix, and MIREX's score."""
    found = []
    for genre, true, result in cadencing(seeds, modes):
        heard = measure.heard_key(whole(result))
        found.append((genre, true, heard, measure.key_score(true, heard)))
    return found
