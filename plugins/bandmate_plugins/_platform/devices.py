"""Which device the model engines run on, and with which number format. Called in the device worker only.

A few builds of torch fail in their first bf16 matrix product (CUBLAS_STATUS_...) although the card is listed;
so one is run, and the next format tried when it fails.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from bandmate_protocol.texts import say

FORMATS = ("bfloat16", "float16", "float32")
CAP = "MAX_CUDA_VRAM"
"""The environment's name for the GB that a process keeps to on a card."""
_NO_GPU = "torch detects no GPU"


@dataclass(frozen=True)
class DeviceChoice:
    """A device as torch spells it, the number format that works there, and why not a better one."""

    name: str
    number_format: str
    sentence: str = ""

    @property
    def remark(self) -> str:
        """For the musician, where something is not as it should be; empty otherwise."""
        if self.sentence in ("", _NO_GPU):
            return ""
        return say(
            "The model ran on {name} in {number_format}: {sentence}.",
            name=self.name,
            number_format=self.number_format,
            sentence=self.sentence,
        )


def choose_device() -> DeviceChoice:
    """The best device here; the CPU where torch is not installed or sees nothing else.

    `MAX_CUDA_VRAM=N` caps this process at N GB of the card: a small card can be tried on a big one.
    """
    if find_spec("torch") is None:
        return DeviceChoice("cpu", "float32")
    import torch

    if torch.cuda.is_available():
        _cap_memory(torch)
        return choose_format("cuda:0", lambda number_format: _try_product(torch, "cuda:0", number_format))
    if torch.backends.mps.is_available():
        return choose_format("mps", lambda number_format: _try_product(torch, "mps", number_format))
    return DeviceChoice("cpu", "float32", _NO_GPU)


def vram_cap_gb() -> float | None:
    """The GB that `MAX_CUDA_VRAM` says; None where it says nothing, or no number above 0."""
    try:
        cap = float(os.environ.get(CAP, ""))
    except ValueError:
        return None
    return cap if math.isfinite(cap) and cap > 0 else None


def choose_format(device: str, product: Callable[[str], None]) -> DeviceChoice:
    """The first number format whose matrix product works, by trying; the CPU when none does."""
    failures = []
    for number_format in FORMATS:
        try:
            product(number_format)
        except (RuntimeError, TypeError) as error:
            failures.append(f"{number_format} failed ({str(error).splitlines()[0]})")
            continue
        sentence = f"{', '.join(failures)}; using {number_format}" if failures else ""
        return DeviceChoice(device, number_format, sentence)
    return DeviceChoice("cpu", "float32", f"{device} cannot multiply: {', '.join(failures)}")


def _try_product(torch: Any, device: str, number_format: str) -> None:
    side = torch.ones((256, 256), dtype=getattr(torch, number_format), device=device)
    total = float((side @ side).float().sum())
    if total != 256.0**3:
        raise RuntimeError(f"a matrix product gave {total} instead of {256.0**3}")


def _cap_memory(torch: Any) -> None:
    cap = vram_cap_gb()
    if cap is not None:
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(cap * 1e9 / total, 1.0), 0)
