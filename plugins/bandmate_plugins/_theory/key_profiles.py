"""How much of a key's music each pitch class has, and what keys are called.

The profiles are those of Albrecht and Shanahan, "The use of large corpora to train a new type of key-finding
algorithm" (2013), from the tonic up. Nothing here needs numpy.
"""

from __future__ import annotations

MAJOR_PROFILE = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
MINOR_PROFILE = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)

_MAJOR_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")


def key_name(tonic: int, *, minor: bool) -> str:
    """Such as `A minor`, from a pitch class of 0 (C) to 11."""
    return f"{_MINOR_NAMES[tonic]} minor" if minor else f"{_MAJOR_NAMES[tonic]} major"
