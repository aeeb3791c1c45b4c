"""The source on the codec's own grid, and its audio back on the project's frames."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import numpy as np
import soxr

from bandmate_plugins._engines.separation_nets.rates import RateConverter
from bandmate_plugins._listening.downmix import stereo_downmix
from bandmate_plugins._platform.arrays import FloatArray32
from bandmate_plugins._platform.rate_ratio import smallest_ratio
from bandmate_plugins.request import AudioInput

_MARGIN_SECONDS = 0.02
"""What a resampler is given beyond what is kept, so that its ends are never heard."""


@dataclass(frozen=True)
class LatentGrid:
    """A project's rate beside the codec's rate and hop: latents are `hop` samples apart."""

    rate: int
    model_rate: int
    hop: int

    def covering_latents(self, frames: int) -> int:
        """The least number of latents that covers so many frames of the project."""
        return -(-frames * self.model_rate // (self.rate * self.hop))

    def whole_latents(self, frames: int) -> int:
        """The largest number of latents that so many frames fill."""
        return frames * self.model_rate // (self.rate * self.hop)

    def frames_of(self, latents: int) -> int:
        """The project's frames under so many latents, rounded up."""
        return -(-latents * self.hop * self.rate // self.model_rate)

    @property
    def aligned_every(self) -> int:
        """Every how many latents one begins with a frame of the project: 1 at the usual rates."""
        return self.model_rate // math.gcd(self.hop * self.rate, self.model_rate)

    @property
    def lead_latents(self) -> int:
        """How many latents to decode ahead of a range, so that the resampler is under way when it begins.

        0 where one latent is no whole number of the project's frames: the range would not begin on one.
        """
        return int(self.rate != self.model_rate and self.aligned_every == 1)


@dataclass(frozen=True)
class SourceSpan:
    """A part of a source: latents from `first` to `last`, counted from the project's frame `origin`."""

    source: AudioInput
    origin: int
    first: int
    last: int
    grid: LatentGrid


@dataclass(frozen=True)
class CodecExcerpt:
    """A part of the source at the codec's rate, shape (samples, 2), a whole number of latents long."""

    samples: FloatArray32
    digest: str
    """Of the source's own frames in it and of where they lie: the same audio has the same latents."""


def read_excerpt(stretch: SourceSpan) -> CodecExcerpt:
    """The audio of a stretch, whose `first` may be negative. What lies outside the source is silent.

    Raises RequestError (`input_unusable`).
    """
    source, origin, first, last, grid = (
        stretch.source, stretch.origin, stretch.first, stretch.last, stretch.grid
    )  # fmt: skip
    step_in, step_out = smallest_ratio(grid.rate, grid.model_rate)
    margin = 0 if grid.rate == grid.model_rate else math.ceil(_MARGIN_SECONDS * grid.model_rate)
    ahead = -(-(max(-first * grid.hop, 0) + margin) // step_out)
    start = origin - ahead * step_in
    stop = origin + grid.frames_of(last) + (math.ceil(_MARGIN_SECONDS * grid.rate) if margin else 0)
    raw = read_stereo(source, start, stop)
    if grid.rate != grid.model_rate:
        raw = np.asarray(soxr.resample(raw, grid.rate, grid.model_rate, quality="VHQ"), np.float32)
    begin = ahead * step_out + first * grid.hop
    wanted = (last - first) * grid.hop
    samples = np.zeros((wanted, 2), np.float32)
    kept = raw[begin : begin + wanted]
    samples[: len(kept)] = kept
    lowest, highest = origin - grid.frames_of(-first), origin + grid.frames_of(last)
    end = source.start_frame + source.frames
    inside = read_stereo(source, max(lowest, source.start_frame), min(highest, end))
    place = max(source.start_frame - origin, -grid.frames_of(-first))
    return CodecExcerpt(samples, audio_digest(inside, grid, first, last, place))


def audio_digest(frames: FloatArray32, grid: LatentGrid, first: int, last: int, place: int) -> str:
    """What names audio, shape (frames, 2), that begins `place` frames after the grid's origin."""
    where = f"{grid} {first} {last} {place}".encode()
    return hashlib.sha256(where + np.ascontiguousarray(frames, "<f4").tobytes()).hexdigest()


class ProjectResampler:
    """Decoded audio on its way to the project: resampled in a stream, exactly `frames` frames."""

    def __init__(self, grid: LatentGrid, frames: int, lead_latents: int = 0, device: str = "cpu") -> None:
        """`device` is where the rate is converted."""
        self._skip = grid.frames_of(lead_latents)
        self._converter = RateConverter(grid.model_rate, grid.rate, 2, self._skip + frames, device)

    def add(self, samples: FloatArray32, *, last: bool = False) -> FloatArray32:
        """Shape (frames, 2) in and out; the last block completes what is missing."""
        out = self._converter.convert_block(samples, last=last)
        dropped = min(self._skip, len(out))
        self._skip -= dropped
        return np.ascontiguousarray(out[dropped:], np.float32)


def read_stereo(source: AudioInput, start: int, stop: int) -> FloatArray32:
    """Frames of the project from `start` to `stop`, stereo, silent where the source has none."""
    out = np.zeros((max(stop - start, 0), 2), np.float32)
    first, last = max(start, source.start_frame), min(stop, source.start_frame + source.frames)
    if last > first:
        read = source.read(first - source.start_frame, last - first)
        out[first - start : last - start] = stereo_downmix(read)
    return out
