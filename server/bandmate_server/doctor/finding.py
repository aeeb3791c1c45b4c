"""What a check found."""

from __future__ import annotations

from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    state: Literal["good", "note", "bad"]
    about: str
    sentence: str
    remedy: str = ""
    """The next step, where there is one."""
