"""Signalsmith Stretch, where it is installed."""

from __future__ import annotations

import importlib
from typing import Any

STRETCH_SEED = 1
"""Its phases are drawn where audio gets much longer: the same audio gives the same."""


def stretch_library() -> Any | None:
    """The library's own module; None where python-stretch is not installed: there is none for ARM64 Linux."""
    try:
        return importlib.import_module("python_stretch").Signalsmith
    except ImportError:
        return None
