"""Peaks of audio for drawing: the lowest and the highest sample of every 512 frames, over all channels.

A file of them lies beside its audio on the shelf, under the same hash. After a head of 16 bytes (the magic
`BMPEAKS1`, the number of frames as u64, little-endian) come all lows, then all highs, one signed byte each, in
127ths of full scale and rounded away from zero, so that nothing that sounds is drawn as silence.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PEAKS_SUFFIX = ".peaks"
BUCKET_FRAMES = 512
"""How many frames one low and one high stand for."""
_MAGIC = b"BMPEAKS1"
_HEAD = struct.Struct("<8sQ")
_FULL_SCALE = 127


class PeakMeter:
    """Collects the peaks of one stem as its audio comes."""

    def __init__(self) -> None:
        self._lows: list[bytes] = []
        self._highs: list[bytes] = []
        self._rest: NDArray[np.float32] | None = None
        self._frames = 0

    def add(self, samples: NDArray[np.float32]) -> None:
        """Takes the next frames, of shape (frames, channels)."""
        import numpy as np

        self._frames += len(samples)
        if self._rest is not None and len(self._rest):
            samples = np.concatenate([self._rest, samples])
        whole = len(samples) // BUCKET_FRAMES * BUCKET_FRAMES
        self._reduce(samples[:whole], BUCKET_FRAMES)
        self._rest = samples[whole:].copy()

    def write_file(self, path: Path) -> None:
        """Writes the peaks of all that came. Raises OSError."""
        if self._rest is not None and len(self._rest):
            self._reduce(self._rest, len(self._rest))
            self._rest = None
        fresh = path.with_name(f"{path.stem}.{secrets.token_hex(4)}.part")
        try:
            fresh.write_bytes(_HEAD.pack(_MAGIC, self._frames) + b"".join(self._lows) + b"".join(self._highs))
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)

    def _reduce(self, samples: NDArray[np.float32], bucket_frames: int) -> None:
        """Takes whole buckets. One row of all channels for each is many times quicker than channel by channel."""
        import numpy as np

        rows = np.ascontiguousarray(samples).reshape(-1, bucket_frames * samples.shape[1])
        low = np.floor(np.nan_to_num(rows.min(axis=1)).clip(-1, 1) * _FULL_SCALE)
        high = np.ceil(np.nan_to_num(rows.max(axis=1)).clip(-1, 1) * _FULL_SCALE)
        self._lows.append(low.astype(np.int8).tobytes())
        self._highs.append(high.astype(np.int8).tobytes())


def read_peaks(path: Path, most: int) -> tuple[int, bytes, bytes]:
    """Frames per bucket, then the lows and the highs of at most `most` buckets, each in signed bytes.

    Raises OSError, and ValueError for a file that holds no peaks.
    """
    data = path.read_bytes()
    magic, frames = _HEAD.unpack_from(data) if len(data) >= _HEAD.size else (b"", 0)
    count = -(-frames // BUCKET_FRAMES)
    # Nothing waits for it to be on the disk, so a power cut may leave a part of it.
    if magic != _MAGIC or len(data) != _HEAD.size + 2 * count:
        raise ValueError(f"{path.name} holds no peaks")
    lows, highs = data[_HEAD.size : _HEAD.size + count], data[_HEAD.size + count :]
    factor = max(-(-count // most), 1)
    if factor == 1:
        return BUCKET_FRAMES, lows, highs
    return BUCKET_FRAMES * factor, _grouped(lows, factor, min), _grouped(highs, factor, max)


def _grouped(peaks: bytes, factor: int, choose: Callable[[memoryview], int]) -> bytes:
    """One value for each group of so many."""
    signed = memoryview(peaks).cast("b")
    return struct.pack(
        f"{-(-len(signed) // factor)}b",
        *(choose(signed[at : at + factor]) for at in range(0, len(signed), factor)),
    )
