"""Reads links of iReal Pro: `irealbook://`, in which it takes charts from elsewhere, and `irealb://`, which it exports.

Its developers describe the first at https://www.irealpro.com/ireal-pro-custom-chord-chart-protocol. The second has the
same symbols, of which blocks are put in another order; that order is known from open readers such as pyRealParser
and ireal-reader. Repeats and endings are played; D.C., D.S. and Coda are not.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from bandmate_plugins._theory.chart_bars import MAX_BARS, ChartBar
from bandmate_plugins._theory.chart_errors import chart_error

_LINK = re.compile(r"irealb(?:ook)?://(.*)", re.DOTALL)
_SCRAMBLED = "1r34LbKcu7"
"""What comes before the chords of an exported song."""
_BLOCK = 50
_MIRRORED = (*range(5), *range(10, 24))
"""Places of a block that have changed with those as far from its end."""
_SHORT_FORMS = (("Kcl", "| x"), ("LZ", " |"), ("XyQ", "   "))
_PLAIN_FIELDS = 6
"""Title, composer, style, key, `n`, and the chords."""
_TOKEN = re.compile(
    r"(?P<skip>T\d\d|\*[A-Za-z]|<[^>]*>|\([^)]*\)|[SQUfYsl,\s])|(?P<ending>N\d)|(?P<open>\{)|(?P<close>\})"
    r"|(?P<bar>[|\[\]Z])|(?P<repeat>x)|(?P<repeat_two>r)|(?P<silent>n)|(?P<hold>p|W(?:/[A-G][b#]?)?)"
    r"|(?P<chord>[A-G][b#]?(?:\*[^*]*\*|sus|alt|add|[\^+oh0-9#b-])*(?:/[A-G][b#]?)?)|(?P<other>.)"
)


def is_ireal(text: str) -> bool:
    """Whether a text is a link of iReal Pro."""
    return _LINK.match(text.strip()) is not None


def read_ireal_link(text: str) -> tuple[tuple[ChartBar, ...], str | None]:
    """The bars of a link's first song, and its key. Raises RequestError (`bad_params`)."""
    link = _LINK.match(text.strip())
    fields = unquote(link[1]).split("=") if link else []
    place = next((at for at, one in enumerate(fields) if one.startswith(_SCRAMBLED)), _PLAIN_FIELDS - 1)
    if place >= len(fields) or place < 2:
        raise chart_error(
            "The link of iReal Pro is incomplete.",
            "An irealbook:// link has a title, composer, style, key, n and the chords, with = between them.",
        )
    chords = fields[place]
    if chords.startswith(_SCRAMBLED):
        chords = unscramble_chords(chords.removeprefix(_SCRAMBLED))
        for short, long in _SHORT_FORMS:
            chords = chords.replace(short, long)
    song = _IRealSong()
    for found in _TOKEN.finditer(chords):
        song.read_token(str(found.lastgroup), found[0])
    song.end_bar()
    key = fields[place - 2].replace("-", " minor").strip()
    return tuple(song.bars), key or None


def unscramble_chords(text: str) -> str:
    """The chords of an exported song in their order; applied twice, it gives the same text again."""
    blocks = [text[at : at + _BLOCK] for at in range(0, len(text), _BLOCK)]
    # The last block, and one before a rest of a single symbol, is as it was.
    fixed = len(blocks) - (2 if len(blocks) > 1 and len(blocks[-1]) < 2 else 1)
    return "".join(_mirrored(block) if at < fixed else block for at, block in enumerate(blocks))


def _mirrored(block: str) -> str:
    symbols = list(block)
    for at in _MIRRORED:
        symbols[at], symbols[-1 - at] = block[-1 - at], block[at]
    return "".join(symbols)


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
            raise chart_error("{text} has no meaning in a link of iReal Pro.", "Remove it.", text=repr(text))

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
