"""What fits on a card, by sizes alone: without torch, so that the doctor can say it."""

from __future__ import annotations

import math

WORK_BYTES = 1_500_000_000
"""What the work takes besides weights: for ten minutes with guidance its tensors are 0.9 GB, counted."""


def within_cap(free_bytes: float, allocated_bytes: float, cap_gb: float | None) -> float:
    """What of the free memory may be used, where this process is to keep to so many GB."""
    return free_bytes if cap_gb is None else min(free_bytes, cap_gb * 1e9 - allocated_bytes)


def planner_fit(free_bytes: float, renderer_bytes: int, planner_bytes: int) -> int:
    """2: a planner fits beside the renderer; 1: in turn with it; 0: neither, or there is no card to fit on."""
    if math.isinf(free_bytes):
        return 0
    return sum(size + WORK_BYTES <= free_bytes for size in (planner_bytes, planner_bytes + renderer_bytes))
