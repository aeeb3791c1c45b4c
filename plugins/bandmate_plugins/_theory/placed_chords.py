"""A chord chart in time: its bars on the bars of a tempo map, and chords as a musician reads them, bar by bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice, pairwise

import msgspec

from bandmate_plugins._theory.chart_bars import ChartBar
from bandmate_plugins._theory.chart_symbols import NO_CHORD
from bandmate_plugins._theory.chord_chart import MAX_CHART_TEXT, read_chord_chart
from bandmate_plugins._theory.keys import parse_key
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_protocol.messages import ChordMark, Timeline
from bandmate_protocol.tempo import Bar, nearest_frame
from bandmate_protocol.texts import say

MAX_REPORTED_BARS = 256
_MAX_NAMED_BARS = 32
_NO_CHORD_TEXT = "N.C."
_SHARES_OF_A_BEAT = (1, 2, 3, 4, 6, 8, 12)
_CLOSE_BEATS = 1 / 32
"""How far a share of a bar may lie from a chord that is written on it."""
BarChords = tuple[int, tuple[str, ...]]
"""A bar's number, and the symbols that sound in it."""


def place_chart(bars: Sequence[ChartBar], music: MusicalRange) -> tuple[ChordMark, ...]:
    """Marks for a chart in letters that goes round, its first bar on the bar in which the range begins.

    Chords that share a bar change on its beats, in compound metres on the dotted ones; the first ones last
    longer where the beats do not divide evenly. More chords than beats divide the bar evenly.
    """
    marks: list[ChordMark] = []
    for number, bar in enumerate(music.tempo.bars(music.start_frame, music.end_frame)):
        cells = bars[number % len(bars)]
        for symbol, beat in zip(cells, _cell_beats(len(cells), bar, music), strict=True):
            if symbol is None or (marks and marks[-1].symbol == symbol):
                continue
            position = max(nearest_frame(music.tempo.position_of(bar.number, beat)), 0)
            if position < music.end_frame:
                marks.append(ChordMark(position=position, symbol=symbol))
    return tuple(_from_start(marks, music.start_frame))


def place_given_chart(chords: str, timeline: Timeline) -> Timeline:
    """A timeline with the chords of a chart in place of its own, and the chart's key if it has none.

    Raises RequestError (`bad_params`) for a chart that cannot be read, and for degrees without a key.
    """
    if not chords.strip():
        return timeline
    chart = read_chord_chart(chords)
    key = parse_key(timeline.key or chart.key or "")
    marks = place_chart(chart.letter_bars(key), MusicalRange.from_timeline(timeline))
    return msgspec.structs.replace(timeline, chords=marks, key=timeline.key or (key.name if key else None))


def chart_text(music: MusicalRange, end_frame: float) -> str:
    """The chart by which `place_chart` puts the chords of a range where they are; empty where it has none.

    It has the bars up to `end_frame`, and goes round from there. A chord that is on no share of a beat is moved to the
    nearest one. What is longer than any chart may be is cut.
    """
    marks = sorted(music.timeline.chords, key=lambda mark: mark.position)
    texts: list[str] = []
    held, alone = NO_CHORD, False
    end = min(end_frame, music.end_frame)
    for bar in islice(music.tempo.bars(music.start_frame, end), MAX_CHART_TEXT if marks else 0):
        inside = [mark for mark in marks if bar.start - 0.5 <= mark.position < bar.end - 0.5]
        cells = _chart_cells(inside, bar, music)
        if not inside:
            texts.append("%" if alone else _chart_symbol(held))
            alone = True
            continue
        cells[0] = cells[0] or (_chart_symbol(held) if not texts else ".")
        texts.append(" ".join(cell or "." for cell in cells))
        held, alone = inside[-1].symbol, len(cells) == 1
    return f"| {' | '.join(texts)} |" if texts else ""


def _chart_symbol(symbol: str) -> str:
    return _NO_CHORD_TEXT if symbol == NO_CHORD else symbol


def _chart_cells(inside: Sequence[ChordMark], bar: Bar, music: MusicalRange) -> list[str]:
    """The fewest shares of a bar on which its chords lie, each with its symbol or nothing."""
    size = 4 / bar.denominator
    first = music.tempo.quarters_at(bar.start)
    places = [(music.tempo.quarters_at(mark.position) - first) / size for mark in inside]
    counts = [*range(1, bar.numerator), *(bar.numerator * shares for shares in _SHARES_OF_A_BEAT)]
    found: list[str] = []
    for count in counts:
        edges = _cell_beats(count, bar, music)
        nearest = [min(range(count), key=lambda cell: abs(edges[cell] - place)) for place in places]
        found = [""] * count
        for cell, mark in zip(nearest, inside, strict=True):
            found[cell] = _chart_symbol(mark.symbol)
        off = max(
            (abs(edges[cell] - place) for cell, place in zip(nearest, places, strict=True)), default=0.0
        )
        if off <= _CLOSE_BEATS and len(set(nearest)) == len(nearest):
            break
    return found


def bar_chords(music: MusicalRange) -> list[BarChords]:
    """The chords of the range's timeline in each of its bars, the one that is held into it first."""
    marks = sorted(music.timeline.chords, key=lambda mark: mark.position)
    if not marks:
        return []
    found: list[BarChords] = []
    for bar in music.tempo.bars(music.start_frame, music.end_frame):
        first, last = nearest_frame(bar.start), nearest_frame(bar.end)
        held = [mark.symbol for mark in marks if mark.position <= first][-1:]
        inside = [mark.symbol for mark in marks if first < mark.position < min(last, music.end_frame)]
        found.append((bar.number, tuple(held + inside) or (marks[0].symbol,)))
    return found


def chords_report(music: MusicalRange) -> list[dict[str, object]]:
    """The same for programs: `bar` and `chords`, of the first 256 bars."""
    return [{"bar": bar, "chords": list(chords)} for bar, chords in bar_chords(music)[:MAX_REPORTED_BARS]]


def chords_sentence(music: MusicalRange) -> str:
    """Such as `Chords: 1 Am, 2 F, 3 C G, then again.`; empty where the timeline has no chords."""
    found = bar_chords(music)
    if not found:
        return ""
    period = _period([chords for _, chords in found])
    named = found[: min(period, _MAX_NAMED_BARS)]
    listed = ", ".join(f"{bar} {' '.join(chords)}" for bar, chords in named)
    if period > len(named):
        return say("Chords: {listed}, and {more} more bars.", listed=listed, more=period - len(named))
    if period < len(found):
        return say("Chords: {listed}, then again.", listed=listed)
    return say("Chords: {listed}.", listed=listed)


def _cell_beats(count: int, bar: Bar, music: MusicalRange) -> list[float]:
    """Where each share of a bar begins, in beats of the denominator."""
    quarters = music.tempo.quarters_at(bar.end) - music.tempo.quarters_at(bar.start)
    beats = min(bar.numerator, max(round(quarters * bar.denominator / 4), 1))
    compound = bar.denominator >= 8 and beats > 3 and beats % 3 == 0
    felt, size = (beats // 3, 3) if compound and count <= beats // 3 else (beats, 1)
    if count > felt:
        return [beats * number / count for number in range(count)]
    return [float(math.ceil(number * felt / count) * size) for number in range(count)]


def _from_start(marks: Sequence[ChordMark], start: int) -> list[ChordMark]:
    """Without the marks that are over before a range starts."""
    over = sum(after.position <= start for _, after in pairwise(marks))
    return list(marks[over:])


def _period(bars: Sequence[tuple[str, ...]]) -> int:
    """After how many bars they come round again; their number where they do not."""
    return next(
        (
            size
            for size in range(1, len(bars))
            if all(bars[at] == bars[at - size] for at in range(size, len(bars)))
        ),
        len(bars),
    )
