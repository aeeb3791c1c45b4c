"""A stem as a WAV file whose header and size are known before its audio is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from bandmate_plugins._platform.wav_header import WavShape, wav_header
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.jobs.events import JobEvents
from bandmate_server.services import Services
from bandmate_server.sessions.stem_files import AudioLostError
from bandmate_server.spool import JobSpool

_BLOCK_FRAMES = 1 << 16
"""Read at once. Each read waits for a thread, which takes longer than to read so much."""
_SAMPLE_BYTES = 4


@dataclass(frozen=True)
class StemLayout:
    """What the frames of a stem are."""

    sample_rate: int
    channels: int
    frames: int


class FrameReader(Protocol):
    """Reads frames of a stem as interleaved f32le."""

    async def read(self, offset: int, size: int) -> bytes:
        """Bytes from an offset on, at least one frame, at most `size`; waits for them. Raises AudioLostError."""
        ...

    def close(self) -> None:
        """Closes the file."""
        ...


class FinishedFrames:
    """Frames of a finished stem, by its hash."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        self._file = path.open("rb")

    async def read(self, offset: int, size: int) -> bytes:
        """See FrameReader."""
        data = await asyncio.to_thread(read_at, self._file, offset, size)
        if not data:
            raise AudioLostError("a stem is shorter than it was")
        return data

    def close(self) -> None:
        """See FrameReader."""
        self._file.close()


class GrowingFrames:
    """Frames of a stem that a job is making, as they come."""

    def __init__(self, services: Services, feed: JobEvents, stem: int, channels: int) -> None:
        self._services = services
        self._feed = feed
        self._key = (feed.job.attempt, stem, 0)
        self._frame_bytes = _SAMPLE_BYTES * channels
        self._file: BinaryIO | None = None
        self._news = asyncio.Event()
        feed.add_follower(self._news)

    async def read(self, offset: int, size: int) -> bytes:
        """See FrameReader."""
        while True:
            self._news.clear()
            # Looked at first: what a job has written is there before it ends.
            is_growing = self._feed.job.state == "running" and self._feed.job.attempt == self._key[0]
            if self._file is None:
                self._file = self._open_file()
            data = await asyncio.to_thread(read_at, self._file, offset, size) if self._file else b""
            whole = len(data) - len(data) % self._frame_bytes
            if whole:
                return data[:whole]
            if not is_growing:
                raise AudioLostError("the stem was given up before it was whole")
            await self._news.wait()

    def close(self) -> None:
        """See FrameReader."""
        self._feed.remove_follower(self._news)
        if self._file is not None:
            self._file.close()

    def _open_file(self) -> BinaryIO | None:
        spool: JobSpool = self._services.desk.spool_of(self._feed.job)
        sha256 = self._feed.finished.get(self._key)
        paths = [spool.audio_path(*self._key)]
        if sha256:
            paths.append(self._services.shelf.stem_path(sha256))
        for path in paths:
            try:
                return path.open("rb")
            except FileNotFoundError:
                continue
        return None


class WavSource:
    """A stem as WAV of 24 or 32 bits: a ByteSource."""

    def __init__(self, layout: StemLayout, bits: int, frames: FrameReader) -> None:
        self._shape = WavShape(layout.sample_rate, layout.channels, layout.frames, bits)
        self._header = wav_header(self._shape)
        self._frames = frames
        self.size = len(self._header) + self._shape.data_bytes + self._shape.padding_bytes

    async def pieces(self, first: int, end: int) -> AsyncIterator[bytes]:
        """The bytes of the file from `first` up to `end`, each as soon as it is there. Raises AudioLostError."""
        if first < len(self._header):
            yield self._header[first:end]
        data_start = len(self._header)
        position = max(first, data_start)
        data_end = min(end, data_start + self._shape.data_bytes)
        while position < data_end:
            frame, skip = divmod(position - data_start, self._shape.frame_bytes)
            wanted = -(-(data_end - data_start) // self._shape.frame_bytes) - frame
            data = await self._read_frames(frame, min(wanted, _BLOCK_FRAMES))
            piece = data[skip : skip + data_end - position]
            position += len(piece)
            yield piece
        if end > position and self._shape.padding_bytes:
            yield b"\0"

    def close(self) -> None:
        """See ByteSource."""
        self._frames.close()

    async def _read_frames(self, frame: int, count: int) -> bytes:
        frame_bytes = _SAMPLE_BYTES * self._shape.channels
        data = await self._frames.read(frame * frame_bytes, count * frame_bytes)
        return data if self._shape.bits == 32 else await asyncio.to_thread(_as_24_bits, data)


async def open_stem(services: Services, job_id: str, stem: int) -> tuple[StemLayout, FrameReader, str]:
    """The layout and the frames of a stem, and its hash, which is empty while it grows.

    Raises RequestError: `no_such_job`, `not_ready` when it is not announced yet, `input_missing`.
    """
    feed = services.desk.events_of(job_id)
    if feed.job.is_active:
        return _open_active(services, feed, stem)
    for found in services.store.stems_of(job_id):
        layout = services.store.stem_layout(found.sha256)
        if found.stem == stem and layout is not None:
            path = services.shelf.stem_path(found.sha256)
            if not await services.shelf.is_intact(path):
                break
            services.store.mark_used([found.sha256])
            return StemLayout(*layout, found.frames), FinishedFrames(path), found.sha256
    raise RequestError(
        ErrorCode.INPUT_MISSING,
        say("Job {job} has no audio of a stem {stem} on the server.", job=job_id, stem=stem),
        say("POST /api/v1/jobs/{job}/redo with the same seed makes it again.", job=job_id),
    )


def _open_active(services: Services, feed: JobEvents, stem: int) -> tuple[StemLayout, FrameReader, str]:
    for announced in feed.stems:
        if announced.stem == stem and announced.attempt == feed.job.attempt:
            layout = StemLayout(announced.sample_rate, announced.channels, announced.frames)
            return layout, GrowingFrames(services, feed, stem, announced.channels), ""
    raise RequestError(
        ErrorCode.NOT_READY,
        say("Job {job} has not announced a stem {stem} yet.", job=feed.job.id, stem=stem),
        say("Wait for `stem` in /api/v1/jobs/{job}/events.", job=feed.job.id),
    )


def read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Bytes of a file. Blocks; raises OSError."""
    file.seek(offset)
    return file.read(size)


def _as_24_bits(data: bytes) -> bytes:
    # Only those who ask for it pay for numpy in the server's process.
    import numpy as np

    from bandmate_server.audio.quantise import Quantiser, pack_samples

    samples = np.nan_to_num(np.frombuffer(data, "<f4").reshape(1, -1))
    return pack_samples(Quantiser(24, dither=False).quantise(samples), 24)
