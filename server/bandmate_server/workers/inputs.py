"""Audio that came with a job, decoded and laid on the project's own frames, in bounded memory.

Two stages: `ItemFrames` reads what the item plays at its file's rate, and what follows brings it to the
project's rate.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins.request import AudioInput
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Input
from bandmate_protocol.units import MAX_INTEGER
from bandmate_server.workers.item_frames import ItemFrames
from bandmate_server.workers.link import InputFile
from bandmate_server.workers.project_rate import varispeed

_SLOWEST = 0.001
"""Times the speed of the file. Resamplers take memory that grows with the ratio of the rates."""


class FileInput(AudioInput):
    """A slice of a file at the project's rate.

    Decoded to headless f32le beside the spool as far as it is read, and no further: the first audio of a job
    does not wait for the end of a long file, and random access costs no memory.
    """

    def __init__(
        self,
        given: Input,
        file: InputFile,
        sample_rate: int,
        scratch: Path,
        check: Callable[[], None],
        most_frames: int = MAX_INTEGER,
    ) -> None:
        """`scratch` is where the decoded frames go; `check` is called for every block.

        Raises RequestError (`input_unusable`, `range_too_long`) for audio that cannot be used, or would have
        more than `most_frames` frames.
        """
        self.role = given.role
        self.start_frame = given.at_frame
        self._scratch = scratch
        self._check = check
        _check_speed(given.play_rate)
        self._source = ItemFrames(given, file)
        rate_in = self._source.sample_rate * given.play_rate
        self.channels = self._source.channels
        self.frames = max(round(self._source.frames * sample_rate / rate_in), 1)
        if self.frames > most_frames:
            self._source.close()
            raise _too_long(self.frames / sample_rate, most_frames / sample_rate)
        self._blocks_left = varispeed(self._source.blocks(), rate_in, sample_rate, self.channels)
        self._decoded: BinaryIO | None = None
        self._done = 0

    def read(self, offset: int = 0, frames: int | None = None) -> NDArray[np.float32]:
        """See AudioInput."""
        end = self.frames if frames is None else min(offset + frames, self.frames)
        start = min(offset, end)
        if self._decoded is None:
            self._decoded = self._scratch.open("w+b")
        self._decode(self._decoded, end)
        self._decoded.seek(start * self._frame_bytes)
        data = self._decoded.read((end - start) * self._frame_bytes)
        return np.frombuffer(data, "<f4").astype(np.float32).reshape(-1, self.channels)

    @property
    def remarks(self) -> list[str]:
        """What a musician should know of the file: what is missing in it."""
        return self._source.remarks

    def close(self) -> None:
        """Lets go of the file and of the decoded frames."""
        self._blocks_left.close()
        self._source.close()
        if self._decoded is not None:
            self._decoded.close()

    @property
    def _frame_bytes(self) -> int:
        return 4 * self.channels

    def _decode(self, out: BinaryIO, end: int) -> None:
        """Decodes up to a frame. The resampler's last frame or two are cut, or silent."""
        out.seek(self._done * self._frame_bytes)
        while self._done < end:
            self._check()
            block = next(self._blocks_left, None)
            if block is None:
                out.write(bytes(self._frame_bytes * (self.frames - self._done)))
                self._done = self.frames
                return
            kept = block[: self.frames - self._done]
            out.write(kept.astype("<f4", copy=False).tobytes())
            self._done += len(kept)


def _check_speed(play_rate: float) -> None:
    if play_rate < _SLOWEST:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            f"The audio plays at {play_rate:g} times its speed; it can be read from {_SLOWEST:g} on.",
            "Choose a faster play rate, or render the item first.",
        )


def _too_long(seconds: float, most: float) -> RequestError:
    return RequestError(
        ErrorCode.RANGE_TOO_LONG,
        f"The audio would play for {seconds:.0f} s; at most {most:.0f} s are taken.",
        "Choose a shorter piece of it, or raise range_seconds in the server's settings.",
    )
