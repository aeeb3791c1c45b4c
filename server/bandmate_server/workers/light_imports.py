"""Libraries that a worker needs, imported without the parts of them that nothing here calls."""

from __future__ import annotations

import contextlib
import importlib
import sys
from types import ModuleType
from typing import Any

_HEAVY = "scipy.stats"


def import_filters() -> None:
    """Imports `scipy.signal` without `scipy.stats`, which it needs for one function, `find_peaks_cwt`.

    A worker starts in two thirds of the time. Whoever calls that function gets the real module then. Call it before
    other threads import anything.
    """
    if _HEAVY in sys.modules or "scipy.signal" in sys.modules:
        return
    stand_in: Any = ModuleType(_HEAVY)
    stand_in.scoreatpercentile = _scoreatpercentile
    sys.modules[_HEAVY] = stand_in
    # A newer scipy may want more of it: then the import fails here, and the next one, without the stand-in, does not.
    with contextlib.suppress(ImportError, AttributeError):
        importlib.import_module("scipy.signal")
    del sys.modules[_HEAVY]


def _scoreatpercentile(*arguments: Any, **named: Any) -> Any:
    return importlib.import_module(_HEAVY).scoreatpercentile(*arguments, **named)
