"""Types of numpy arrays, by what they hold. Shapes are in the docstrings of those who take and return them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray32 = NDArray[np.float32]
FloatArray64 = NDArray[np.float64]
IntArray64 = NDArray[np.int64]
AudioSamples = NDArray[np.float32]
"""Shape (frames, channels); full scale is 1."""
