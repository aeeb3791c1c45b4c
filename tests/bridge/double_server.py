"""A small server that speaks the real protocol over a real WebSocket, and fails when it is told to."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from bandmate_protocol.codec import MAX_FRAME_BYTES
from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.messages import (
    Accepted,
    Attach,
    Attached,
    Audio,
    Cancel,
    Cancelled,
    Done,
    Error,
    Failed,
    Have,
    HeldStem,
    JobList,
    JobSummary,
    Limits,
    ListJobs,
    Message,
    Missing,
    Note,
    Notes,
    Progress,
    Redo,
    Role,
    Stem,
    StemEnd,
    Submit,
    Suggest,
    Upload,
    Uploaded,
)
from bandmate_protocol.proof import proof_of
from bandmate_protocol.session import ServerSession
from bandmate_protocol.version import SUBPROTOCOL

TOKEN = "a" * 64
LIMITS = Limits(frame_bytes=MAX_FRAME_BYTES, upload_bytes=1 << 24, range_seconds=7200.0, jobs=64)
PIECE_FRAMES = 1000


class CutError(Exception):
    """The double drops the connection here."""


@dataclass
class DoubleServer:
    """Jobs are noise by seed, two stems each. What it does wrong is set from outside."""

    cuts: deque[int] = field(default_factory=deque)
    """After so many frames sent on a connection it is cut; one number a connection."""
    silent_after: int | None = None
    """Sends nothing more after so many frames, not even answers to pings."""
    garbage: bool = False
    lose_accepted: bool = False
    """The first `accepted` never arrives; the connection is cut in its place."""
    on_submit: Callable[[], None] | None = None
    """Called in place of the answer to a job that was taken in."""
    forget_jobs: bool = False
    """Attaching finds no job."""
    damage: bool = False
    """The audio does not fit its hash."""
    lose_ends: int = 0
    """So many ends of jobs are never sent, though the jobs are done."""
    intrude: bytes = b""
    """The start of a file that another client brings while this one does."""
    fail_with: str = ""
    """Jobs fail with this code at once."""
    report: dict[str, Any] = field(default_factory=dict)
    """What jobs report."""
    hold_jobs: bool = False
    """Jobs stop after their first piece, until they are cancelled."""

    def __post_init__(self) -> None:
        self.jobs: dict[str, Submit] = {}
        self.cancelled: list[str] = []
        self.done: set[str] = set()
        self.listed = 0
        self.notices: list[str] = []
        self.files: dict[str, bytearray] = {}
        self.whole: set[str] = set()
        self.connections = 0
        self.held: list[tuple[HeldStem, ...]] = []
        self.shown: list[str] = []
        """What clients sent as `Authorization`."""
        self._threads: list[threading.Thread] = []
        self._server: Server | None = None
        self.port = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> DoubleServer:
        self._server = serve(
            self._talk,
            "127.0.0.1",
            self.port,
            subprotocols=[SUBPROTOCOL],
            compression=None,
            max_size=MAX_FRAME_BYTES,
            ping_interval=None,
            process_request=self._door,
        )
        self.port = self._server.socket.getsockname()[1]
        self._threads.append(threading.Thread(target=self._server.serve_forever))
        self._threads[-1].start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        for thread in self._threads:
            thread.join()

    def audio(self, seed: int, stem: int, frames: int) -> bytes:
        values = np.random.default_rng([seed, stem]).uniform(-0.5, 0.5, (frames, 2))
        return values.astype("<f4").tobytes()

    def _door(self, connection: ServerConnection, request: Any) -> Any:
        host = request.headers.get("Host", "")
        if host.startswith("localhost"):
            return connection.respond(HTTPStatus.FORBIDDEN, "no")
        path, _, nonce = request.path.partition("?nonce=")
        if path == "/health":
            proof = proof_of(TOKEN, host, nonce)
            return connection.respond(
                HTTPStatus.OK, json.dumps({"status": "ok", "protocol": 1, "proof": proof})
            )
        self.shown.append(request.headers.get("Authorization", ""))
        if self.shown[-1] != f"Bearer {TOKEN}":
            return connection.respond(HTTPStatus.UNAUTHORIZED, "no")
        return None

    def _talk(self, connection: ServerConnection) -> None:
        self.connections += 1
        talk = Talk(self, connection, self.cuts.popleft() if self.cuts else None)
        try:
            talk.run()
        except (CutError, OSError, ConnectionClosed):
            connection.socket.close()


class Talk:
    """One connection."""

    def __init__(self, server: DoubleServer, connection: ServerConnection, cut: int | None) -> None:
        self.server = server
        self.connection = connection
        self.left = cut
        self.sent = 0
        self.audio: deque[Audio | Message] = deque()
        self.session = ServerSession(
            server_version="0",
            limits=LIMITS,
            new_key=lambda: secrets.token_hex(16),
            knows_key=lambda _: True,
            notices=self._notices,
        )

    def _notices(self, _role: Role) -> list[str]:
        taken, self.server.notices = self.server.notices, []
        return taken

    def run(self) -> None:
        if self.server.garbage:
            self.connection.send(b"\x93garbage")
        while True:
            try:
                frame = self.connection.recv(timeout=0.01 if self.audio else 1.0, decode=False)
            except TimeoutError:
                frame = None
            for event in self.session.receive(frame) if frame is not None else ():
                self.answer(event)
            self.flush()
            self.stream()

    def flush(self) -> None:
        for frame in self.session.to_send():
            if self.left is not None and self.sent >= self.left:
                raise CutError
            if self.server.silent_after is None or self.sent < self.server.silent_after:
                self.connection.send(frame)
            self.sent += 1

    def send(self, message: Message) -> None:
        self.session.send(message)
        self.flush()

    def stream(self) -> None:
        while self.audio:
            message = self.audio[0]
            if isinstance(message, Audio):
                if self.session.credit < len(message.data):
                    return
                self.session.send_audio(message)
            else:
                self.session.send(message)
            self.audio.popleft()
            self.flush()

    def answer(self, event: object) -> None:
        server = self.server
        match event:
            case Submit():
                self.accept(event)
            case Redo():
                before = server.jobs[event.job]
                self.accept(
                    Submit(request=event.request, task="noise", timeline=before.timeline, seed=event.seed)
                )
            case Attach() if event.job in server.jobs and not server.forget_jobs:
                server.held.append(event.held)
                self.send(Attached(request=event.request, job=event.job, state="running", attempt=0))
                self.play(event.job, event.held)
            case Attach():
                self.send(Error(request=event.request, code="no_such_job", sentence="There is no such job."))
            case Cancel():
                server.cancelled.append(event.job)
                self.audio.clear()
                self.send(Cancelled(job=event.job, attempt=0))
            case ListJobs():
                server.listed += 1
                found = [self.summary(job) for job in server.jobs if job.startswith(event.prefix)]
                self.send(JobList(request=event.request, jobs=tuple(reversed(found))))
            case Suggest():
                # As a server answers that is older than the message.
                sentence = "No message of type 'suggest' is expected here."
                self.send(Error(request=event.request, code=ErrorCode.UNKNOWN_TYPE.value, sentence=sentence))
            case Have():
                there = event.sha256[0] in server.whole
                size = len(server.files.get(event.sha256[0], b""))
                self.send(
                    Missing(
                        request=event.request,
                        sha256=() if there else event.sha256,
                        offsets=() if there else (size,),
                    )
                )
            case Upload():
                self.take(event)

    def accept(self, submit: Submit) -> None:
        job = f"{len(self.server.jobs):08d}"
        self.server.jobs[job] = submit
        if self.server.lose_accepted:
            self.server.lose_accepted = False
            raise CutError
        if self.server.on_submit is not None:
            self.server.on_submit()
            return
        seed = submit.seed or 0
        self.send(
            Accepted(request=submit.request, job=job, task=submit.task, engine="double", reason="", seed=seed)
        )
        self.play(job, ())

    def take(self, piece: Upload) -> None:
        data = self.server.files.setdefault(piece.sha256, bytearray())
        if self.server.intrude:
            # Somebody else sends the same file, and is further by now.
            data += self.server.intrude[: 2 * len(piece.data)]
            self.server.intrude = b""
        if piece.offset != len(data):
            sentence = f"A piece starts at byte {piece.offset}, but {len(data)} bytes are here."
            self.send(Error(code=ErrorCode.INPUT_UNUSABLE.value, sentence=sentence))
            return
        data += piece.data
        if self.left is not None and self.sent + len(data) // (512 * 1024) >= self.left:
            raise CutError
        if len(data) < piece.total_bytes:
            return
        if hashlib.sha256(data).hexdigest() != piece.sha256:
            del self.server.files[piece.sha256]
            self.send(Error(code=ErrorCode.INPUT_UNUSABLE.value, sentence="It changed on the way."))
            return
        self.server.whole.add(piece.sha256)
        self.send(Uploaded(sha256=piece.sha256))

    def play(self, job: str, held: tuple[HeldStem, ...]) -> None:
        """Queues all of a job that the client lacks, the pieces of its stems in turn."""
        if self.server.fail_with:
            self.audio.append(Failed(job=job, attempt=0, code=self.server.fail_with, sentence="No."))
            return
        submit = self.server.jobs[job]
        frames = submit.timeline.frames
        had = {each.stem: each.frames for each in held}
        audio = [self.server.audio(submit.seed or 0, stem, frames) for stem in range(2)]
        for stem in range(2):
            self.audio.append(_stem(job, stem, frames))
        for offset in range(0, frames, PIECE_FRAMES):
            self.audio.append(
                Progress(job=job, attempt=0, stage="Rendering", step=offset, steps=frames, seconds_left=1.0)
            )
            for stem in range(2):
                if offset + PIECE_FRAMES > had.get(stem, 0):
                    data = audio[stem][offset * 8 : (offset + PIECE_FRAMES) * 8]
                    if self.server.damage and offset == 0:
                        data = bytes(len(data))
                    self.audio.append(Audio(job=job, attempt=0, stem=stem, offset=offset, data=data))
            if self.server.hold_jobs:
                return
        note = Note(start=0, frames=10, pitch=60, velocity=100)
        for stem in range(2):
            digest = hashlib.sha256(audio[stem]).hexdigest()
            self.audio.append(Notes(job=job, attempt=0, stem=stem, notes=(note,)))
            self.audio.append(StemEnd(job=job, attempt=0, stem=stem, frames=frames, sha256=digest))
        self.server.done.add(job)
        if self.server.lose_ends:
            self.server.lose_ends -= 1
            return
        self.audio.append(Done(job=job, attempt=0, remarks=("Done.",), report=self.server.report))

    def summary(self, job: str) -> JobSummary:
        submit = self.server.jobs[job]
        return JobSummary(
            job=job,
            state="done" if job in self.server.done else "running",
            task=submit.task,
            engine="double",
            created_ms=0,
            seed=submit.seed or 0,
            timeline=submit.timeline,
            origin=submit.origin,
        )


def _stem(job: str, stem: int, frames: int) -> Stem:
    return Stem(
        job=job,
        attempt=0,
        stem=stem,
        name=("Left", "Right")[stem],
        role="other",
        colour="#112233",
        sample_rate=48_000,
        channels=2,
        frames=frames,
        start_frame=0,
    )
