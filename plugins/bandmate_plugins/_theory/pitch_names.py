"""Names of the twelve pitch classes."""

from __future__ import annotations

from typing import Final

PITCH_NAMES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""From C upwards, each as it is spelt most often where no key says more."""
