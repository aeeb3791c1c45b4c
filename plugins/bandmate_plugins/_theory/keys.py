"""Keys as numbers: pitch classes from 0 (C) to 11 (B)."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate_protocol.keys import read_key

MODES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
}
"""Semitones above the tonic."""

_SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLAT_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_MAJOR_WITH_FLATS = frozenset({1, 3, 5, 8, 10})


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic and a mode."""

    tonic: int
    mode: str = "major"

    @property
    def scale(self) -> tuple[int, ...]:
        """The seven pitch classes, from the tonic up."""
        return tuple((self.tonic + step) % 12 for step in MODES[self.mode])

    @property
    def is_minor(self) -> bool:
        """Whether the third above the tonic is minor."""
        return MODES[self.mode][2] == 3

    @property
    def name(self) -> str:
        """Such as `Bb minor` or `F# dorian`."""
        return f"{self.spell_pitch(self.tonic)} {self.mode}"

    def spell_pitch(self, pitch_class: int) -> str:
        """The name of a pitch class in this key."""
        major = (self.tonic - _RELATIVE[self.mode]) % 12
        names = _FLAT_NAMES if major in _MAJOR_WITH_FLATS else _SHARP_NAMES
        return names[pitch_class % 12]


_RELATIVE = {
    "major": 0, "dorian": 2, "phrygian": 4, "lydian": 5, "mixolydian": 7,
    "minor": 9, "locrian": 11, "harmonic minor": 9, "melodic minor": 9,
}  # fmt: skip


def parse_key(text: str) -> Key | None:
    """Reads `A minor`, `F# dorian`, `Bb`, `Am`; None when it is no key."""
    name = read_key(text)
    return Key(name.tonic, name.mode) if name else None
