"""What an item plays, at its file's own rate: the stage before any change of rate or speed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bandmate_protocol.messages import Input
from bandmate_protocol.texts import say
from bandmate_server.audio.decoder import BLOCK_FRAMES, AudioDecoder
from bandmate_server.audio.headers import AudioHeader, unusable_audio_error
from bandmate_server.workers.link import InputFile

_AUDIBLE_SECONDS = 0.01
"""Less than this is missing at the end of many files, and nobody misses it."""
_SUBJECTS = {"source": "The source file", "context": "A file on another track"}

Floats = NDArray[np.float32]


class ItemFrames:
    """A slice of a file: exactly `frames` frames of the chosen channels, as they are in the file.

    A slice may reach as far as the file's header promises; what is missing is silent, and `remarks` says so.
    Raises RequestError (`input_unusable`) for a file that cannot be used, and for a slice outside it.
    """

    def __init__(self, given: Input, file: InputFile) -> None:
        layout = (file.sample_rate, file.channels) if file.sample_rate and file.channels else None
        self._decoder = AudioDecoder(Path(file.path), layout)
        self._start = given.start_frame
        self._subject = _SUBJECTS.get(given.role, f"The {given.role} file")
        self._lost = 0
        """Frames that should have been there and could not be decoded."""
        try:
            header = self._decoder.header
            self.frames = _slice_frames(given, header, self._decoder.loose_frames)
            self._channels = _chosen_channels(given, self._decoder.channel_order)
        except BaseException:
            self._decoder.close()
            raise
        self.sample_rate = header.sample_rate
        """The file's own."""
        self.channels = len(self._channels)

    def blocks(self) -> Iterator[Floats]:
        """All of it, in blocks of shape (frames, channels).

        Raises RequestError (`input_unusable`) for values that are not finite.
        """
        left = self.frames
        for block in self._decoder.blocks(self._start, self.frames):
            if not np.isfinite(block).all():
                raise unusable_audio_error("holds values that are not numbers", "Render the audio again.")
            left -= len(block)
            yield np.ascontiguousarray(block[:, self._channels])
        there = min(self.frames, max(self._decoder.header.frames - self._start, 0))
        self._lost = there - (self.frames - left)
        while left:
            silent = min(left, BLOCK_FRAMES)
            left -= silent
            yield np.zeros((silent, self.channels), np.float32)

    @property
    def remarks(self) -> list[str]:
        """What a musician should know of the file; of damage only once it was read."""
        header, rate = self._decoder.header, self.sample_rate
        said: list[str] = []
        if header.missing_frames > _AUDIBLE_SECONDS * rate:
            there, promised = _length_texts(rate, header.frames, header.frames + header.missing_frames)
            said.append(
                say(
                    "{subject} is truncated: its header promises {promised}, but it has {there}.",
                    subject=self._subject,
                    promised=promised,
                    there=there,
                )
            )
        if self._decoder.stopped:
            (there,) = _length_texts(rate, header.frames)
            said.append(
                say(
                    "{subject} was read up to {there}: {stopped}.",
                    subject=self._subject,
                    there=there,
                    stopped=self._decoder.stopped,
                )
            )
        if self._lost > _AUDIBLE_SECONDS * rate:
            (lost,) = _length_texts(rate, self._lost)
            said.append(
                say(
                    "{subject} is damaged: {lost} of it could not be read and are silent.",
                    subject=self._subject,
                    lost=lost,
                )
            )
        return said

    def close(self) -> None:
        """Closes the file."""
        self._decoder.close()


def _slice_frames(given: Input, header: AudioHeader, loose: int) -> int:
    if header.frames == 0:
        raise unusable_audio_error("is empty", "Choose audio that has at least one frame.")
    wanted = header.frames - given.start_frame if given.frames is None else given.frames
    if wanted <= 0 or given.start_frame + wanted > header.frames + header.missing_frames + loose:
        raise unusable_audio_error(
            say(
                "has {frames} frames, too few for {wanted} from frame {start_frame} on",
                frames=header.frames,
                wanted=wanted,
                start_frame=given.start_frame,
            ),
            "Choose a slice inside the file.",
        )
    return wanted


def _chosen_channels(given: Input, order: list[int]) -> list[int]:
    """The channels that were chosen, as the file counts them; else all, in the order of WAVE files."""
    chosen = list(given.channels) or order
    if max(chosen) >= len(order):
        raise unusable_audio_error(
            say(
                "has {count} channels, but channel {max} was requested", count=len(order), max=max(chosen) + 1
            ),
            "Choose other channels.",
        )
    return chosen


def _length_texts(rate: int, *lengths: int) -> list[str]:
    """Lengths as text, so exact that different ones look different."""
    for digits in (1, 2, 3):
        texts = [f"{length / rate:.{digits}f} s" for length in lengths]
        if len(set(texts)) == len(lengths) and not texts[0].startswith("0.0 "):
            break
    return texts
