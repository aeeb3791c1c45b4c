"""Structured logs: every line has its time, level, logger and, inside a job, the job's id.

The standard library does it: structlog, which would be the usual choice, takes a fifth of the server's start.
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of text."""

_CONSOLE_BYTES = 1_000_000

_job: ContextVar[str] = ContextVar("job", default="")


@contextlib.contextmanager
def job_log_context(job: str) -> Iterator[None]:
    """Every line that is logged inside, by whatever is called, carries this job's id."""
    token = _job.set(job)
    try:
        yield
    finally:
        _job.reset(token)


def start_logs(level: str, file: Path, *, console: bool = True) -> list[logging.Handler]:
    """Logs as JSON lines to a file that is kept small, and to the console; returns the handlers."""
    file.parent.mkdir(parents=True, exist_ok=True)
    rotating = logging.handlers.RotatingFileHandler(
        file, maxBytes=5_000_000, backupCount=3, encoding="utf-8", errors="backslashreplace"
    )
    rotating.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.setLevel(level.upper())
    handlers: list[logging.Handler] = [rotating]
    if console:
        handlers.append(logging.StreamHandler(sys.stderr))
        handlers[-1].setFormatter(_PlainFormatter())
    for handler in handlers:
        root.addHandler(handler)
    # uvicorn tells of every connection; the sessions do that themselves.
    logging.getLogger("uvicorn").setLevel("WARNING")
    return handlers


def stop_logs(handlers: list[logging.Handler]) -> None:
    """Takes the handlers back."""
    for handler in handlers:
        logging.getLogger().removeHandler(handler)
        handler.close()


def console_bytes() -> int | None:
    """How large the file is that standard error goes to; None for a terminal or a pipe."""
    try:
        about = os.fstat(2)
    except OSError:
        return None
    return about.st_size if stat.S_ISREG(about.st_mode) else None


def keep_console_small() -> None:
    """Empties a file that standard error goes to once it is large: what libraries in C print there, say."""
    if (console_bytes() or 0) > _CONSOLE_BYTES:
        with contextlib.suppress(OSError):
            os.ftruncate(2, 0)


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's fields; `job` and `exception` only where there are any."""
        fields = {
            "time": _iso_time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if _job.get():
            fields["job"] = _job.get()
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False)


class _PlainFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        job = f" [job {_job.get()}]" if _job.get() else ""
        message = _CONTROL.sub(_escape_controls, record.getMessage())
        text = f"{_iso_time(record)} {record.levelname.lower()}: {message}{job}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def _escape_controls(match: re.Match[str]) -> str:
    """A terminal would obey control characters, and a line end would begin a line that nobody logged."""
    return ascii(match.group())[1:-1]


def _iso_time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
