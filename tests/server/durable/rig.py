"""A whole server in this process, without a network: real sessions, desk, table, shelf, spool and streams.

Jobs are run by the worker's own code, here and at once, so that every call it makes can be refused.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
from starlette.websockets import WebSocket

from bandmate_protocol.codec import SERVER_FRAMES
from bandmate_protocol.messages import Error, Message, Submit, Upload, Uploaded
from bandmate_protocol.session import ClientSession, JobEnded, StemFinished, StemPiece
from bandmate_server.audio import BlobStore, UploadStore
from bandmate_server.audio.peaks import PEAKS_SUFFIX
from bandmate_server.audio.recheck import recheck_recent_blobs
from bandmate_server.catalogue import CatalogueHolder
from bandmate_server.config import Settings
from bandmate_server.jobs import JobStore
from bandmate_server.jobs.dropping import JobDropper
from bandmate_server.jobs.executor import LANES, LocalExecutor
from bandmate_server.jobs.queue import JobQueue
from bandmate_server.jobs.retention import RetentionSweeper
from bandmate_server.live_settings import LiveSettings
from bandmate_server.metrics import Metrics
from bandmate_server.sessions import ClientConnection, FocusBoard, Services
from bandmate_server.surfaces.control import SlotStore
from bandmate_server.workers import AttemptEnded, JobNews, RunJob
from bandmate_server.workers.link import RelayFrame, WorkerReport
from bandmate_server.workers.reports import RunReports
from bandmate_server.workers.runner import JobRunner
from tests.server.durable.faults import Refusals, RefusingTable
from tests.server.wire import timeline_of

PATIENCE_SECONDS = 60.0
"""Something that never comes is noticed after so long; nothing that comes is judged by it."""
SECONDS = 0.02
RATE = 48_000


class Bench:
    """The worker's code, to be called in this process; made once, as its catalogue takes a second."""

    def __init__(self) -> None:
        self._reports: list[WorkerReport] = []
        self._performer = JobRunner("cpu", self._reports.append, lambda _job: False)

    async def run(self, run: RunJob) -> AsyncIterator[JobNews | AttemptEnded]:
        self._reports.clear()
        finished, reports = self._performer.run_job(run), RunReports(run)
        for report in self._reports:
            yield JobNews(reports.news_message(report.frame) if isinstance(report, RelayFrame) else None)
        yield AttemptEnded(reports.outcome_message(finished.frame))

    def stop_job(self, job: str) -> None:
        """It has ended by the time that anybody asks."""

    async def start(self) -> None:
        """It runs."""

    async def kill(self) -> None:
        """It is no process."""


class Rig:
    """One server on a data folder."""

    def __init__(self, data: Path, bench: Bench, refusals: Refusals | None = None) -> None:
        self.data = data
        self.store = JobStore(data / "jobs.sqlite")
        if refusals is not None:
            table = RefusingTable(self.store._db, refusals)
            self.store._db = self.store.checked._db = self.store.marks._db = table
            self.store.library._db = self.store.library.costs._db = table
        self.shelf = BlobStore(data / "audio", self.store.checked)
        self.uploads = UploadStore(self.shelf, data / "uploads", 1 << 30)
        executor = LocalExecutor(Settings(data=data), self.store, self.shelf)
        executor.workers = dict.fromkeys(LANES, bench)
        self.desk = JobQueue(self.store, executor, data / "spool", Metrics())
        self.services = Services(
            live_settings=LiveSettings(Settings(data=data)),
            store=self.store,
            shelf=self.shelf,
            uploads=self.uploads,
            desk=self.desk,
            catalogue=CatalogueHolder(),
            focus=FocusBoard(),
            slots=SlotStore(data / "slots.json"),
            metrics=Metrics(),
            dropper=JobDropper(self.store, self.shelf, data / "spool"),
        )
        self.clients: list[Client] = []

    async def start(self) -> None:
        since_ms = self.store.marks.mark_running()
        if since_ms is not None:
            self.store.checked.forget_since(since_ms)
        self.services.catalogue.start()
        self.desk.start()
        if since_ms is not None:
            await recheck_recent_blobs(self.shelf, since_ms)

    async def stop(self) -> None:
        """The end in order."""
        await self.leave()
        self.store.marks.mark_stopped()
        self.store.close()

    async def leave(self) -> None:
        """Ends what runs here; the folder is left as it is, as a killed server leaves it."""
        for client in self.clients:
            await client.close()
        await self.desk.stop()
        await self.services.catalogue.stop()
        await self.uploads.close()
        await self.shelf.close()

    async def sync(self) -> None:
        """Does what every lane does after a job, and waits for it."""
        for job in self.store.newest_jobs(1000):
            await self.desk._records.sync_job(self.desk.spool_of(job), job.attempt)

    async def connect(self, credit_bytes: int = 8 << 20) -> Client:
        client = Client(self.services, credit_bytes)
        self.clients.append(client)
        await client.open()
        return client

    async def sweep(self, budget_bytes: int) -> None:
        folders = {"uploads": self.uploads.folder, "spool": self.data / "spool"}
        parts = {"store": self.store, "dropper": self.services.dropper}
        await RetentionSweeper(self.shelf, budget_bytes=budget_bytes, **parts, **folders).sweep()

    @property
    def dead_lanes(self) -> list[str]:
        return [lane.get_name() for lane in self.desk._lanes if lane.done()]


class Client:
    """A client on the other end of a real WebSocket object, whose frames go through memory."""

    def __init__(self, services: Services, credit_bytes: int) -> None:
        self.session = ClientSession(
            role="test", client_name="rig", client_version="1", credit_bytes=credit_bytes
        )
        self.audio: dict[tuple[str, int], bytearray] = {}
        self.finished: dict[tuple[str, int], str] = {}
        self.ends: dict[str, Message] = {}
        self.closed = False
        self._answers: dict[str, Message] = {}
        self._uploaded: list[Message] = []
        self._to_server: asyncio.Queue[dict] = asyncio.Queue()
        self._came = asyncio.Event()
        socket = WebSocket({"type": "websocket", "headers": []}, self._to_server.get, self._from_server)
        self._socket = socket
        self._connection = ClientConnection(socket, services)
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._to_server.put_nowait({"type": "websocket.connect"})
        await self._socket.accept()
        self._task = asyncio.create_task(self._connection.run())
        self._flush()
        await self.until(lambda: self.session.state == "open")

    async def close(self) -> None:
        self._to_server.put_nowait({"type": "websocket.disconnect", "code": 1000})
        if self._task is not None:
            await self._task

    async def until(self, so) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not so():
                assert self.closed or not (self._task and self._task.done()), "the connection ended"
                self._came.clear()
                await self._came.wait()

    async def ask(self, message: Message) -> Message:
        self.send(message)
        await self.until(lambda: message.request in self._answers)
        return self._answers.pop(message.request)

    async def submit(
        self, task: str, params: dict, seed: int, inputs: tuple = (), seconds: float = SECONDS, **more: object
    ) -> Message:
        request = self.session.new_request_id()
        line = timeline_of(seconds, RATE)
        return await self.ask(
            Submit(request=request, task=task, params=params, timeline=line, seed=seed, inputs=inputs, **more)
        )

    async def end(self, job: str) -> Message:
        await self.until(lambda: job in self.ends)
        return self.ends[job]

    async def take_up(self, job: str) -> Message:
        """Attaches and waits for the end, whatever it is."""
        self.ends.pop(job, None)
        request = self.session.attach(job)
        self._flush()
        await self.until(lambda: request in self._answers or job in self.ends)
        answer = self._answers.pop(request, None)
        return answer if isinstance(answer, Error) else await self.end(job)

    async def upload(self, data: bytes, piece: int = 3_000) -> Message:
        sha256 = hashlib.sha256(data).hexdigest()
        self._uploaded.clear()
        for offset in range(0, len(data), piece):
            part = data[offset : offset + piece]
            self.send(Upload(sha256=sha256, total_bytes=len(data), offset=offset, data=part))
        await self.until(lambda: bool(self._uploaded))
        return self._uploaded[0]

    def send(self, message: Message) -> None:
        self.session.send(message)
        self._flush()

    def _flush(self) -> None:
        for frame in self.session.to_send():
            self._to_server.put_nowait({"type": "websocket.receive", "bytes": frame})

    async def _from_server(self, message: dict) -> None:
        if message["type"] == "websocket.close":
            self.closed = True
            self._to_server.put_nowait({"type": "websocket.disconnect", "code": message["code"]})
        elif message["type"] == "websocket.send":
            for event in self.session.receive(message["bytes"]):
                self._keep(event)
            self._flush()
        self._came.set()

    def _keep(self, event: object) -> None:
        match event:
            case StemPiece():
                key = (event.stem.job, event.stem.stem)
                audio = self.audio.setdefault(key, bytearray())
                start = event.offset * 4 * event.stem.channels
                del audio[start:]
                assert len(audio) == start, "pieces come in order"
                audio += event.data
                self.session.confirm_stored(len(event.data))
            case StemFinished():
                key = (event.stem.job, event.stem.stem)
                self.finished[key] = hashlib.sha256(self.audio.get(key, b"")).hexdigest()
                assert self.finished[key] == event.end.sha256, "what came fits its hash"
            case JobEnded():
                self.ends[event.message.job] = event.message
            case Uploaded() | Error(request=None):
                self._uploaded.append(event)
            case _ if getattr(event, "request", None):
                self._answers[event.request] = event


def noise(seed: int, stems: int) -> list[bytes]:
    """What the task `noise` renders with that seed."""
    frames = round(SECONDS * RATE)
    borders = [frames * n // 3 for n in range(4)]
    made = []
    for index in range(stems):
        stream = np.random.default_rng([seed, index])
        pieces = [
            (stream.random((end - start, 2), dtype=np.float32) - 0.5) * 0.2
            for start, end in itertools.pairwise(borders)
        ]
        made.append(np.concatenate(pieces).astype("<f4").tobytes())
    return made


def noise_params(stems: int) -> dict:
    return {"stems": stems, "pieces": 3}


def whole_files(shelf: Path) -> dict[str, bool]:
    """All audio on a shelf, and whether its bytes have the hash that it is called by."""
    return {
        name: hashlib.sha256((shelf / name).read_bytes()).hexdigest() == name.partition(".")[0]
        for name in os.listdir(shelf)
        if not name.endswith((".part", PEAKS_SUFFIX))
    }


def end_of(job) -> object:
    return SERVER_FRAMES.decode(job.end)
