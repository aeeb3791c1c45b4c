"""A chord chart: bars of chords, as letters, Roman numerals or Nashville numbers, without times.

`read_chord_chart` reads plain text, ChordPro, and the links of iReal Pro.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bandmate_plugins._theory.chart_bars import ChartBar, read_bars
from bandmate_plugins._theory.chart_errors import chart_error, unread_chord_error
from bandmate_plugins._theory.chart_symbols import NO_CHORD, is_degree, letter_symbol, plain_symbol
from bandmate_plugins._theory.chord_pro import is_chord_pro, read_chord_pro
from bandmate_plugins._theory.ireal_links import is_ireal, read_ireal_link
from bandmate_plugins._theory.keys import Key, parse_key

MAX_CHART_TEXT: Final = 20_000
"""Characters of a chart."""

_HEADING = re.compile(r"^\s*\[[^\]\n]*\]\s*$", re.MULTILINE)
"""The name of a section over a chart of bare symbols."""


@dataclass(frozen=True, slots=True)
class ChordChart:
    """Bars of chords; they go round until the music ends."""

    bars: tuple[ChartBar, ...]
    """Each has the symbols that share it evenly; None goes on with the chord before."""
    key: str | None = None
    """The key that the chart itself names, such as `G`."""

    @property
    def needs_key(self) -> bool:
        """Whether some chords are degrees of a key."""
        return any(is_degree(symbol) for bar in self.bars for symbol in bar if symbol)

    def letter_bars(self, key: Key | None) -> tuple[ChartBar, ...]:
        """The bars in letters. Raises RequestError (`bad_params`) for degrees without a key."""
        key = key or (parse_key(self.key) if self.key else None)
        return tuple(tuple(symbol and letter_symbol(symbol, key) for symbol in bar) for bar in self.bars)


def read_chord_chart(text: str) -> ChordChart:
    """Reads a chart.

    Raises RequestError (`bad_params`) that names the chord that cannot be read, or what else is wrong.
    """
    if len(text) > MAX_CHART_TEXT:
        raise chart_error(
            "The chord chart is too long.", "Shorten it to {most} characters.", most=MAX_CHART_TEXT
        )
    if is_ireal(text):
        bars, key = read_ireal_link(text)
    elif is_chord_pro(text):
        bars, key = read_chord_pro(text)
    else:
        bars, key = read_bars(_HEADING.sub("", text)), None
    plain = tuple(_plain_bar(bar, number) for number, bar in enumerate(bars, 1))
    if not any(symbol and symbol != NO_CHORD for bar in plain for symbol in bar):
        raise chart_error("The chord chart has no chords.", 'Write some, such as "Am F C G".')
    return ChordChart(plain, key)


def _plain_bar(bar: ChartBar, number: int) -> ChartBar:
    found: list[str | None] = []
    for written in bar:
        plain = plain_symbol(written) if written else None
        if written and plain is None:
            raise unread_chord_error(written, number)
        found.append(plain)
    return tuple(found)
