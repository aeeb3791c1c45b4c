"""What an item plays, at its file's own rate: the stage before any change of rate or speed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bandmate_protocol.messages import Input
from bandmate_server.audio.decoder import AudioDecoder, unusable
from bandmate_server.workers.link import InputFile

Floats = NDArray[np.float32]


class ItemFrames:
    """A slice of a file: exactly `frames` frames of the chosen channels, as they are in the file.

    Raises RequestError (`input_unusable`) for a file that cannot be used, and for a slice outside it.
    """

    def __init__(self, given: Input, file: InputFile) -> None:
        layout = (file.sample_rate, file.channels) if file.sample_rate and file.channels else None
        self._decoder = AudioDecoder(Path(file.path), layout)
        try:
            header = self._decoder.header
            self._start = given.start_frame
            self.frames = _slice_frames(given, header.frames)
            self._channels = _channels(given, header.channels)
        except BaseException:
            self._decoder.close()
            raise
        self.sample_rate = header.sample_rate
        """The file's own."""
        self.channels = len(self._channels)

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """All of it, in blocks of shape (frames, channels).

        Raises RequestError (`input_unusable`) where the file is damaged or not finite.
        """
        left = self.frames
        for block in self._decoder.blocks(self._start, self.frames):
            if not np.isfinite(block).all():
                raise unusable("holds values that are not numbers", "Render the audio again.")
            left -= len(block)
            yield np.ascontiguousarray(block[:, self._channels])
        if left:
            raise unusable(f"ends {left} frames early", "Save the file again.")

    def close(self) -> None:
        """Closes the file."""
        self._decoder.close()


def _slice_frames(given: Input, available: int) -> int:
    if available == 0:
        raise unusable("is empty", "Choose audio that has at least one frame.")
    wanted = available - given.start_frame if given.frames is None else given.frames
    if wanted <= 0 or given.start_frame + wanted > available:
        raise unusable(
            f"has {available} frames, too few for {wanted} from frame {given.start_frame} on",
            "Choose a slice inside the file.",
        )
    return wanted


def _channels(given: Input, available: int) -> list[int]:
    chosen = list(given.channels) or list(range(available))
    if max(chosen) >= available:
        raise unusable(
            f"has {available} channels, and channel {max(chosen) + 1} was asked for", "Choose others."
        )
    return chosen
