"""Reads a chord chart in plain text into bars: `| Am | F G | % |`, `Am F C G x2`, `(Am F) x2 C G`.

Without `|` in a line, every chord is a bar. With it, the chords between two of them share a bar; but where there are
at least three chords on either side and no `|` around them (`Am F C G | Dm G C`), it parts phrases. `%` repeats the
bar before, `/` and `.` go on with a chord for one more share of the bar, `x2` repeats the line or phrase so far or the
group before it, and `|: :|` encloses what is played twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from bandmate_plugins._theory.chart_errors import chart_error

ChartBar = tuple[str | None, ...]
"""The symbols that share a bar evenly, as they were written; None goes on with the one before."""
MAX_BARS: Final = 4096
"""Bars of a chart, repeats counted."""

_LABEL = re.compile(r"^\s*[^\W\d_][\w '.-]*:(?=\s|$)")
_BETWEEN = re.compile(r"->|=>|[→>;,]|(?<=\s)[-\u2013\u2014](?=\s)")
_IN_BRACKETS = re.compile(r"(?<=[^\s(|])\([^()]*\)")
"""What belongs to a chord, as in `C7(b9, #11)`."""
_GLUED = re.compile(r"(?<=[^\s(|])[-\u2013\u2014](?=[A-G]|[b#♭♯]?[IViv]+\b)")
_CHORDS = re.compile(r"(?<![^\s(])(?![x\u00d7*]\s?\d+\b)[^\s()|%]+")
_PHRASE_CHORDS = 3
_LAST_TIMES = re.compile(r"(?P<chord>[^\s()|%]+)\s+[x\u00d7*]\s?(?P<times>[1-9]\d?)\s*$")
_TOKEN = re.compile(
    r"(?P<open>\|:)|(?P<close>:\|)|(?P<bar>\|\||\|)|(?P<times>[x\u00d7*]\s?\d+|\d+x)(?![^\s|)])"
    r"|(?P<begin>\()|(?P<end>\))|(?P<repeat>%)|(?P<hold>[/.])(?![^\s|)])|(?P<chord>(?:[^\s|()%:]|:(?!\|)|\([^()\s]*\))+)"
    r"|(?P<other>[^\s])"
)


@dataclass
class _BarGroup:
    """Bars that a repeat may take in."""

    mark: str = ""
    """What opened it: `(`, `|:`, or nothing for the chart itself."""
    bars: list[ChartBar] = field(default_factory=list)
    repeatable: int = 0
    """The first bar that an `x2` would repeat."""
    line: int = 0
    """The first bar of the line before, which an `x2` on a line of its own repeats."""


def read_bars(text: str) -> tuple[ChartBar, ...]:
    """The bars of a chart, with symbols as they were written. Raises RequestError (`bad_params`)."""
    reader = _BarReader()
    for line in text.splitlines():
        for phrase in _split_phrases(_LABEL.sub(" ", line)):
            reader.read_line(phrase)
    return reader.finish()


def _split_phrases(line: str) -> list[str]:
    """A line in phrases where its `|` part phrases, not bars: nobody writes bars of three chords without outer `|`."""
    parts = line.split("|")
    inner = all(part.strip() for part in parts) and not re.search(r"\|:|:\||[/.%](?![^\s|])", line)
    if inner and len(parts) > 1 and all(len(_CHORDS.findall(part)) >= _PHRASE_CHORDS for part in parts):
        bars = len(_CHORDS.findall(parts[0]))
        return [_fill_phrase(part, bars) for part in parts]
    return [line]


def _fill_phrase(phrase: str, bars: int) -> str:
    """A phrase whose `x2` stands for more bars of its last chord, where that makes it as long as the first."""
    found = _LAST_TIMES.search(phrase)
    if found is None or len(_CHORDS.findall(phrase)) + int(found["times"]) - 1 != bars:
        return phrase
    return phrase[: found.start()] + " ".join([found["chord"]] * int(found["times"]))


class _BarReader:
    """Takes lines; keeps the groups that are open."""

    def __init__(self) -> None:
        self._groups = [_BarGroup()]
        self._cells: list[str | None] = []
        self._barred = False
        self._closed: tuple[list[ChartBar], int] | None = None
        """The bars of a group that has just ended, which an `x2` would repeat, and how often they are there."""

    def read_line(self, line: str) -> None:
        """Reads one line, whose end is the end of a bar."""
        line = _IN_BRACKETS.sub(lambda found: re.sub(r"[\s,]", "", found[0]), line)
        line = _GLUED.sub(" ", _BETWEEN.sub(" ", line))
        self._barred = "|" in line
        self._closed = None
        group, before = self._groups[-1], ""
        if len(group.bars) > group.repeatable:
            group.line, group.repeatable = group.repeatable, len(group.bars)
        for found in _TOKEN.finditer(line):
            if found[0] == before == "|" and group.bars:
                self._repeat_bar()
            self._read_token(str(found.lastgroup), found[0])
            before = found[0]
        self._end_bar()

    def finish(self) -> tuple[ChartBar, ...]:
        """The bars."""
        if len(self._groups) > 1:
            mark = self._groups[-1].mark
            raise chart_error(
                "The chord chart opens {mark} and does not close it.",
                "Add {closing}.",
                mark=mark,
                closing=")" if mark == "(" else ":|",
            )
        return tuple(self._groups[0].bars)

    def _read_token(self, kind: str, text: str) -> None:
        closed, self._closed = self._closed, None
        if kind == "chord":
            self._add_cell(text)
        elif kind == "hold":
            self._hold(text)
        elif kind == "repeat":
            self._repeat()
        elif kind == "times":
            self._repeat_times(int(re.sub(r"\D", "", text)), closed)
        elif kind == "bar":
            self._end_bar()
        elif kind in ("begin", "open"):
            self._end_bar()
            self._groups.append(_BarGroup(text))
        elif kind in ("end", "close"):
            self._end_group("(" if kind == "end" else "|:")
        else:
            raise chart_error("{text} has no meaning in a chord chart.", "Remove it.", text=repr(text))

    def _add_cell(self, cell: str | None) -> None:
        self._cells.append(cell)
        if not self._barred:
            self._end_bar()

    def _hold(self, sign: str) -> None:
        if not self._barred:
            raise chart_error(
                "{sign} stands for a share of a bar, and the chart has no bar lines.",
                "Write bars, such as | Am / / F |. % repeats a whole bar.",
                sign=sign,
            )
        self._cells.append(None)

    def _repeat(self) -> None:
        if self._barred and self._cells:
            self._cells.append(None)
        else:
            self._repeat_bar()

    def _repeat_bar(self) -> None:
        before = next((group.bars[-1] for group in reversed(self._groups) if group.bars), None)
        if before is None:
            raise chart_error("The chord chart begins with %, which repeats a bar.", "Write a chord first.")
        self._add_bars([before])

    def _repeat_times(self, times: int, closed: tuple[list[ChartBar], int] | None) -> None:
        self._end_bar()
        group = self._groups[-1]
        if not 1 <= times <= MAX_BARS:
            raise chart_error("x{times} is no number of repeats.", "Use x2, x3 or x4.", times=times)
        if closed is not None:
            bars, played = closed
            self._add_bars(bars * (times - played))
        else:
            repeated = group.bars[group.repeatable :] or group.bars[group.line :]
            if not repeated:
                raise chart_error("x{times} has no chords before it.", "Write the chords first.", times=times)
            self._add_bars(repeated * (times - 1))
        group.repeatable = len(group.bars)

    def _end_bar(self) -> None:
        if self._cells:
            self._add_bars([tuple(self._cells)])
            self._cells = []

    def _end_group(self, mark: str) -> None:
        self._end_bar()
        closing = ")" if mark == "(" else ":|"
        if self._groups[-1].mark == mark:
            bars = self._groups.pop().bars
        elif mark == "|:" and len(self._groups) == 1:
            # The first repeat of a chart is often written without its beginning.
            group = self._groups[-1]
            bars = group.bars[group.repeatable :]
            del group.bars[group.repeatable :]
        else:
            raise chart_error("{closing} closes nothing.", "Remove it, or add {mark} before it.",
                              closing=closing, mark=mark)  # fmt: skip
        if not bars:
            raise chart_error("There is nothing between {mark} and {closing}.", "Write chords there.",
                              mark=mark, closing=closing)  # fmt: skip
        self._add_bars(bars if mark == "(" else bars * 2)
        self._closed = (bars, 1 if mark == "(" else 2)

    def _add_bars(self, bars: list[ChartBar]) -> None:
        held = self._groups[-1].bars
        if len(held) + len(bars) > MAX_BARS:
            raise chart_error("The chord chart has more than {most} bars.", "Shorten it.", most=MAX_BARS)
        held += bars
