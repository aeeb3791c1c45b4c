"""Structured logs: every line has its time, level, logger and, inside a job, the job's id."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from pathlib import Path

import structlog

_SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso"),
]


def start_logs(level: str, file: Path) -> list[logging.Handler]:
    """Logs to the console, and as JSON lines to a file that is kept small; returns the handlers."""
    file.parent.mkdir(parents=True, exist_ok=True)
    console = logging.StreamHandler(sys.stderr)
    console.setFormatter(_formatter(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())))
    rotating = logging.handlers.RotatingFileHandler(file, maxBytes=5_000_000, backupCount=3, encoding="utf-8")
    rotating.setFormatter(
        _formatter(structlog.processors.JSONRenderer(), structlog.processors.format_exc_info)
    )
    root = logging.getLogger()
    root.setLevel(level.upper())
    handlers: list[logging.Handler] = [console, rotating]
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


def _formatter(*renderers: structlog.types.Processor) -> logging.Formatter:
    *before, last = reversed(renderers)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *before, last],
    )
