"""One job's output on its way to one client: read from the spool, at the client's pace."""

from __future__ import annotations

import asyncio
import logging
import sqlite3

from bandmate_protocol.codec import SERVER_FRAMES
from bandmate_protocol.errors import ErrorCode, RemoteProtocolError
from bandmate_protocol.messages import Audio, Failed, HeldStem, Notes, Progress, Stem, StemEnd
from bandmate_server.audio import BlobStore
from bandmate_server.faults import DISK_FAULTS, disk_error
from bandmate_server.jobs import JobStore
from bandmate_server.jobs.events import JobEvents
from bandmate_server.logs import job_log_context
from bandmate_server.sessions.outlet import MessageOutlet
from bandmate_server.sessions.stem_files import AudioLostError, StemFiles
from bandmate_server.spool import AudioEntry, DamagedJournalError, JobSpool, JournalReader

_log = logging.getLogger(__name__)

_STATES_WITH_END = ("done", "failed", "cancelled")
_RETRY_SECONDS = 0.5
"""Between two tries to read what a job that still runs has made."""


class JobStream:
    """Follows a job from what the client holds already to its end, through new attempts."""

    def __init__(
        self,
        feed: JobEvents,
        spool: JobSpool,
        store: JobStore,
        shelf: BlobStore,
        outlet: MessageOutlet,
        *,
        held: tuple[HeldStem, ...] = (),
        without_audio: bool = False,
    ) -> None:
        self._feed = feed
        self._spool = spool
        self._store = store
        self._outlet = outlet
        self._files = StemFiles(feed, spool, store, shelf)
        self._without_audio = without_audio
        self._held = {(each.attempt, each.stem, each.revision): each.frames for each in held}
        self._news = asyncio.Event()
        self._reader: JournalReader | None = None
        self._attempt = -1
        self._stems: dict[int, Stem] = {}
        """As announced by the attempt that is read, each in its latest revision."""
        self._ended: set[tuple[int, int]] = set()
        """Stems, by number and revision, of which all was sent."""
        self._void: set[tuple[int, int]] = set()
        """Stems, by number and revision, of which something was not sent, as nobody has it any more."""
        self._progress: Progress | None = None

    async def run(self) -> None:
        """Sends everything, waiting for the job and for the client's credit; returns at the job's end.

        The end is `failed` when what the job made cannot be read. Raises what the connection raises.
        """
        self._feed.add_follower(self._news)
        try:
            with job_log_context(self._feed.job.id):
                while not await self._send_news():
                    await self._news.wait()
        finally:
            self._feed.remove_follower(self._news)
            self._close_files()

    async def _send_news(self) -> bool:
        """Sends what there is; true when the job has ended and the client was told how."""
        self._news.clear()
        job = self._feed.job
        # Looked at first: the worker writes the journal's last entry before the job's state changes.
        ended = job.state in _STATES_WITH_END
        attempt = job.attempt
        try:
            await self._send_available(ended)
        except (AudioLostError, DamagedJournalError, RemoteProtocolError, *DISK_FAULTS) as error:
            if isinstance(error, ConnectionError):
                raise
            self._close_files()
            if job.attempt != attempt:
                # What could not be read was given up meanwhile; the next attempt is read instead.
                self._news.set()
                return False
            if isinstance(error, AudioLostError):
                _log.warning("the job's audio is incomplete: %s", error)
            else:
                _log.error("the job's output cannot be read", exc_info=error)
            if not ended:
                # Perhaps the disk comes back: tried again at the next news, the job's end at the latest.
                await asyncio.sleep(_RETRY_SECONDS)
                return False
            await self._outlet.send(self._failed_message(error))
        return ended

    async def _send_available(self, ended: bool) -> None:
        job = self._feed.job
        if self._reader is None or job.attempt != self._attempt:
            self._open_journal(job.attempt)
        await self._send_progress()
        while await self._send_entries():
            if job.attempt != self._attempt:
                self._news.set()
                return
        if ended:
            if job.state == "done":
                self._check_complete()
            await self._outlet.send_encoded(SERVER_FRAMES.decode(job.end), job.end)

    def _open_journal(self, attempt: int) -> None:
        """Starts at the journal's first entry; what was sent before is not sent again."""
        self._close_files()
        self._attempt = attempt
        self._stems.clear()
        self._ended.clear()
        self._void.clear()
        self._reader = JournalReader(self._spool.journal_path(attempt))

    def _check_complete(self) -> None:
        """Raises AudioLostError when a job that is done has made more than could be sent."""
        latest = {(stem.stem, stem.revision) for stem in self._stems.values()}
        if (
            not latest <= self._ended
            or latest & self._void
            or not self._recorded_stems() <= self._stems.keys()
        ):
            raise AudioLostError("the job's output is incomplete")

    def _recorded_stems(self) -> set[int]:
        """The stems that the table knows of; none when it cannot be asked: it is only a second witness."""
        try:
            return self._store.stem_numbers(self._feed.job.id, self._attempt)
        except sqlite3.Error as error:
            _log.warning("the job table could not list the stems: %s", error)
            return set()

    async def _send_entries(self) -> bool:
        """Sends some of the journal; false when there was nothing left."""
        assert self._reader is not None, "opened for the attempt"
        entries = self._reader.read()
        for entry in entries:
            if isinstance(entry, AudioEntry):
                if not self._without_audio:
                    await self._send_audio(entry)
                await self._send_progress()
                continue
            message = SERVER_FRAMES.decode(entry.frame)
            if not isinstance(message, Stem | StemEnd | Notes) or message.job != self._feed.job.id:
                raise DamagedJournalError(f"a {type(message).__name__} of another job, or out of place")
            if isinstance(message, Stem):
                self._stems[message.stem] = message
            elif isinstance(message, StemEnd):
                self._ended.add((message.stem, message.revision))
                if (message.stem, message.revision) in self._void:
                    # Without its audio the client would wait for the rest for ever.
                    continue
            await self._outlet.send_encoded(message, entry.frame)
        return bool(entries)

    async def _send_audio(self, entry: AudioEntry) -> None:
        key = (self._attempt, entry.stem, entry.revision)
        held = self._held.get(key, 0)
        skip = max(held - entry.offset, 0)
        if skip >= entry.frames:
            return
        stem = self._stems.get(entry.stem)
        if stem is None:
            raise DamagedJournalError("audio of a stem that was not announced")
        frame_bytes = 4 * stem.channels
        start, size = (entry.offset + skip) * frame_bytes, (entry.frames - skip) * frame_bytes
        data = await self._files.read(self._attempt, entry.stem, entry.revision, start, size)
        if data is None:
            self._void.add((entry.stem, entry.revision))
            return
        await self._outlet.send_audio(
            Audio(
                job=self._feed.job.id,
                attempt=self._attempt,
                revision=entry.revision,
                stem=entry.stem,
                offset=entry.offset + skip,
                data=data,
            ),
            frame_bytes,
        )
        self._held[key] = entry.offset + entry.frames

    async def _send_progress(self) -> None:
        """Only the latest counts, so a slow client is not sent the ones between."""
        progress = self._feed.progress
        if progress is not None and progress is not self._progress and self._feed.job.is_active:
            self._progress = progress
            await self._outlet.send(progress)

    def _failed_message(self, error: Exception) -> Failed:
        """How a job ends whose output cannot be read; the job itself stays as it is."""
        job = self._feed.job
        code = ErrorCode.INPUT_MISSING
        sentence = (
            "The audio of this job is no longer complete on the server: it was deleted to stay within the "
            "retention budget, or it was damaged."
        )
        remedy = f"`bandmate redo {job.id} --seed {job.seed}` renders it again."
        if isinstance(error, DISK_FAULTS):
            refused = disk_error(error)
            code, sentence = refused.code, f"The audio of this job cannot be read. {refused.sentence}"
            remedy = f"When that is fixed, `bandmate fetch {job.id}` fetches it. {remedy}"
        return Failed(job=job.id, attempt=job.attempt, code=code.value, sentence=sentence, remedy=remedy)

    def _close_files(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        self._files.close()
