"""One job's output on its way to one client: read from the spool, at the client's pace."""

from __future__ import annotations

import asyncio
from typing import BinaryIO

from bandmate_protocol.codec import SERVER_FRAMES
from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.messages import Audio, Failed, HeldStem, Progress, Stem
from bandmate_server.audio import Shelf
from bandmate_server.jobs import JobStore
from bandmate_server.jobs.feed import Feed
from bandmate_server.sessions.outlet import Outlet
from bandmate_server.spool import AudioEntry, JobSpool, JournalReader

_STATES_WITH_END = ("done", "failed", "cancelled")


class AudioDroppedError(Exception):
    """Raised when a finished stem is no longer on the disk."""


class JobStream:
    """Follows a job from what the client holds already to its end, through new attempts."""

    def __init__(
        self,
        feed: Feed,
        spool: JobSpool,
        store: JobStore,
        shelf: Shelf,
        outlet: Outlet,
        held: tuple[HeldStem, ...] = (),
    ) -> None:
        self._feed = feed
        self._spool = spool
        self._outlet = outlet
        self._files = _StemFiles(feed, spool, store, shelf)
        self._held = {(each.attempt, each.stem, each.revision): each.frames for each in held}
        self._news = asyncio.Event()
        self._attempt = -1
        self._reader: JournalReader | None = None
        self._frame_bytes: dict[tuple[int, int], int] = {}
        self._progress: Progress | None = None

    async def run(self) -> None:
        """Sends everything, waiting for the job and for the client's credit; returns at the job's end."""
        self._feed.follow(self._news)
        try:
            while not await self._catch_up():
                await self._news.wait()
        except AudioDroppedError:
            await self._outlet.send(self._dropped())
        finally:
            self._feed.leave(self._news)
            self._close()

    async def _catch_up(self) -> bool:
        """Sends what there is; true when the job has ended and all of it was sent."""
        self._news.clear()
        job = self._feed.job
        # Looked at first: the worker writes the journal's last entry before the job's state changes.
        ended = job.state in _STATES_WITH_END
        if job.attempt != self._attempt:
            self._close()
            self._attempt = job.attempt
            self._reader = JournalReader(self._spool.journal(job.attempt))
        await self._send_progress()
        while await self._send_entries():
            if job.attempt != self._attempt:
                return False
        if ended:
            await self._outlet.send(SERVER_FRAMES.decode(job.end))
        return ended

    async def _send_entries(self) -> bool:
        """Sends some of the journal; false when there was nothing left."""
        assert self._reader is not None, "opened for the attempt"
        entries = self._reader.read()
        for entry in entries:
            if isinstance(entry, AudioEntry):
                await self._send_audio(entry)
                await self._send_progress()
                continue
            message = SERVER_FRAMES.decode(entry.frame)
            if isinstance(message, Stem):
                self._frame_bytes[message.stem, message.revision] = 4 * message.channels
            await self._outlet.send(message)
        return bool(entries)

    async def _send_audio(self, entry: AudioEntry) -> None:
        held = self._held.get((self._attempt, entry.stem, entry.revision), 0)
        skip = max(held - entry.offset, 0)
        if skip >= entry.frames:
            return
        frame_bytes = self._frame_bytes[entry.stem, entry.revision]
        data = self._files.read(
            self._attempt,
            entry.stem,
            entry.revision,
            (entry.offset + skip) * frame_bytes,
            (entry.frames - skip) * frame_bytes,
        )
        if data is None:
            return
        await self._outlet.send_audio(
            Audio(
                job=self._feed.job.id,
                attempt=self._attempt,
                revision=entry.revision,
                stem=entry.stem,
                offset=entry.offset + skip,
                data=data,
            )
        )

    async def _send_progress(self) -> None:
        """Only the latest counts, so a slow client is not sent the ones between."""
        progress = self._feed.progress
        if progress is not None and progress is not self._progress and self._feed.job.active:
            self._progress = progress
            await self._outlet.send(progress)

    def _dropped(self) -> Failed:
        job = self._feed.job
        return Failed(
            job=job.id,
            attempt=job.attempt,
            code=ErrorCode.INPUT_MISSING.value,
            sentence="The audio of this job was dropped to keep the server's retention budget.",
            remedy=f"`bandmate redo {job.id} --seed {job.seed}` renders it again.",
        )

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._files.close()


class _StemFiles:
    """The files that an attempt's audio lies in: the spool's, or by hash once a stem is finished."""

    def __init__(self, feed: Feed, spool: JobSpool, store: JobStore, shelf: Shelf) -> None:
        self._feed = feed
        self._spool = spool
        self._store = store
        self._shelf = shelf
        self._open: dict[tuple[int, int, int], BinaryIO | None] = {}

    def read(self, attempt: int, stem: int, revision: int, offset: int, size: int) -> bytes | None:
        """Bytes of a stem; None when they are void: of a revision or an attempt that was given up."""
        key = (attempt, stem, revision)
        if key not in self._open:
            self._open[key] = self._find(attempt, stem, revision)
        file = self._open[key]
        if file is None:
            return None
        file.seek(offset)
        data = file.read(size)
        return data if len(data) == size else None

    def close(self) -> None:
        for file in self._open.values():
            if file is not None:
                file.close()
        self._open.clear()

    def _find(self, attempt: int, stem: int, revision: int) -> BinaryIO | None:
        try:
            return self._spool.audio(attempt, stem, revision).open("rb")
        except FileNotFoundError:
            sha256 = self._store.stem_hash(self._feed.job.id, attempt, stem, revision)
        if sha256 is None:
            return None
        try:
            file = self._shelf.stem(sha256).open("rb")
        except FileNotFoundError as error:
            raise AudioDroppedError from error
        self._store.touch([sha256])
        return file
