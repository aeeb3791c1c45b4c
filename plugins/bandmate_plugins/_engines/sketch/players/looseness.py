"""How far from the grid a player comes in, if the prompt wants it loose: always the same for the same seed."""

from __future__ import annotations

import hashlib
import math
import struct

from bandmate_plugins._engines.sketch.players.chart import NoteEvent

_TOGETHER, _ALONE = 0.5, math.sqrt(1 - 0.5**2)
"""How much of it all players share, for they follow each other, and how much is each one's own."""
_MOST = 2.2
"""Standard deviations."""
_TICKS = 960


def offset_ms(event: NoteEvent, loose_ms: float, seed: int, part: str) -> float:
    """How late a note comes, in milliseconds with a standard deviation of `loose_ms`; early below zero.

    It depends on the note's place alone: what a player plays at once comes at once, and what is played again comes as
    it did.
    """
    if not loose_ms:
        return 0.0
    tick = round(event.start * _TICKS)
    shared, own = _deviate(seed, tick), _deviate(seed, tick, part)
    return loose_ms * min(max(_TOGETHER * shared + _ALONE * own, -_MOST), _MOST)


def _deviate(*where: int | str) -> float:
    """A number from a nearly normal distribution of mean 0 and deviation 1: the sum of four even ones."""
    digest = hashlib.blake2b(repr(where).encode(), digest_size=8).digest()
    return float((sum(struct.unpack("<4H", digest)) / 65_535 - 2) * math.sqrt(3))
