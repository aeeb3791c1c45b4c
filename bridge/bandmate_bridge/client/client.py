"""The Python client: one connection that mends itself, requests with answers, and the events of jobs."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from bandmate_bridge.client import requests
from bandmate_bridge.client.address import Address
from bandmate_bridge.client.link import LinkLostError
from bandmate_bridge.client.reach import PATIENCE_SECONDS, Reach
from bandmate_bridge.client.uploads import Hashed, hash_file, send_file
from bandmate_bridge.client.wire import Wire, request_error
from bandmate_protocol.errors import ErrorCode, LocalProtocolError, RequestError
from bandmate_protocol.messages import (
    Accepted,
    Attached,
    Cancel,
    Catalogue,
    Error,
    Failed,
    Input,
    JobList,
    JobSummary,
    Message,
    Missing,
    Pinned,
    Role,
    Timeline,
    Welcome,
)
from bandmate_protocol.session import ClientEvent, JobEnded, StemFinished, StemPiece

Event = ClientEvent
"""What the client tells: events of jobs, and messages that nobody waits for, such as `invoke`."""

Answer = TypeVar("Answer", bound=Message)

_POLL_SECONDS = 5.0
_MOST_CUTS = 12
"""Cuts in a row without any audio between them, before the server counts as unable."""


class Client:
    """A client of one server, for one thread.

    It reconnects by itself and takes up its jobs from what it has; only what cannot be mended is raised, as
    RequestError. Use it as a context manager.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._events: deque[tuple[Wire | None, Event]] = deque()
        self._taken: tuple[Wire, int] | None = None
        self._attaching: dict[str, str] = {}
        self._cuts = 0
        self.connections = 1
        """How often it connected; what a server knows of a connection has to be said again after each."""
        self._wire = reach.first()

    @classmethod
    def connect(
        cls,
        address: Address | str | None = None,
        *,
        role: Role = "cli",
        name: str = "bandmate",
        token: str | None = None,
        start: bool = True,
        patience: float = PATIENCE_SECONDS,
        notify: Callable[[str], None] = lambda _: None,
    ) -> Client:
        """Connects to this user's server, or to the one at an address.

        Without an address one is started when none is there, unless ``start`` is False. ``patience``: seconds
        to wait for a server that went away. ``notify`` is told what takes time. Raises RequestError:
        `no_server`, `not_allowed` (token, host), `unsupported_protocol`, `port_busy` (something else).
        """
        where = Address.parse(address) if isinstance(address, str) else address
        return cls(
            Reach(
                where, role=role, name=name, token_text=token, start=start, patience=patience, notify=notify
            )
        )

    @property
    def address(self) -> Address:
        """Where the server is now."""
        return self._wire.address

    @property
    def welcome(self) -> Welcome:
        """What the server said of itself."""
        return self._wire.welcome

    def describe(self) -> Catalogue:
        """Every task, engine and plugin of the server."""
        return self._ask(requests.describe, Catalogue)

    def jobs(self, most: int = 20, prefix: str = "") -> tuple[JobSummary, ...]:
        """The newest jobs, newest first."""
        return self._ask(requests.list_jobs(most, prefix), JobList).jobs

    def job(self, prefix: str) -> JobSummary:
        """The job whose id starts so. Raises RequestError (`no_such_job`, `ambiguous_job`)."""
        return requests.only_job(self.jobs(10, prefix) if requests.is_prefix(prefix) else (), prefix)

    def submit(
        self,
        task: str,
        timeline: Timeline,
        params: Mapping[str, Any] | None = None,
        *,
        engine: str | None = None,
        seed: int | None = None,
        inputs: tuple[Input, ...] = (),
        origin: Mapping[str, str] | None = None,
    ) -> Accepted:
        """Asks for a job, once, whatever happens to the connection; its events come from `follow`.

        Raises RequestError as the server refuses it: `no_such_task`, `bad_params`, `range_too_long`, ...
        """
        mark = secrets.token_hex(8)
        make = requests.submit(
            task, timeline, dict(params or {}), engine, seed, inputs, {**(origin or {}), "mark": mark}
        )
        try:
            return self._start(make, lambda job: job.origin.get("mark") == mark)
        except LocalProtocolError as error:
            raise RequestError(ErrorCode.BAD_PARAMS, f"This cannot be asked for. {error}") from error

    def redo(self, job: str, seed: int | None = None) -> Accepted:
        """Runs a job's recipe again, with another seed unless one is given."""
        chosen = secrets.randbits(31) if seed is None else seed
        before = {known.job for known in self.jobs()}
        make = requests.redo(job, chosen)
        return self._start(make, lambda other: other.job not in before and other.seed == chosen)

    def attach(self, job: str) -> None:
        """Takes up a job that was started elsewhere or earlier; an interrupted one starts again."""
        while True:
            try:
                self._attaching[self._wire.session.attach(job)] = job
                self._wire.flush()
            except LinkLostError as error:
                self._mend(error)
            else:
                return

    def cancel(self, job: str) -> None:
        """Asks to end a job; `follow` tells when it has."""
        self._send(Cancel(job=job))

    def pin(self, owner: str, hashes: tuple[str, ...]) -> tuple[str, ...]:
        """Keeps audio from being dropped; returns what the server does not hold."""
        return self._ask(requests.pin(owner, hashes), Pinned).missing

    def upload(self, path: Path, progress: Callable[[int, int], None] = lambda _done, _total: None) -> str:
        """Brings a file to the server unless it is there; returns its hash.

        ``progress`` gets bytes done and in all. Raises RequestError: `file_unusable`, `input_unusable`
        (empty), `quota_exceeded` (too large), `disk_full`.
        """
        file = hash_file(path, self.welcome.limits.upload_bytes)
        while True:
            missing = self._ask(requests.have(file.sha256), Missing)
            if file.sha256 not in missing.sha256:
                progress(file.size, file.size)
                return file.sha256
            try:
                self._upload(file, missing.offsets[0] if missing.offsets else 0, progress)
            except LinkLostError as error:
                self._mend(error)
            else:
                return file.sha256

    def send(self, message: Message) -> None:
        """Sends a message that has no answer, such as `context` or `invoked`."""
        self._send(message)

    def poll(self, seconds: float = _POLL_SECONDS) -> Event | None:
        """The next event of whatever kind, or None when none comes in time.

        A `StemPiece` counts as stored at the next call, and the server may then send more.
        """
        self._settle()
        if not self._events:
            try:
                self._pump(seconds)
            except LinkLostError as error:
                self._mend(error)
        if not self._events:
            return None
        wire, event = self._events.popleft()
        if isinstance(event, StemPiece) and wire is not None:
            self._taken = (wire, len(event.data))
        return event

    def follow(self, job: str) -> Iterator[Event]:
        """The events of one job up to its `JobEnded`; what is not the job's is kept for later, in memory."""
        others: list[Event] = []
        try:
            while True:
                event = self.poll()
                if event is not None and getattr(event, "job", None) != job:
                    others.append(event)
                elif event is not None:
                    yield event
                    if isinstance(event, JobEnded):
                        return
        finally:
            self._events.extendleft((None, event) for event in reversed(others))

    def close(self) -> None:
        """Leaves the server; its jobs go on."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, make: requests.Make, kind: type[Answer]) -> Answer:
        """Sends a request that may be sent twice, until its answer is here."""
        while True:
            try:
                return self._answer(make, kind)
            except LinkLostError as error:
                self._mend(error)

    def _start(self, make: requests.Make, is_ours: Callable[[JobSummary], bool]) -> Accepted:
        """Sends a request that must not be done twice: after a cut, looks first whether it was."""
        self._forget_ended()
        while True:
            try:
                return self._answer(make, Accepted)
            except LinkLostError as error:
                self._mend(error)
            done = next((job for job in self.jobs() if is_ours(job)), None)
            if done:
                self.attach(done.job)
                return requests.as_accepted(done)

    def _answer(self, make: requests.Make, kind: type[Answer]) -> Answer:
        wire = self._wire
        request = wire.session.request_id()
        wire.send(make(request))
        waiting = requests.Patience(wire.address)
        while True:
            answer: Message | None = None
            for event in wire.pump(_POLL_SECONDS):
                if isinstance(event, kind | Error) and getattr(event, "request", None) == request:
                    answer = event
                else:
                    self._note(wire, event)
            if isinstance(answer, kind):
                return answer
            if isinstance(answer, Error):
                raise request_error(answer)
            waiting.check()

    def _upload(self, file: Hashed, offset: int, progress: Callable[[int, int], None]) -> None:
        wire = self._wire
        for event in send_file(wire, file, offset, progress):
            self._note(wire, event)

    def _send(self, message: Message) -> None:
        while True:
            try:
                self._wire.send(message)
            except LinkLostError as error:
                self._mend(error)
            else:
                return

    def _pump(self, seconds: float) -> None:
        wire = self._wire
        for event in wire.pump(seconds):
            self._note(wire, event)

    def _note(self, wire: Wire, event: Event) -> None:
        """Keeps an event for `poll`; answers to `attach` end here."""
        if isinstance(event, StemPiece | StemFinished | JobEnded):
            self._cuts = 0
        if isinstance(event, Attached):
            self._attaching.pop(event.request, None)
            return
        lost = (
            self._attaching.pop(event.request, None) if isinstance(event, Error) and event.request else None
        )
        if lost is None:
            self._events.append((wire, event))
            return
        assert isinstance(event, Error)
        wire.session.forget(lost)
        failed = Failed(job=lost, attempt=0, code=event.code, sentence=event.sentence, remedy=event.remedy)
        self._events.append((wire, JobEnded(failed)))

    def _settle(self) -> None:
        """Grants the server what the last piece took up: it is stored by now."""
        if self._taken is None:
            return
        wire, size = self._taken
        self._taken = None
        if wire is self._wire:
            try:
                wire.session.consumed(size)
                wire.flush()
            except LinkLostError as error:
                self._mend(error)

    def _mend(self, error: LinkLostError) -> None:
        """Connects again and takes up every job that has not ended."""
        while True:
            self._cuts += 1
            if self._cuts > _MOST_CUTS:
                raise RequestError(
                    ErrorCode.NO_SERVER,
                    f"The connection to the server breaks again and again: {error}.",
                    "Its log says why; `bandmate doctor` says where that is.",
                ) from error
            before = self._wire
            before.close()
            self._attaching.clear()
            self._wire = self._reach.again(before.welcome.resume_key, before.session.follows)
            self.connections += 1
            try:
                for job in self._wire.session.unfinished():
                    self._attaching[self._wire.session.attach(job)] = job
                self._wire.flush()
            except LinkLostError as again:
                error = again
            else:
                return

    def _forget_ended(self) -> None:
        session = self._wire.session
        for job in set(session.follows) - set(session.unfinished()):
            session.forget(job)
