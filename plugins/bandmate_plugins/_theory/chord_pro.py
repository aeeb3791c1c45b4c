"""Reads chords from ChordPro: `[Am]word [F]word`, choruses, grids, key, capo and transposition.

The format is that of https://www.chordpro.org/chordpro/. Lyrics, comments, annotations (`[*softly]`), chord diagrams
and tablature have no chords of the song. Every chord is a bar, as ChordPro says nothing of bars outside of grids.
"""

from __future__ import annotations

import re

from bandmate_plugins._theory.chart_bars import ChartBar, read_bars
from bandmate_plugins._theory.chart_symbols import plain_symbol, transpose_symbol

_BRACKETS = re.compile(r"\[([^\[\]\n]*)\]")
_DIRECTIVE = re.compile(r"^\s*\{\s*([A-Za-z_]+)(?:-\w+)?\s*(?:[:\s]\s*([^}]*))?\}\s*$")
_CHORUS = ("start_of_chorus", "soc")
_GRID = ("start_of_grid", "sog")
_WITHOUT_CHORDS = re.compile(r"start_of_(?:tab|abc|ly|svg|textblock)|sot")
_MARGIN_LABEL = re.compile(r"^[^|]*(?=\|)|(?<=\|)[^|]*$")


def is_chord_pro(text: str) -> bool:
    """Whether a text has chords in square brackets, or directives, rather than bare symbols."""
    lines = [line for line in text.splitlines() if line.strip()]
    if any(_DIRECTIVE.match(line) for line in lines):
        return True
    chorded = [line for line in lines if any(plain_symbol(found) for found in _BRACKETS.findall(line))]
    alone = all(_BRACKETS.fullmatch(line.strip()) for line in chorded)
    # A name in brackets on a line of its own may be a heading, such as [A], over a chart of bare symbols.
    return bool(chorded) and (not alone or len(chorded) == len(lines))


def read_chord_pro(text: str) -> tuple[tuple[ChartBar, ...], str | None]:
    """The bars, and the key that the song names. Raises RequestError (`bad_params`)."""
    song = _ChordProSong()
    for line in text.splitlines():
        song.read_line(line)
    bars = read_bars("\n".join(song.lines))
    shift = song.semitones % 12
    if shift:
        bars = tuple(tuple(cell and transpose_symbol(cell, shift) for cell in bar) for bar in bars)
    return bars, transpose_symbol(song.key, shift) if song.key and shift else song.key


class _ChordProSong:
    """Turns a song's lines into lines of a plain chart."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.key: str | None = None
        self.semitones = 0
        """From the chords that are written to those that sound."""
        self._section = ""
        self._chorus: list[str] = []

    def read_line(self, line: str) -> None:
        """Reads one line."""
        if line.lstrip().startswith("#"):
            return
        directive = _DIRECTIVE.match(line)
        if directive:
            self._follow(directive[1].lower(), (directive[2] or "").strip())
        elif self._section == "grid":
            # `|.` is the end of a grid.
            self._add(_MARGIN_LABEL.sub("", line.replace("|.", "|")))
        elif self._section != "none":
            self._add(" ".join(found for found in _BRACKETS.findall(line) if not found.startswith("*")))

    def _add(self, line: str) -> None:
        self.lines.append(line)
        if self._section == "chorus":
            self._chorus.append(line)

    def _follow(self, name: str, value: str) -> None:
        if name == "meta":
            name, _, value = value.partition(" ")
        if name in _CHORUS:
            self._section, self._chorus = "chorus", []
        elif name in _GRID:
            self._section = "grid"
        elif _WITHOUT_CHORDS.fullmatch(name):
            self._section = "none"
        elif name.startswith(("end_of", "eo")):
            self._section = ""
        elif name == "chorus":
            self.lines += self._chorus
        elif name == "key" and self.key is None:
            self.key = value or None
        elif name in ("capo", "transpose") and re.fullmatch(r"[+-]?\d{1,2}", value):
            self.semitones += int(value)
