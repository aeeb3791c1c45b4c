"""How two sample rates relate."""

from __future__ import annotations

import math


def smallest_ratio(rate: int, other_rate: int) -> tuple[int, int]:
    """The smallest whole numbers of frames that last equally long at both rates, in hertz."""
    divisor = math.gcd(rate, other_rate)
    return rate // divisor, other_rate // divisor
