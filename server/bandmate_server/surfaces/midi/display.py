"""The two rows of text of a Mackie Control: strips, values, and how the job goes. No I/O."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from mido import Message

from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.strips import STRIP_COUNT, StripPages

CELL_WIDTH = 7
"""Characters of a strip; the last one keeps it apart from its neighbour."""
ROW_WIDTH = CELL_WIDTH * STRIP_COUNT
NOTICE_SECONDS = 2.0
_SYSEX_HEADER = (0x00, 0x00, 0x66, 0x14, 0x12)
"""Mackie's number, the device, and the command that writes text at a place; the second row begins at 56."""
_BUSY_STATES = ("asked", "queued", "running")


class MackieDisplay:
    """What one controller's display is still to be told."""

    def __init__(self, model: ControlModel, strips: StripPages, clock: Callable[[], float]) -> None:
        self._model = model
        self._strips = strips
        self._clock = clock
        self._shown = ["\0" * ROW_WIDTH, "\0" * ROW_WIDTH]
        """Nobody knows what it showed before."""
        self._until = 0.0
        self._hushed = False
        """A hand has moved something since the last error came: it has been read."""
        self._dirty = True
        strips.add_listener(self._show_page_notice)

    def _show_page_notice(self) -> None:
        self._until = self._clock() + NOTICE_SECONDS
        self._dirty = True

    def mark_changed(self, control: str) -> None:
        """A control has a new value."""
        if control == "error":
            self._hushed = False
        self._dirty = True

    def note_touch(self) -> None:
        """A hand moves something: it wants to see values."""
        if not self._hushed:
            self._hushed = self._dirty = True

    @property
    def has_pending(self) -> bool:
        """Whether anything is to be told, now or when a notice has been seen."""
        return self._dirty or self._until > 0

    def due_messages(self) -> list[Message]:
        """What is to be written now."""
        if self._until and self._clock() >= self._until:
            self._until, self._dirty = 0.0, True
        if not self._dirty:
            return []
        self._dirty = False
        return self._write_rows([self._title_row(), self._lower_row()])

    def blank_messages(self) -> list[Message]:
        """What leaves it empty."""
        return self._write_rows([" " * ROW_WIDTH, " " * ROW_WIDTH])

    def _write_rows(self, rows: list[str]) -> list[Message]:
        """For each row that differs, the cells from the first to the last one that do."""
        found = []
        for number, (before, now) in enumerate(zip(self._shown, rows, strict=True)):
            places = [place for place in range(ROW_WIDTH) if before[place] != now[place]]
            if places:
                first, last = places[0], places[-1] + 1
                text = now[first:last].encode("ascii")
                found.append(Message("sysex", data=(*_SYSEX_HEADER, number * ROW_WIDTH + first, *text)))
        self._shown = rows
        return found

    def _title_row(self) -> str:
        return _cells_row([self._model.parameters[each].title for each in self._strips.page.parameters])

    def _lower_row(self) -> str:
        """A notice, a job, an error that nobody has read yet, or the values."""
        page, show = self._strips.page, self._model.value_of
        if self._until:
            of = f" {page.number}/{page.of}" if page.of > 1 else ""
            return _text_row(f"{page.task.capitalize()}{of}")
        if show("job/state") in _BUSY_STATES:
            return _text_row(self._job_text())
        if show("error") and not self._hushed:
            return _text_row(str(show("error")))
        values = [(self._model.parameters[each], show(each)) for each in page.parameters]
        return _cells_row([parameter.value_text(value) for parameter, value in values])

    def _job_text(self) -> str:
        show = self._model.value_of
        words = str(show("job/stage") or show("job/state"))
        left = float(show("job/seconds_left"))
        rest = f", {left:.0f} s left" if left >= 1 else ""
        return (
            f"{str(show('job/task')).capitalize()}: {words} {100 * float(show('job/progress')):.0f} %{rest}"
        )


def _cells_row(texts: list[str]) -> str:
    return "".join(fit_cell(text) for text in texts).ljust(ROW_WIDTH)


def _text_row(text: str) -> str:
    return plain_ascii(text)[:ROW_WIDTH].ljust(ROW_WIDTH)


def fit_cell(text: str) -> str:
    """A text in the seven characters of a strip, of which it uses six: vowels inside words go first."""
    text, most = plain_ascii(text), CELL_WIDTH - 1
    place = len(text) - 1
    while len(text) > most and place > 0:
        if text[place] in "aeiou" and text[place - 1] != " ":
            text = text[:place] + text[place + 1 :]
        place -= 1
    return text.replace(" ", "" if len(text) > most else " ")[:most].ljust(CELL_WIDTH)


def plain_ascii(text: str) -> str:
    """A text in the characters that the display has."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(each if " " <= each <= "~" else " " for each in bare)
