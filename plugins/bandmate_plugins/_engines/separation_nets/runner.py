"""Runs a torch network on a device, in the fastest format that holds, and gets by with less memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import numpy as np
import torch
from numpy.typing import NDArray

from bandmate_protocol.errors import ErrorCode, RequestError

Floats = NDArray[np.float32]
_HOLDS_DB = -60.0
"""How small the error of a short format must be, next to the output."""


class NetworkRunner:
    """A network as a function of arrays: (batch, channels, frames) to (batch, stems, channels, frames).

    Out of memory, it takes half as many tiles at a time, and in the end the CPU; `sentence` says so.
    """

    def __init__(self, network: torch.nn.Module, device: str) -> None:
        self._device = device
        self._most = 1 << 16
        self._format: torch.dtype | None = None
        self._tried = device == "cpu"
        self.sentence = ""
        self._network = network.eval()
        try:
            self._network = network.to(device)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            self._move_to_cpu()

    def __call__(self, tiles: Floats) -> Floats:
        """Stems of so many tiles. Raises RequestError (`out_of_memory`), and what else torch raises."""
        if not self._tried:
            self._tried = True
            self._format = self._half_format(tiles[:1])
        done: list[Floats] = []
        at = 0
        while at < len(tiles):
            part = tiles[at : at + self._most]
            try:
                done.append(self._run_network(part, self._format))
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                self._reduce_batch(len(part))
                continue
            at += len(part)
        return np.concatenate(done)

    def _run_network(self, tiles: Floats, number_format: torch.dtype | None) -> Floats:
        kind = self._device.split(":")[0]
        with (
            torch.inference_mode(),
            full_float32(),
            _fused_attention(),
            torch.autocast(kind, dtype=number_format or torch.bfloat16, enabled=number_format is not None),
        ):
            stems = self._network(torch.from_numpy(np.ascontiguousarray(tiles)).to(self._device))
        result: Floats = stems.float().cpu().numpy()
        return result

    def _reduce_batch(self, tiles: int) -> None:
        """Half as many at a time; where one is too many already, the CPU."""
        if tiles > 1:
            self._most = tiles // 2
            if self._device != "cpu":
                self.sentence = f"The GPU's memory fits {self._most} tiles at a time."
            return
        if self._device == "cpu":
            raise memory_error()
        self._move_to_cpu()

    def _move_to_cpu(self) -> None:
        self._network = self._network.to("cpu")
        self._device, self._format, self._most, self._tried = "cpu", None, 1, True
        self.sentence = "The GPU's memory is too small for this model, so it ran on the CPU."

    def _half_format(self, tiles: Floats) -> torch.dtype | None:
        """float16 or bfloat16 where its output agrees with float32's; each network is tried once."""
        try:
            exact = self._run_network(tiles, None)
            for number_format in (torch.float16, torch.bfloat16):
                if error_db(exact, self._run_network(tiles, number_format)) <= _HOLDS_DB:
                    return number_format
        except RuntimeError:
            # Some operators have no short form on some devices; the long one works anyway.
            return None
        return None


def is_out_of_memory(error: Exception) -> bool:
    """Whether there was no memory: of the CPU's, and of Apple's cards, torch says so in words alone."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    said = str(error)
    return "can't allocate memory" in said or "out of memory" in said


def memory_error() -> RequestError:
    """What is left to say when the CPU's memory is too small as well."""
    return RequestError(
        ErrorCode.OUT_OF_MEMORY,
        "There is too little memory for this model.",
        "Close other programs, or use the engine dsp, which needs no model.",
    )


def full_float32() -> AbstractContextManager[None]:
    """Convolutions in whole float32: newer cards cut them to ten bits where nobody says otherwise."""
    flags: AbstractContextManager[None] = torch.backends.cudnn.flags(enabled=True, allow_tf32=False)
    return flags


@contextmanager
def _fused_attention() -> Iterator[None]:
    """Attention by torch's fused kernel: its fast path of encoder layers writes all scores out.

    The same to 1e-6; a fifteenth of HTDemucs' time on a CPU.
    """
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def error_db(exact: Floats, other: Floats) -> float:
    """Power of the difference next to that of the exact one, in dB; infinite for what is no number."""
    if not np.isfinite(other).all():
        return math.inf
    power = float(np.square(exact, dtype=np.float64).sum())
    error = float(np.square(exact.astype(np.float64) - other).sum())
    if error == 0:
        return -math.inf
    return 10 * math.log10(error / power) if power else math.inf
