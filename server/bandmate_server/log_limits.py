"""Keeps lines that anybody may cause, as often as they like, from filling the log."""

from __future__ import annotations

import logging
from collections import Counter

REPEAT_REPORT_SECONDS = 60.0
"""How often `tell` is called."""

_LIMITED_LOGGERS = {
    "bandmate_server.web.guard": "refused",
    "uvicorn.error": "",
    "asyncio": "socket.accept() out of system resource",
}
"""Loggers, and how their lines begin that are limited; they cost a sender nothing, and us a line each."""


class RepeatLimit(logging.Filter):
    """Lets the first line of a kind pass and counts those after it, until `tell` says how many there were.

    Lines are of one kind when they are formatted from one text, whatever was put into it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._more: Counter[tuple[str, str]] = Counter()
        self._loggers = [logging.getLogger(name) for name in _LIMITED_LOGGERS]
        for logger in self._loggers:
            logger.addFilter(self)

    def close(self) -> None:
        """Says what was counted, and limits nothing any more."""
        self.report_repeats()
        for logger in self._loggers:
            logger.removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """See logging.Filter."""
        first_line = str(record.msg).partition("\n")[0]
        if record.levelno < logging.WARNING or not first_line.startswith(_LIMITED_LOGGERS[record.name]):
            return True
        kind = (record.name, first_line)
        if kind in self._more:
            self._more[kind] += 1
            return False
        self._more[kind] = 0
        return True

    def report_repeats(self) -> None:
        """A line for each kind that was held back, with how often; then each may pass again."""
        counted, self._more = self._more, Counter()
        for (_, text), count in counted.items():
            if count:
                logging.getLogger(__name__).warning("%d more lines like this were left out: %s", count, text)
