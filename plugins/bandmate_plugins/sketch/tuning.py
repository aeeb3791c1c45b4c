"""Tunes the drums of a kit to the key, as drummers and producers do, so that they sound with the band."""

from __future__ import annotations

import math
from functools import lru_cache

from msgspec.structs import replace

from bandmate_plugins.sketch.data import Kit
from bandmate_plugins.sketch.sounds import Drum
from bandmate_plugins.sketch.theory import Key

_DEEP = frozenset({"kick", "surdo"})
"""They sound the tonic or its fifth; other drums the third too."""
_AUDIBLE = 0.3
"""The level of a tone from which on its pitch is heard."""
_LEFT = frozenset({"snare", "brush", "rim"})
"""Heard as noise, and on every other beat: a snare in tune would stand in every chord."""


def tuned(kit: Kit, key: Key) -> Kit:
    """The kit with the tones of its drums at the nearest note of the key's triad, at most 3.5 semitones away."""
    return replace(kit, drums={name: _drum(name, drum, key) for name, drum in kit.drums.items()})


@lru_cache(maxsize=2_048)
def _drum(name: str, drum: Drum, key: Key) -> Drum:
    if drum.tone < _AUDIBLE or name in _LEFT:
        return drum
    third = 3 if key.minor else 4
    wanted = (0, 7) if name in _DEEP else (0, third, 7)
    pitch = 69 + 12 * math.log2(drum.hz / 440)
    steps = [(key.tonic + step - pitch + 6) % 12 - 6 for step in wanted]
    ratio = 2 ** (min(steps, key=abs) / 12)
    modes = tuple((hertz * ratio, level, seconds) for hertz, level, seconds in drum.modes)
    return replace(drum, hz=drum.hz * ratio, sweep_hz=drum.sweep_hz * ratio, modes=modes)
