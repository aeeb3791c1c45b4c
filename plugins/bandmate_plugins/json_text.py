"""JSON for programs that read standard output: ASCII alone, whatever the terminal's encoding is."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any) -> str:
    """Plain values as JSON of several lines; names that are no Unicode keep their bytes as escapes."""
    return json.dumps(value, indent=2, ensure_ascii=True)
