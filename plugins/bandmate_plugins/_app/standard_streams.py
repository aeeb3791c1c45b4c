"""Standard streams that hold up when they are closed, narrow, or read by nobody."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from typing import TextIO

_HANDLER = "bandmate"
_DUMB = ("dumb", "unknown")


def prepare_streams() -> None:
    """Makes standard input, output and error usable whatever the shell gave. Call it first in a process.

    A closed stream becomes the null device: else the next file that is opened takes its number, and what is
    meant for a person ends up in it. Text that a stream's encoding lacks is escaped, as `\\u0431`; the bytes
    of names that are not UTF-8 come out unchanged. Standard error goes silent when nobody reads it any more,
    as a job must not end for want of an audience; standard output raises BrokenPipeError as usual.
    """
    codecs.register_error(_HANDLER, _encode_fallback)
    for number in range(3):
        _open_if_closed(number)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process
    if sys.stdout is None:
        sys.stdout = _open_writer(1)
    if sys.stderr is None:
        sys.stderr = _open_writer(2)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=_HANDLER)
    if isinstance(sys.stderr, io.TextIOWrapper) and sys.stderr is sys.__stderr__:
        sys.stderr = _SilentStderr(
            sys.stderr.buffer, encoding=sys.stderr.encoding, errors=_HANDLER, line_buffering=True
        )


def shows_progress_bars() -> bool:
    """Whether standard error is a terminal that can redraw a line."""
    return sys.stderr.isatty() and os.environ.get("TERM", "").lower() not in _DUMB


class _SilentStderr(io.TextIOWrapper):
    """Standard error that drops what nobody reads."""

    def write(self, text: str, /) -> int:
        with contextlib.suppress(BrokenPipeError):
            return super().write(text)
        _redirect_to_null(2)
        return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            _redirect_to_null(2)


def _redirect_to_null(number: int) -> None:
    """Points a stream at the null device, so that Python does not fail on it when it ends."""
    with contextlib.suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, number)
        os.close(null)


def _open_if_closed(number: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        opened = os.open(os.devnull, os.O_RDWR)
        if opened == number:
            os.set_inheritable(number, True)
        else:
            os.dup2(opened, number)
            os.close(opened)


def _open_writer(number: int) -> TextIO:
    return open(number, "w", encoding="utf-8", errors=_HANDLER, closefd=False)


def _encode_fallback(error: UnicodeError) -> tuple[str | bytes, int]:
    """An error handler for encoding: raw bytes for the rest of an undecodable name, else an escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    if all("\udc80" <= each <= "\udcff" for each in text):
        return bytes(ord(each) - 0xDC00 for each in text), error.end
    return codecs.backslashreplace_errors(error)
