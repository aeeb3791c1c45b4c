"""A slice of a file as it plays in the project: at its speed and pitch, on the project's frames, faded."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Fade, FadeShape, Input
from bandmate_protocol.texts import say
from bandmate_server.workers.inputs.item_frames import ItemFrames
from bandmate_server.workers.inputs.project_rate import resample_varispeed
from bandmate_server.workers.inputs.time_stretch import stretch_blocks
from bandmate_server.workers.link import InputFile

_MIN_SPEED = 0.001
"""Times the speed of the file. Resamplers take memory that grows with the ratio of the rates."""

Floats = NDArray[np.float32]

_FADE_CURVES: dict[FadeShape, Callable[[Floats], Floats]] = {
    "linear": lambda x: x,
    "fast": lambda x: 1 - (1 - x) ** 2,
    "slow": lambda x: x**2,
    "smooth": lambda x: x**2 * (3 - 2 * x),
}


class SliceAudio:
    """One input's audio, to be read once, from its start to its end.

    Four stages: `ItemFrames` reads what the item plays at its file's rate; `stretch_blocks` changes speed or pitch
    alone; `resample_varispeed` brings it to the project's rate; at last come gain and fades.
    """

    def __init__(self, given: Input, file: InputFile, sample_rate: int) -> None:
        """Raises RequestError (`input_unusable`) for audio that cannot be used."""
        _check_speed(given.play_rate)
        self._given = given
        self._source = ItemFrames(given, file)
        self._rate_in = self._source.sample_rate * given.play_rate
        self._rate = sample_rate
        self.start_frame = given.at_frame
        self.frames = max(round(self._source.frames * sample_rate / self._rate_in), 1)
        self.channels = 1 if given.mono else self._source.channels

    @property
    def end_frame(self) -> int:
        """In the project; exclusive."""
        return self.start_frame + self.frames

    @property
    def remarks(self) -> list[str]:
        """What a musician should know of the file: what is missing in it."""
        return self._source.remarks

    def blocks(self, check: Callable[[], None]) -> Generator[Floats, None, None]:
        """All of its frames, in blocks of shape (frames, channels). ``check`` is called now and then."""
        blocks: Iterable[Floats] = self._source.blocks()
        if self._given.mono:
            blocks = (block.mean(axis=1, keepdims=True, dtype=np.float32) for block in blocks)
        at = 0
        for block in _fit_length(self._at_project_rate(blocks, check), self.frames, self.channels):
            check()
            yield self._apply_gain_and_fades(block, at)
            at += len(block)

    def close(self) -> None:
        """Closes the file."""
        self._source.close()

    def _at_project_rate(self, blocks: Iterable[Floats], check: Callable[[], None]) -> Iterator[Floats]:
        given, rate_in = self._given, self._rate_in
        keeps_pitch = given.preserve_pitch and given.play_rate != 1.0
        if keeps_pitch or given.pitch_semitones:
            rate, frames = self._source.sample_rate, self._source.frames
            speed = given.play_rate if keeps_pitch else 1.0
            blocks = stretch_blocks(blocks, frames, rate, speed, given.pitch_semitones, check)
            rate_in /= speed
        return resample_varispeed(blocks, rate_in, self._rate, self.channels)

    def _apply_gain_and_fades(self, block: Floats, at: int) -> Floats:
        """A block that begins ``at`` frames into the slice, with its gain and fades."""
        given = self._given
        if given.gain != 1.0:
            block = block * np.float32(given.gain)
        for fade, first in (
            (given.fade_in, at),
            (given.fade_out, self.frames - at - len(block)),
        ):
            if fade is not None and first < fade.frames:
                way = np.arange(first, first + len(block))
                factors = _fade_gain(fade, way if fade is given.fade_in else way[::-1])
                block = block * factors[:, None]
        return block


def _fade_gain(fade: Fade, way: NDArray[np.int64]) -> Floats:
    """How loud it is so many frames from silence."""
    share = np.minimum(way.astype(np.float64) / fade.frames, 1.0)
    return _FADE_CURVES[fade.shape](share).astype(np.float32)


def _fit_length(blocks: Iterable[Floats], frames: int, channels: int) -> Iterator[Floats]:
    """So many frames: what is over is cut, and what lacks is silent."""
    left = frames
    for block in blocks:
        kept = block[:left]
        left -= len(kept)
        if len(kept):
            yield kept
        if not left:
            return
    yield np.zeros((left, channels), np.float32)


def _check_speed(play_rate: float) -> None:
    if play_rate < _MIN_SPEED:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            say(
                "The audio plays at {play_rate:g} times its speed, but the slowest that can be read is "
                "{min_speed:g}.",
                play_rate=play_rate,
                min_speed=_MIN_SPEED,
            ),
            "Choose a faster play rate, or render the item first.",
        )
