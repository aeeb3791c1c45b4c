"""The one place where audio files are decoded: forward, in blocks, from any frame on.

python-soundfile seeks after every `read`. libsndfile's seek in an MP3 decodes only the four frames before
the target, so the bits that small frames borrow from earlier ones (ISO 11172-3, "bit reservoir") are lost
and up to 120 ms turn silent. Here nothing seeks once reading has begun.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import soundfile
from numpy.typing import NDArray

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_server.audio.headers import Header

BLOCK_FRAMES = 1 << 16
READABLE = "WAV, RF64, AIFF, FLAC, OGG and MP3 can."

Floats = NDArray[np.float32]


class AudioDecoder:
    """An open audio file.

    Raises RequestError (`input_unusable`) for what is no audio, is empty, or has a rate or a number of
    channels outside the protocol's bounds.
    """

    def __init__(self, path: Path, layout: tuple[int, int] | None = None) -> None:
        """``layout``: sample rate and channels of a headless f32le file; None for a file with a header."""
        self._file = _opened(path, layout)
        try:
            self.header = _bounded(self._file)
        except BaseException:
            self._file.close()
            raise

    def blocks(self, start: int, frames: int) -> Iterator[Floats]:
        """At most ``frames`` frames from ``start`` on, shape (frames, channels); may be called once.

        Ends early where the file does, or where it is too damaged to go on.
        """
        skipped = _skip_to(self._file, start)
        left = skipped + frames
        while left:
            block = self._read(min(BLOCK_FRAMES, left))
            if len(block) == 0:
                return
            left -= len(block)
            kept = block[skipped:]
            skipped -= len(block) - len(kept)
            if len(kept):
                yield kept

    def _read(self, frames: int) -> Floats:
        try:
            return np.asarray(self._file.read(frames, dtype="float32", always_2d=True), np.float32)
        except soundfile.SoundFileError:
            return np.zeros((0, self.header.channels), np.float32)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


class _ForwardFile(soundfile.SoundFile):  # type: ignore[misc] # soundfile has no types
    """Says that it cannot seek, which is what keeps python-soundfile from seeking after each `read`."""

    def seekable(self) -> bool:
        return False


def _opened(path: Path, layout: tuple[int, int] | None) -> soundfile.SoundFile:
    try:
        if layout is None:
            return _ForwardFile(path)
        rate, channels = layout
        return _ForwardFile(
            path, samplerate=rate, channels=channels, format="RAW", subtype="FLOAT", endian="LITTLE"
        )
    except (soundfile.SoundFileError, OSError, TypeError) as error:
        raise unusable("cannot be read as audio", READABLE) from error


def _bounded(file: soundfile.SoundFile) -> Header:
    """The header, held to the protocol's bounds: a rate of 1 Hz would fill the disk once it is resampled."""
    said = {"sample_rate": file.samplerate, "channels": file.channels, "frames": file.frames}
    try:
        return msgspec.convert(said, Header)
    except msgspec.ValidationError as error:
        raise unusable(f"has an odd form ({error})", "Save it as WAV at 8 to 384 kHz.") from error


def _skip_to(file: soundfile.SoundFile, start: int) -> int:
    """Seeks to a frame where that is exact; returns how many frames are still to be thrown away."""
    if start == 0 or file.subtype.startswith("MPEG"):
        return start
    file.seek(start)
    return 0


def unusable(what: str, remedy: str) -> RequestError:
    """The error for a file: what is wrong with it, and what would work."""
    return RequestError(ErrorCode.INPUT_UNUSABLE, f"The audio file {what}.", remedy)
