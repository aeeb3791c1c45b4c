"""The one place where audio files are decoded: forward, in blocks, from any frame on.

python-soundfile seeks after every `read`. libsndfile's seek in an MP3 decodes only the four frames before
the target, so the bits that small frames borrow from earlier ones (ISO 11172-3, "bit reservoir") are lost
and up to 120 ms turn silent. Here nothing seeks once reading has begun.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import soundfile
from numpy.typing import NDArray

from bandmate_protocol.texts import say
from bandmate_protocol.units import MAX_INTEGER
from bandmate_server.audio.containers import (
    AudioContainer,
    counted_container,
    mended_container,
    ogg_end_problem,
)
from bandmate_server.audio.headers import READABLE_FORMATS, AudioHeader, unusable_audio_error

BLOCK_FRAMES = 1 << 16
_VORBIS_PAGE_FRAMES = 255 * 4_096
"""The longest page of OGG Vorbis. libsndfile's seeks into the last one miss by what its end is cut by."""

_OGG_IN_WAVE_ORDER = {
    3: [0, 2, 1],
    5: [0, 2, 1, 3, 4],
    6: [0, 2, 1, 5, 3, 4],
    7: [0, 2, 1, 6, 5, 3, 4],
    8: [0, 2, 1, 7, 5, 6, 3, 4],
}
"""By the number of channels; Opus (RFC 7845, 5.1.1.2) has the order of Vorbis."""

Floats = NDArray[np.float32]


class AudioDecoder:
    """An open audio file, with its length as it is: counted where the header is missing, or wrong.

    Raises RequestError (`input_unusable`) for what is no audio, or has a rate or a number of channels outside
    the protocol's bounds.
    """

    def __init__(self, path: Path, layout: tuple[int, int] | None = None) -> None:
        """``layout``: sample rate and channels of a headless f32le file; None for a file with a header."""
        self._path = path
        self._layout = layout
        self._container: AudioContainer | None = None
        self.stopped = ""
        """Why the file is not heard to its end; empty when it is."""
        with ExitStack() as stack:
            if layout is None:
                self._examine_container(stack)
            first = stack.enter_context(self._open_at(0)[0])
            self.header = self._checked_header(first)
            self.channel_order = _wave_order(first)
            """Which channel of a block is the first, the second, ... in the order of WAVE files."""
            self._close = stack.pop_all()

    def blocks(self, start: int, frames: int) -> Iterator[Floats]:
        """At most ``frames`` frames from ``start`` on, in blocks of shape (frames, channels).

        Ends early where the file does, or where it is too damaged to go on.
        """
        file, ahead = self._open_at(start)
        with file:
            left = min(frames, max(self.header.frames - start, 0))
            ahead -= _seek_exactly(file, ahead)
            while left:
                block = _read_block(file, min(BLOCK_FRAMES, ahead + left))
                if len(block) == 0:
                    return
                kept = block[ahead:]
                ahead -= len(block) - len(kept)
                left -= len(kept)
                if len(kept):
                    yield kept

    @property
    def loose_frames(self) -> int:
        """How much silence behind its last frame belongs to the file: where an MP3 ends is not agreed on."""
        return self._container.loose_frames if self._container else 0

    def close(self) -> None:
        """Closes the file."""
        self._close.close()

    def _examine_container(self, stack: ExitStack) -> None:
        try:
            with self._path.open("rb") as file:
                data = stack.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError) as error:
            # There is no mapping of nothing.
            raise unusable_audio_error("cannot be read as audio", READABLE_FORMATS) from error
        self._container = mended_container(data)
        first = stack.enter_context(self._open_at(0)[0])
        if first.subtype.startswith("MPEG"):
            self._container = counted_container(data) or self._container
        if self._container is not None:
            self.stopped = self._container.stop_reason
        elif first.format == "OGG":
            self.stopped = ogg_end_problem(data)

    def _open_at(self, start: int) -> tuple[soundfile.SoundFile, int]:
        """The file from a frame on, and how many frames come before that."""
        if self._container is None:
            return _open_soundfile(self._path, self._layout), start
        view, ahead = self._container.view_from(start)
        return _open_soundfile(view), ahead

    def _checked_header(self, file: soundfile.SoundFile) -> AudioHeader:
        """Held to the protocol's bounds: a rate of 1 Hz would fill the disk once it is resampled."""
        frames = file.frames if file.frames <= MAX_INTEGER else _count_frames(file)
        promised = frames
        if self._container is not None:
            frames = self._container.frames_of(frames)
            promised = self._container.promised_frames(frames)
        missing = promised - frames
        said = {"sample_rate": file.samplerate, "channels": file.channels, "frames": frames}
        try:
            return msgspec.convert(said | {"missing_frames": missing}, AudioHeader)
        except msgspec.ValidationError as error:
            raise unusable_audio_error(
                say("has an unsupported format ({error})", error=error), "Save it as WAV at 8 to 384 kHz."
            ) from error


class _ForwardFile(soundfile.SoundFile):  # type: ignore[misc] # soundfile has no types
    """Says that it cannot seek, which is what keeps python-soundfile from seeking after each `read`."""

    def seekable(self) -> bool:
        return False


def _open_soundfile(file: Any, layout: tuple[int, int] | None = None) -> soundfile.SoundFile:
    # soundfile declares `file` as a path, although it reads any binary file.
    try:
        if layout is None:
            return _ForwardFile(file)
        rate, channels = layout
        return _ForwardFile(
            file, samplerate=rate, channels=channels, format="RAW", subtype="FLOAT", endian="LITTLE"
        )
    except (soundfile.SoundFileError, OSError, TypeError) as error:
        raise unusable_audio_error("cannot be read as audio", READABLE_FORMATS) from error


def _wave_order(file: soundfile.SoundFile) -> list[int]:
    """What libsndfile gives of an OGG is in Vorbis order: L C R, and the LFE last (Vorbis I, 4.3.9)."""
    as_it_is = list(range(file.channels))
    return _OGG_IN_WAVE_ORDER.get(file.channels, as_it_is) if file.format == "OGG" else as_it_is


def _read_block(file: soundfile.SoundFile, frames: int) -> Floats:
    try:
        return np.asarray(file.read(frames, dtype="float32", always_2d=True), np.float32)
    except soundfile.SoundFileError:
        return np.zeros((0, file.channels), np.float32)


def _seek_exactly(file: soundfile.SoundFile, ahead: int) -> int:
    """Seeks as far as a seek is exact; returns how many frames that are."""
    if file.subtype.startswith("MPEG"):
        return 0
    if file.subtype == "VORBIS" and ahead > file.frames - _VORBIS_PAGE_FRAMES:
        ahead = max(file.frames - _VORBIS_PAGE_FRAMES, 0)
    if ahead:
        file.seek(ahead)
    return ahead


def _count_frames(file: soundfile.SoundFile) -> int:
    """The length of a file whose header has none, by decoding it."""
    frames = 0
    while len(block := _read_block(file, BLOCK_FRAMES)):
        frames += len(block)
    return frames
