"""Where tests keep what is expensive to make or to fetch."""

from __future__ import annotations

import os
from pathlib import Path


def cache() -> Path:
    """A folder of the user's cache, outside any repository."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "bandmate-development"
