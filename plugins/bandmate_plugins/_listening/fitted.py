"""The numbers that were fitted, by name, from `fitted.json`."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

import numpy as np

from bandmate_plugins._platform.arrays import FloatArray64


@lru_cache(maxsize=8)
def fitted_numbers(name: str) -> FloatArray64:
    """Numbers by name. Raises KeyError when there are none of that name."""
    text = files("bandmate_plugins._listening").joinpath("fitted.json").read_text(encoding="utf-8")
    return np.array(json.loads(text)[name], dtype=np.float64)
