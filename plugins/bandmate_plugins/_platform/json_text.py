"""JSON as the command line writes and reads it."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any) -> str:
    """Plain values as JSON of several lines, in ASCII alone, whatever the encoding of standard output is.

    Names of files that are no Unicode keep their bytes as escapes.
    """
    return json.dumps(value, indent=2, ensure_ascii=True)


def typed_value(text: str) -> Any:
    """A value as somebody types it: JSON, such as 0.5 or true, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text
