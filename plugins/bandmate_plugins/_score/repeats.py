"""Repeats and endings of a score: in which order its bars are played, and the score written out in that order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from bandmate_plugins._score.read_score import MAX_BARS, MAX_NOTES, ReadBar, ReadNote, ReadScore, score_error

_MAX_NAMED = 8
TWICE = 2


@dataclass(slots=True)
class SignedBar:
    """A stretch between two barlines, with the signs at them."""

    start: Fraction
    """In quarters."""
    length: Fraction
    metre: tuple[int, int] | None
    """None where the metre is free."""
    opens: bool = False
    """A repeat begins with it."""
    turns: int = 1
    """How often all from the beginning of the repeat is played, where the repeat ends with this bar; else 1."""
    endings: frozenset[int] = frozenset()
    """The turns in which it is played; empty for all."""
    is_edge: bool = False
    """A strain begins or ends with it, so that it may be shorter than its metre."""

    @property
    def full_length(self) -> Fraction | None:
        """In quarters, as its metre says."""
        return Fraction(4 * self.metre[0], self.metre[1]) if self.metre else None


class BarSigns:
    """Collects the bars of a part and the signs between them, in the order of the score."""

    def __init__(self) -> None:
        self.bars: list[SignedBar] = []
        self._opens = self._begins_strain = False
        self._endings: frozenset[int] = frozenset()

    def end_bar(self, start: Fraction, length: Fraction, metre: tuple[int, int] | None) -> None:
        """A bar is over."""
        is_edge = self._begins_strain or not self.bars
        self.bars.append(
            SignedBar(start, length, metre, opens=self._opens, endings=self._endings, is_edge=is_edge)
        )
        self._opens = self._begins_strain = False
        if len(self.bars) > MAX_BARS:
            raise score_error("It has too many bars.", "Give a shorter score.")

    def open_repeat(self) -> None:
        """A repeat begins with the next bar."""
        self.end_strain()
        self._opens = True

    def close_repeat(self, turns: int = TWICE) -> None:
        """A repeat ends here: all since it began is played so often, unless endings say more."""
        self.end_strain()
        if self.bars:
            self.bars[-1].turns = max(turns, TWICE)

    def end_strain(self) -> None:
        """A double bar, or another sign that ends a strain and the ending that it may have."""
        self._endings = frozenset()
        self.mark_edge()

    def mark_edge(self) -> None:
        """The bars on both sides may be shorter than their metre."""
        self._begins_strain = True
        if self.bars:
            self.bars[-1].is_edge = True

    def begin_ending(self, turns: frozenset[int]) -> None:
        """What follows is played in these turns only."""
        self._endings = turns
        self._begins_strain = True

    def end_ending(self) -> None:
        """What follows is played in all turns."""
        self._endings = frozenset()

    def finish(self) -> list[SignedBar]:
        """All bars; the last one may be short."""
        self.end_strain()
        return self.bars


def play_order(bars: Sequence[SignedBar]) -> list[int]:
    """The numbers of the bars in the order in which they are played.

    Raises RequestError (`file_unusable`) where that are too many.
    """
    order: list[int] = []
    at = opened = 0
    turn = 1
    while at < len(bars):
        bar = bars[at]
        left_endings = at > 0 and bars[at - 1].endings and not bar.endings
        if at != opened and (bar.opens or left_endings):
            opened, turn = at, 1
        if bar.endings and turn not in bar.endings:
            at += 1
            continue
        order.append(at)
        if len(order) > MAX_BARS:
            raise score_error("With its repeats it has too many bars.", "Give a shorter score.")
        if bar.turns > 1 and turn < _turns(bars, at):
            turn, at = turn + 1, opened
            continue
        at += 1
        if bar.turns > 1 and not bar.endings:
            opened, turn = at, 1
    return order


def _turns(bars: Sequence[SignedBar], at: int) -> int:
    """How often a repeat that ends with a bar is played: as often as the bar says, or as it and those after it have
    endings.
    """
    endings = set(bars[at].endings)
    for bar in bars[at + 1 :]:
        if bar.opens or not bar.endings:
            break
        endings |= bar.endings
    if endings == bars[at].endings and 1 in endings:
        # What comes after the only ending is the last one.
        endings.add(max(endings) + 1)
    return max(endings) if endings else bars[at].turns


def unfold(score: ReadScore, signed: Sequence[SignedBar]) -> None:
    """Writes a score out as it is played, by the signs of its first voice. Raises RequestError as `play_order`."""
    spans = _spans(signed, play_order(signed))
    if len(spans) <= 1:
        return
    ends = [note.end for part in score.parts for note in part.notes]
    last = max([signed[-1].start + signed[-1].length, *ends])
    bars, chords, tempi = list(score.bars), list(score.chords), list(score.tempi)
    notes = [list(part.notes) for part in score.parts]
    score.bars.clear()
    score.chords.clear()
    score.tempi.clear()
    for part in score.parts:
        part.notes.clear()
    place = Fraction(0)
    for start, end in spans:
        shift = place - start
        reach = last if end is None else end
        score.bars += [ReadBar(bar.start + shift, bar.metre) for bar in bars if start <= bar.start < reach]
        score.chords += [(at + shift, symbol) for at, symbol in chords if start <= at < reach]
        score.tempi += [(at + shift, bpm) for at, bpm in tempi if start <= at < reach]
        for part, written in zip(score.parts, notes, strict=True):
            part.notes += [
                ReadNote(note.start + shift, min(note.end, reach) + shift, note.pitch)
                for note in written
                if start <= note.start < reach
            ]
            if len(part.notes) > MAX_NOTES:
                raise score_error("With its repeats it has too many notes.", "Give a shorter score.")
        place += reach - start


def _spans(signed: Sequence[SignedBar], order: Sequence[int]) -> list[tuple[Fraction, Fraction | None]]:
    """Where each stretch of bars that follow one another begins and ends; None for the end of the score."""
    spans: list[tuple[Fraction, Fraction | None]] = []
    before: int | None = None
    for number in order:
        end = signed[number + 1].start if number + 1 < len(signed) else None
        if before is not None and number == before + 1:
            spans[-1] = spans[-1][0], end
        else:
            spans.append((signed[number].start, end))
        before = number
    return spans


def odd_bars_remark(bars: Sequence[SignedBar], voice: str = "") -> str:
    """A sentence on bars that are not as long as their metre says; empty where all are.

    The first bar, and bars at double bars, repeats and endings, may be shorter: pickups, and what they leave.
    """
    first = 0 if bars and bars[0].full_length and bars[0].length < bars[0].full_length else 1
    found = []
    for number, bar in enumerate(bars, first):
        full = bar.full_length
        if full is None or bar.length == full or (bar.is_edge and bar.length < full):
            continue
        assert bar.metre is not None, "a bar that has a length to be has a metre"
        found.append(
            f"{number} ({_share(bar.length, bar.metre[1])} instead of {bar.metre[0]}/{bar.metre[1]})"
        )
    if not found:
        return ""
    shown = ", ".join(found[:_MAX_NAMED]) + (", ..." if len(found) > _MAX_NAMED else "")
    where = f" of {voice}" if voice else ""
    return f"Bars{where} of another length than their metre, played as written: {shown}."


def _share(length: Fraction, denominator: int) -> str:
    """A length in quarters as a share of a whole note, in the metre's beats where they are whole."""
    beats = length * denominator / 4
    if beats.denominator == 1:
        return f"{beats.numerator}/{denominator}"
    return f"{(length / 4).numerator}/{(length / 4).denominator}"
