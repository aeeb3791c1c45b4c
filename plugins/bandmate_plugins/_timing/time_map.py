"""Which moment of audio is heard at which moment of the result, and audio warped along that."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from bandmate_plugins._platform.arrays import FloatArray32, FloatArray64
from bandmate_plugins._timing.band_sources import LOW_RATE, BandSplitter, Reader
from bandmate_plugins._timing.phase_vocoder import BLOCKS_OVERLAP, PhaseVocoder

_LOW_BLOCK, _HIGH_BLOCK_SECONDS = 256, 0.0427
"""171 ms at the low rate."""
_BLOCKS_AT_ONCE = 64
_LEAD = BLOCKS_OVERLAP // 2
"""How many blocks before the first frame also reach it: the result begins a block after the first of them."""


@dataclass(frozen=True)
class TimeMap:
    """Frame `target` of the result is frame `source` of the audio; both rise, and in between all is even."""

    source: FloatArray64
    target: FloatArray64

    def source_at(self, frames: FloatArray64) -> FloatArray64:
        """The frames of the audio that are heard at frames of the result."""
        return np.asarray(np.interp(frames, self.target, self.source))

    def target_at(self, frames: FloatArray64) -> FloatArray64:
        """The frames of the result at which frames of the audio are heard."""
        return np.asarray(np.interp(frames, self.source, self.target))

    def source_around(self, frames: FloatArray64) -> FloatArray64:
        """As `source_at`, and beyond both ends of the map as fast as the audio was."""
        outside = np.minimum(frames - self.target[0], 0.0) + np.maximum(frames - self.target[-1], 0.0)
        return np.asarray(self.source_at(frames) + outside)


def warp_audio(
    read: Reader, time_map: TimeMap, rate: int, check: Callable[[], None]
) -> Generator[FloatArray32, None, None]:
    """The audio along its map, in pieces of any length. `read` may be asked for what lies outside: silence.

    The last target is the number of frames. `check` is called before each piece.
    """
    bands = BandSplitter(read, rate)
    total = round(float(time_map.target[-1]))
    low = _LowStream(bands, time_map, rate, check)
    made = 0
    for piece in _warp_high(bands, time_map, rate):
        check()
        kept = piece[: total - made]
        made += len(kept)
        yield kept + low.take(len(kept))


def _warp_high(bands: BandSplitter, time_map: TimeMap, rate: int) -> Iterator[FloatArray32]:
    block = round(_HIGH_BLOCK_SECONDS * rate) // BLOCKS_OVERLAP * BLOCKS_OVERLAP
    hop = block // BLOCKS_OVERLAP
    places = _block_places(time_map, hop, 1.0)
    vocoder: PhaseVocoder | None = None
    ahead = block
    for first in range(0, len(places), _BLOCKS_AT_ONCE):
        here = places[first : first + _BLOCKS_AT_ONCE]
        start = int(here.min()) - 2 * block
        audio = bands.high(start, int(here.max()) + 2 * block)
        vocoder = vocoder or PhaseVocoder(block, audio.shape[1], holds_attacks=True)
        made = vocoder.add(audio, start, here)
        yield made[ahead:]
        ahead = max(ahead - len(made), 0)


class _LowStream:
    """What is low in the result, in order."""

    def __init__(self, bands: BandSplitter, time_map: TimeMap, rate: int, check: Callable[[], None]) -> None:
        per_low, hop = rate / LOW_RATE, _LOW_BLOCK // BLOCKS_OVERLAP
        places = _block_places(time_map, hop, per_low)
        start = int((places[0] - 2 * _LOW_BLOCK) * per_low)
        audio = bands.low(start, int((places[-1] + 2 * _LOW_BLOCK) * per_low), check)
        vocoder, first = PhaseVocoder(_LOW_BLOCK, audio.shape[1]), round(start / per_low)
        made = []
        for block in range(0, len(places), _BLOCKS_AT_ONCE):
            check()
            made.append(vocoder.add(audio, first, places[block : block + _BLOCKS_AT_ONCE]))
        self._made = np.concatenate(made)[_LOW_BLOCK:]
        self._stream = soxr.ResampleStream(LOW_RATE, rate, audio.shape[1], dtype="float32")
        self._waiting = np.zeros((0, audio.shape[1]), np.float32)

    def take(self, frames: int) -> FloatArray32:
        """The next frames, of which there are some more than the map has."""
        while len(self._waiting) < frames:
            part, self._made = self._made[: 10 * LOW_RATE], self._made[10 * LOW_RATE :]
            more = self._stream.resample_chunk(part, last=not len(self._made))
            self._waiting = np.concatenate((self._waiting, np.asarray(more, np.float32)))
        taken, self._waiting = self._waiting[:frames], self._waiting[frames:]
        return taken


def _block_places(time_map: TimeMap, hop: int, frames_per_sample: float) -> NDArray[np.int64]:
    """The samples at the middle of the block for each hop of the result, from before its start to after its end."""
    last = int(np.ceil(float(time_map.target[-1]) / frames_per_sample / hop)) + BLOCKS_OVERLAP
    targets = np.arange(-_LEAD, last + 1, dtype=np.float64) * (hop * frames_per_sample)
    return np.asarray(np.round(time_map.source_around(targets) / frames_per_sample), np.int64)
