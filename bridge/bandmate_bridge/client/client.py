"""The Python client: requests with answers, and the events of jobs, over a connection that reconnects."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bandmate_bridge.client import requests
from bandmate_bridge.client.address import ServerAddress
from bandmate_bridge.client.connector import PATIENCE_SECONDS, ServerConnector
from bandmate_bridge.client.older_servers import complete_catalogue
from bandmate_bridge.client.reconnecting import POLL_SECONDS, Event, ReconnectingConnection
from bandmate_bridge.client.uploads import hash_file, send_file
from bandmate_bridge.client.websocket_link import LinkLostError
from bandmate_protocol.errors import BandmateError, ErrorCode, LocalProtocolError, RequestError
from bandmate_protocol.messages import (
    Accepted,
    Cancel,
    Catalogue,
    ConnectedProject,
    Input,
    JobList,
    JobsDropped,
    JobSummary,
    Message,
    Missing,
    Pinned,
    Probed,
    Projects,
    Role,
    Slot,
    Slots,
    Suggested,
    Timeline,
    Welcome,
)
from bandmate_protocol.session import JobEnded
from bandmate_protocol.texts import say

TAKE_BACK_SECONDS = 10.0
"""How long an interrupted request is waited for: the server may be reading its plugins before it answers."""

_MAX_REFUSALS = 20
"""So often an upload goes on from where the server says, before its refusal counts."""


class Client:
    """A client of one server, for one thread.

    It reconnects automatically and resumes its jobs from the data it has; it raises only permanent failures, as
    RequestError. Use it as a context manager.
    """

    def __init__(self, reach: ServerConnector) -> None:
        self._steady = ReconnectingConnection(reach)

    @classmethod
    def connect(
        cls,
        address: ServerAddress | str | None = None,
        *,
        role: Role = "cli",
        name: str = "bandmate",
        token: str | None = None,
        start: bool = True,
        patience: float = PATIENCE_SECONDS,
        notify: Callable[[str], None] = lambda _: None,
        warn: Callable[[str], None] = lambda _: None,
    ) -> Client:
        """Connects to this user's server, or to the one at an address.

        Without an address, a server is started if none is running, unless ``start`` is False. ``patience``: seconds
        to wait for a server that stopped. ``notify`` is called with what takes time, ``warn`` with what the user should
        know about the server, such as a damaged list of jobs. Raises RequestError:
        `no_server`, `not_allowed` (token, host), `unsupported_protocol`, `port_busy` (something else).
        """
        where = ServerAddress.parse(address) if isinstance(address, str) else address
        return cls(
            ServerConnector(
                where,
                role=role,
                name=name,
                token_text=token,
                start=start,
                patience=patience,
                notify=notify,
                warn=warn,
            )
        )

    @property
    def address(self) -> ServerAddress:
        """Where the server is now."""
        return self._steady.wire.address

    @property
    def welcome(self) -> Welcome:
        """The server's `welcome`."""
        return self._steady.wire.welcome

    @property
    def connections(self) -> int:
        """How often it connected; what belongs to a connection, such as `context`, must be sent again on each."""
        return self._steady.connections

    def describe(self) -> Catalogue:
        """Every task, engine and plugin of the server, completed where that is an older one."""
        return complete_catalogue(self._steady.ask_until_answered(requests.describe_request, Catalogue))

    def projects(self) -> tuple[ConnectedProject, ...]:
        """The projects that are open in DAWs, the one that an `invoke` reaches first.

        From then on the server reports changes as `Projects` events.
        """
        return self._steady.ask_until_answered(requests.watch_projects_request, Projects).projects

    def jobs(self, most: int = 20, prefix: str = "", **filters: Any) -> tuple[JobSummary, ...]:
        """The newest jobs that fit, newest first; ``filters`` are other fields of `list_jobs`, such as `words`."""
        return self.job_list(most, prefix, **filters).jobs

    def job_list(self, most: int = 20, prefix: str = "", **filters: Any) -> JobList:
        """As `jobs`, with their number in all and what all audio takes on the disk."""
        return self._steady.ask_until_answered(requests.list_jobs_request(most, prefix, filters), JobList)

    def annotate(self, job: str, **said: Any) -> JobSummary:
        """Changes what is said about a job: `rating`, `note`, `kept`. Raises RequestError (`no_such_job`)."""
        return self._steady.ask_until_answered(requests.annotate_request(job, said), JobList).jobs[0]

    def drop_jobs(self, *jobs: str, preview: bool = False, now: bool = False) -> JobsDropped:
        """Drops jobs, or says what that would free. Raises RequestError (`no_such_job`, `job_in_use`)."""
        make = requests.drop_jobs_request(jobs, preview=preview, now=now)
        return self._steady.ask_until_answered(make, JobsDropped)

    def restore_jobs(self, *jobs: str) -> tuple[JobSummary, ...]:
        """Brings dropped jobs back. Raises RequestError (`no_such_job`) when one of them is gone."""
        return self._steady.ask_until_answered(requests.restore_jobs_request(jobs), JobList).jobs

    def slots(self) -> tuple[Slot, ...]:
        """The filled slots, by number."""
        return self._steady.ask_until_answered(requests.list_slots_request, Slots).slots

    def store_slot(self, slot: Slot) -> tuple[Slot, ...]:
        """Fills a slot. Raises RequestError when its task, engine or a parameter does not exist."""
        return self._steady.ask_until_answered(requests.store_slot_request(slot), Slots).slots

    def clear_slot(self, number: int) -> tuple[Slot, ...]:
        """Empties a slot."""
        return self._steady.ask_until_answered(requests.clear_slot_request(number), Slots).slots

    def suggest(self, prompt: str, *, engine: str | None = None, seed: int = 0) -> Suggested:
        """The tempo, metre and key that suit a prompt, as an engine reads it; the same for a seed.

        Raises RequestError: `no_such_engine`, `engine_unavailable`, `bad_params`, ..., and `unknown_type` from an
        older server (see `older_servers`).
        """
        try:
            return self._steady.ask_until_answered(
                requests.suggest_request(prompt, engine, seed), Suggested, seconds=requests.QUESTION_SECONDS
            )
        except LocalProtocolError as error:
            raise _impossible_request(error) from error

    def job(self, prefix: str) -> JobSummary:
        """The job whose id starts with this. Raises RequestError (`no_such_job`, `ambiguous_job`)."""
        return requests.only_job(self.jobs(10, prefix) if requests.is_job_prefix(prefix) else (), prefix)

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
        options: Mapping[str, Any] | None = None,
    ) -> Accepted:
        """Submits a job, exactly once even if the connection breaks; its events come from `follow`.

        Options of an engine may be among the `params`: the server sorts them by name.

        Raises RequestError as the server refuses it: `no_such_task`, `bad_params`, `range_too_long`, ...
        """
        mark = secrets.token_hex(8)
        make = requests.submit_request(
            task,
            timeline,
            dict(params or {}),
            engine,
            seed,
            inputs,
            {**(origin or {}), "mark": mark},
            dict(options or {}),
        )
        try:
            return self._start_job(make, lambda job: job.origin.get("mark") == mark)
        except LocalProtocolError as error:
            raise _impossible_request(error) from error

    def redo(self, job: str, seed: int | None = None) -> Accepted:
        """Runs a job's recipe again, with another seed unless one is given."""
        chosen = secrets.randbits(31) if seed is None else seed
        before = {known.job for known in self.jobs()}
        make = requests.redo_request(job, chosen)
        return self._start_job(make, lambda other: other.job not in before and other.seed == chosen)

    def attach(self, job: str) -> None:
        """Resumes a job that was started elsewhere or earlier; an interrupted one starts again."""
        self._steady.attach(job)

    def cancel(self, job: str) -> None:
        """Cancels a job; `follow` shows when it has ended."""
        self._steady.send(Cancel(job=job))

    def hurry(self, seconds: float) -> None:
        """The user wants to quit: from now on nothing waits longer than this, and no server is started."""
        self._steady.hurry(seconds)

    def pin(self, owner: str, hashes: tuple[str, ...]) -> tuple[str, ...]:
        """Protects audio from deletion; returns the hashes that the server does not have."""
        return self._steady.ask_until_answered(requests.pin_request(owner, hashes), Pinned).missing

    def upload(self, path: Path, progress: Callable[[int, int], None] = lambda _done, _total: None) -> str:
        """Uploads a file unless the server has it; returns its hash.

        ``progress`` gets bytes done and in all. Raises RequestError: `file_unusable`, `input_unusable`
        (empty), `quota_exceeded` (too large), `disk_full`.
        """
        steady = self._steady
        file = hash_file(path, self.welcome.limits.upload_bytes)
        refused: RequestError | None = None
        begun, refusals = -1, 0
        while True:
            missing = steady.ask_until_answered(requests.have_request(file.sha256), Missing)
            if file.sha256 not in missing.sha256:
                progress(file.size, file.size)
                return file.sha256
            wire, offset = steady.wire, missing.offsets[0] if missing.offsets else 0
            if refused is not None and (offset == begun or refusals > _MAX_REFUSALS):
                raise refused
            refused, begun = None, offset
            try:
                steady.store_events(wire, send_file(wire, file, offset, progress))
            except LinkLostError as error:
                steady.reconnect(error)
            except RequestError as error:
                if error.code != ErrorCode.INPUT_UNUSABLE:
                    raise
                # What the server holds may have changed meanwhile, as when two commands send the same file.
                refused, refusals = error, refusals + 1
            else:
                return file.sha256

    def probe(self, sha256: str) -> Probed:
        """Sample rate, channels and frames of an uploaded file, as the server decodes it.

        Raises RequestError: `input_missing`, `input_unusable` (no audio that can be read).
        """
        return self._steady.ask_until_answered(requests.probe_request(sha256), Probed)

    def send(self, message: Message) -> None:
        """Sends a message that has no answer, such as `context` or `invoked`."""
        self._steady.send(message)

    def poll(self, seconds: float = POLL_SECONDS) -> Event | None:
        """The next event of whatever kind, or None when none comes in time.

        A `StemPiece` counts as stored at the next call, and the server may then send more.
        """
        return self._steady.poll(seconds)

    def follow(self, job: str) -> Iterator[Event]:
        """The events of one job up to its `JobEnded`; other events are kept in memory for later."""
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
            self._steady.put_back(others)

    def close(self) -> None:
        """Closes the connection; jobs continue."""
        self._steady.wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start_job(self, make: requests.RequestFactory, is_ours: Callable[[JobSummary], bool]) -> Accepted:
        """Sends a request that must not be done twice: after a cut, looks first whether it was."""
        self._steady.forget_ended()
        while True:
            try:
                return self._steady.ask_once(make, Accepted)
            except LinkLostError as error:
                self._steady.reconnect(error)
            except KeyboardInterrupt:
                self._take_back(is_ours)
                raise
            done = next((job for job in self.jobs() if is_ours(job)), None)
            if done:
                self.attach(done.job)
                return requests.accepted_from_summary(done)

    def _take_back(self, is_ours: Callable[[JobSummary], bool]) -> None:
        """Cancels a job whose answer nobody waits for any more; the server answers in order."""
        self.hurry(TAKE_BACK_SECONDS)
        with contextlib.suppress(BandmateError, LinkLostError):
            for job in self.jobs():
                if is_ours(job):
                    self.cancel(job.job)


def _impossible_request(error: LocalProtocolError) -> RequestError:
    """For values that no message can carry, such as a prompt that is far too long."""
    return RequestError(ErrorCode.BAD_PARAMS, say("This request is not possible. {error}", error=error))
