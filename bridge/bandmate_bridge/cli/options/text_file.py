"""Options whose text may come from a file."""

from __future__ import annotations

from pathlib import Path

import click

from bandmate_protocol.texts import say


def read_text_option(path: Path, what: str) -> str:
    """The text of a file. Raises click.UsageError, which begins with ``what``, such as `The lyrics`."""
    try:
        return path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise click.UsageError(
            say("{what} in {path} cannot be read: {reason}.", what=what, path=path, reason=reason)
        ) from error
