"""How much of a checkpoint is on the device at a time, from the memory that is free there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bandmate_plugins._engines.acestep.room import WORK_BYTES, within_cap
from bandmate_plugins._platform.devices import vram_cap_gb

Residency = Literal["resident", "visiting", "layered"]
"""All modules at once; one module at a time; and of the large ones two layers at a time."""

RESIDENCY_LEVELS: tuple[Residency, ...] = ("resident", "visiting", "layered")
"""From the fastest to the smallest."""

_LATENT_BYTES = 4_000_000
"""What decoding one latent takes: its tensors are 2.2 MB in bf16, counted; the rest is for the kernels."""
_MIN_WINDOW, _MAX_WINDOW = 32, 1024
_CPU_WINDOW = 64
"""What stays in a processor's caches: larger windows took up to 2.5 times as long, by a medium codec."""


@dataclass(frozen=True)
class ResidencyChoice:
    """What was decided, and a sentence where the musician should know."""

    residency: Residency
    sentence: str = ""


def choose_residency(sizes: Mapping[str, int], free_bytes: float, tier: str) -> ResidencyChoice:
    """How modules of such sizes in bytes fit into the free memory; the tier `small` is one level lower.

    It is called `small` after the memory ran out although this had said that it would do.
    """
    level = 0
    if sum(sizes.values()) + WORK_BYTES > free_bytes:
        level = 1 if max(sizes.values()) + WORK_BYTES <= free_bytes else 2
    if tier == "small":
        lower = min(level + 1, len(RESIDENCY_LEVELS) - 1)
        return ResidencyChoice(
            RESIDENCY_LEVELS[lower],
            f"The device ran out of memory, so the model continued {_RESIDENCY_TEXTS[RESIDENCY_LEVELS[lower]]}.",
        )
    return ResidencyChoice(RESIDENCY_LEVELS[level])


_RESIDENCY_TEXTS: dict[Residency, str] = {
    "resident": "with all of it on the device",
    "visiting": "with one of its parts on the device at a time",
    "layered": "with two layers of it on the device at a time, which is slower",
}


def too_large_alone(sizes: Mapping[str, int], free_bytes: float) -> tuple[str, ...]:
    """The modules that do not fit into the free memory even by themselves, besides what the work takes."""
    return tuple(name for name, size in sizes.items() if size + WORK_BYTES > free_bytes)


def window_latents(free_bytes: float) -> int:
    """How many latents to decode at a time: in a quarter of the free memory, within reason."""
    if math.isinf(free_bytes):
        return _CPU_WINDOW
    return int(min(max(free_bytes / 4 / _LATENT_BYTES, _MIN_WINDOW), _MAX_WINDOW))


def free_bytes(device: str) -> float:
    """The memory that is free for this process on a device, measured; on the CPU without limit.

    `MAX_CUDA_VRAM=N` counts as a card of N GB.
    """
    import torch

    if device.startswith("cuda"):
        free: float = torch.cuda.mem_get_info(device)[0]
        # What torch holds back for its own reuse is free for us, and a cap is on all that it holds.
        held = torch.cuda.memory_reserved(device)
        free += held - torch.cuda.memory_allocated(device)
        return within_cap(free, torch.cuda.memory_allocated(device), vram_cap_gb())
    if device.startswith("mps"):
        limit: float = torch.mps.recommended_max_memory()
        return limit - torch.mps.driver_allocated_memory()
    return float("inf")
