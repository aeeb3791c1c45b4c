"""Reads `irealbook://` links, the form in which iReal Pro takes charts from elsewhere.

Its developers describe it at https://www.irealpro.com/ireal-pro-custom-chord-chart-protocol. What the application
exports begins with `irealb://` and is scrambled in a way that they do not publish, so that it is refused. Repeats and
endings are played; D.C., D.S. and Coda are not.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from bandmate_plugins._theory.chart_bars import MAX_BARS, ChartBar
from bandmate_plugins._theory.chart_errors import chart_error

_LINK = re.compile(r"irealbook://(.*)", re.DOTALL)
_SCRAMBLED = re.compile(r"irealb://")
_FIELDS = 6
"""Title, composer, style, key, `n`, and the chords."""
_TOKEN = re.compile(
    r"(?P<skip>T\d\d|\*[A-Za-z]|<[^>]*>|\([^)]*\)|[SQUfYsl,\s])|(?P<ending>N\d)|(?P<open>\{)|(?P<close>\})"
    r"|(?P<bar>[|\[\]Z])|(?P<repeat>x)|(?P<repeat_two>r)|(?P<silent>n)|(?P<hold>p|W(?:/[A-G][b#]?)?)"
    r"|(?P<chord>[A-G][b#]?(?:\*[^*]*\*|sus|alt|add|[\^+oh0-9#b-])*(?:/[A-G][b#]?)?)|(?P<other>.)"
)


def is_ireal(text: str) -> bool:
    """Whether a text is a link of iReal Pro."""
    return bool(_LINK.match(text.strip()) or _SCRAMBLED.match(text.strip()))


def read_ireal_book(text: str) -> tuple[tuple[ChartBar, ...], str | None]:
    """The bars of a link's first song, and its key. Raises RequestError (`bad_params`)."""
    link = _LINK.match(text.strip())
    if link is None:
        raise chart_error(
            "Links that begin with irealb:// are scrambled and cannot be read.",
            "Write the chords as text, such as | Dm7 | G7 | Cmaj7 | % |, or as an irealbook:// link.",
        )
    fields = unquote(link[1]).split("=")
    if len(fields) < _FIELDS:
        raise chart_error(
            "The irealbook:// link is incomplete.",
            "It has a title, composer, style, key, n and the chords, with = between them.",
        )
    song = _IRealSong()
    for found in _TOKEN.finditer(fields[_FIELDS - 1]):
        song.read_token(str(found.lastgroup), found[0])
    song.end_bar()
    key = fields[3].replace("-", " minor").strip()
    return tuple(song.bars), key or None


class _IRealSong:
    """Takes the tokens of a progression."""

    def __init__(self) -> None:
        self.bars: list[ChartBar] = []
        self._cells: list[str | None] = []
        self._begins = 0
        """Where the passage begins that a repeat sign would play again."""
        self._ending: int | None = None
        """Where its first ending begins."""

    def read_token(self, kind: str, text: str) -> None:
        """Takes one token. Raises RequestError (`bad_params`) for what has no meaning."""
        if kind == "chord":
            self._cells.append(re.sub(r"\*([^*]*)\*", r"\1", text))
        elif kind == "silent":
            self._cells.append("N.C.")
        elif kind == "hold":
            self._cells.append(None)
        elif kind == "bar":
            self.end_bar()
        elif kind in ("repeat", "repeat_two"):
            self._repeat_bars(1 if kind == "repeat" else 2)
        elif kind in ("open", "close", "ending"):
            self.end_bar()
            self._mark_repeat(kind, text)
        elif kind == "other":
            raise chart_error("{text} has no meaning in an irealbook:// link.", "Remove it.", text=repr(text))

    def end_bar(self) -> None:
        """The end of a bar."""
        if self._cells:
            self._add([tuple(self._cells)])
            self._cells = []

    def _repeat_bars(self, count: int) -> None:
        self.end_bar()
        if len(self.bars) < count:
            raise chart_error("The chart repeats bars before its first.", "Write the chords first.")
        self._add(self.bars[-count:])

    def _mark_repeat(self, kind: str, text: str) -> None:
        if kind == "open":
            self._begins, self._ending = len(self.bars), None
        elif kind == "ending":
            if text == "N1":
                self._ending = len(self.bars)
        else:
            self._add(self.bars[self._begins : self._ending])

    def _add(self, bars: list[ChartBar]) -> None:
        if len(self.bars) + len(bars) > MAX_BARS:
            raise chart_error("The chord chart has more than {most} bars.", "Shorten it.", most=MAX_BARS)
        self.bars += bars
