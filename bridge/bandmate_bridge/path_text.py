"""Paths as text that any message or JSON file can hold, also where a name on the disk is not UTF-8."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

_BYTES = "bytes:"
"""Before a path that is not UTF-8, percent-encoded. No absolute path begins like that."""


def path_text(path: Path | str) -> str:
    """An absolute path as UTF-8 text; `text_path` gives it back."""
    text = os.path.abspath(path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return _BYTES + quote_from_bytes(os.fsencode(text))
    return text


def text_path(text: str) -> Path:
    """The path that `path_text` wrote."""
    if text.startswith(_BYTES):
        return Path(os.fsdecode(unquote_to_bytes(text.removeprefix(_BYTES))))
    return Path(text)


def printable_text(text: str) -> str:
    """A name for people to read, with an escape such as `\\xe9` for each byte that is not UTF-8."""
    return os.fsencode(text).decode("utf-8", "backslashreplace")
