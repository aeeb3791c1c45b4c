"""How a single drum is described: a part of its own, or an addition to a kit."""

from __future__ import annotations

import msgspec


class SingleDrum(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One drum that a prompt can name: an entry of `single_drums.toml`, which explains the fields."""

    title: str
    """The name of its stem."""
    words: tuple[str, ...]
    role: str = "percussion"
    lines: dict[str, str]
    """Patterns by the drums of a kit; those of an `instrument` by `root`, `fifth` and `octave`."""
    family: tuple[str, ...] = ()
    rules_out: tuple[str, ...] = ()
    sounds: dict[str, str] = {}
    kit: str = ""
    """The kit that it is always taken from, if not from the style's."""
    in_kit: bool = False
    replaces: tuple[str, ...] = ()
    place: str = ""
    """Where it is always played, as a prompt would say it."""
    instrument: str = ""
    """The pitched instrument that plays it."""
    register: int = 48
    """The MIDI note that the instrument plays around."""
    follows_chords: bool = False
    level: float = 0.0
    """LU relative to a whole kit."""
    every: int = 1
    """Measures."""
    swells: bool = False
    """Whether it leads to the end of a measure instead of starting one."""

    @property
    def drums(self) -> tuple[str, ...]:
        """All drums of a kit that count as it."""
        return self.family or (() if self.instrument else tuple(self.lines))

    @property
    def ruled_out(self) -> tuple[str, ...]:
        """The drums of a kit that are left out where a prompt does not want it."""
        return self.rules_out or self.drums

    @property
    def main_line(self) -> str:
        """The line that a place moves."""
        return next(iter(self.lines))
