"""When music is moved onto the grid."""

from __future__ import annotations

from typing import Literal

FitMode = Literal["auto", "off", "always"]
"""`auto` moves what is more than 5 ms a bar off, `always` whatever can be measured."""
