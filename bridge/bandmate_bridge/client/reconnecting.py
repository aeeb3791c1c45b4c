"""A wire that mends itself: connects again, takes up what ran, and asks again what was not answered."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import TypeVar

from bandmate_bridge.client import requests
from bandmate_bridge.client.connection import ServerConnection, request_error
from bandmate_bridge.client.connector import ServerConnector
from bandmate_bridge.client.requests import ANSWER_SECONDS, AnswerTimeout, RequestFactory
from bandmate_bridge.client.silent_jobs import SilentJobs
from bandmate_bridge.client.websocket_link import LinkLostError
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Attached, Error, Failed, JobList, Message
from bandmate_protocol.session import ClientEvent, JobEnded, StemFinished, StemPiece
from bandmate_protocol.texts import say

Event = ClientEvent
"""What the client tells: events of jobs, and messages that nobody waits for, such as `invoke`."""

Answer = TypeVar("Answer", bound=Message)

POLL_SECONDS = 5.0
_ENDED_STATES = ("done", "failed", "cancelled", "interrupted")
_MAX_CUTS = 12
"""Cuts in a row without any audio between them, before the server counts as unable."""


class ReconnectingConnection:
    """Whatever it is asked works across cuts. Raises RequestError for what cannot be mended."""

    def __init__(self, reach: ServerConnector) -> None:
        self._reach = reach
        self._events: deque[tuple[ServerConnection | None, Event]] = deque()
        self._taken: tuple[ServerConnection, int] | None = None
        self._attaching: dict[str, str] = {}
        self._cuts = 0
        self._quiet = SilentJobs()
        self._answer_seconds = ANSWER_SECONDS
        self.connections = 1
        """How often it connected."""
        self.wire = reach.connect()
        """The present connection."""

    def hurry(self, seconds: float) -> None:
        """From now on waits no longer than that for an answer or a server, and starts none."""
        self._reach.hurry(seconds)
        self._answer_seconds = min(self._answer_seconds, seconds)

    def ask_until_answered(
        self, make: RequestFactory, kind: type[Answer], *, seconds: float | None = None
    ) -> Answer:
        """Sends a request that may be sent twice, until its answer is here; ``seconds`` as in `ask_once`."""
        while True:
            try:
                return self.ask_once(make, kind, seconds=seconds)
            except LinkLostError as error:
                self.reconnect(error)

    def ask_once(self, make: RequestFactory, kind: type[Answer], *, seconds: float | None = None) -> Answer:
        """Sends a request once. ``seconds``: how long the answer may take, unless somebody is in a hurry.

        Raises LinkLostError when the connection breaks before its answer.
        """
        wire = self.wire
        request = wire.session.new_request_id()
        wire.send(make(request))
        in_hurry = self._answer_seconds < ANSWER_SECONDS
        patience = self._answer_seconds if seconds is None or in_hurry else seconds
        waiting = AnswerTimeout(wire.address, patience)
        while True:
            answer: Message | None = None
            for event in wire.pump(min(POLL_SECONDS, self._answer_seconds)):
                if isinstance(event, kind | Error) and getattr(event, "request", None) == request:
                    answer = event
                else:
                    self._store_event(wire, event)
            if isinstance(answer, kind):
                return answer
            if isinstance(answer, Error):
                raise request_error(answer)
            waiting.check()

    def send(self, message: Message) -> None:
        """Sends a message that has no answer."""
        self.try_until_done(lambda wire: wire.send(message))

    def attach(self, job: str) -> None:
        """Takes up a job."""
        self.try_until_done(lambda wire: self._attach_job(wire, job))

    def try_until_done(self, act: Callable[[ServerConnection], None]) -> None:
        """Does something on the wire, again on the next one when it broke."""
        while True:
            try:
                act(self.wire)
            except LinkLostError as error:
                self.reconnect(error)
            else:
                return

    def poll(self, seconds: float) -> Event | None:
        """The next event, or None when none comes in time; the last piece counts as stored by then."""
        self._grant_credit()
        left = max(seconds, 0.0)
        deadline = time.monotonic() + left
        # A frame of its own, such as half a message, is no event yet.
        while not self._events and left >= 0:
            self._take_news(left)
            left = deadline - time.monotonic()
        if not self._events:
            return None
        wire, event = self._events.popleft()
        if isinstance(event, StemPiece) and wire is not None:
            self._taken = (wire, len(event.data))
        return event

    def _take_news(self, seconds: float) -> None:
        """Waits for the next frames; connects again where the link is lost."""
        begun = time.monotonic()
        try:
            events = self.wire.pump(seconds)
            quiet = self._quiet.note_waiting(self.wire.session.unfinished_jobs(), time.monotonic() - begun)
            self.store_events(self.wire, iter(events))
            for job in quiet:
                self._attach_again(job)
        except LinkLostError as error:
            self.reconnect(error)

    def put_back(self, events: list[Event]) -> None:
        """Has events told again, first; what they take up was settled already."""
        self._events.extendleft((None, event) for event in reversed(events))

    def store_events(self, wire: ServerConnection, events: Iterator[Event]) -> None:
        """Keeps events for `poll`."""
        for event in events:
            self._store_event(wire, event)

    def forget_ended(self) -> None:
        """Lets go of jobs that came to their end."""
        session = self.wire.session
        for job in set(session.follows) - set(session.unfinished_jobs()):
            session.forget_job(job)

    def reconnect(self, error: LinkLostError) -> None:
        """Connects again and takes up every job that has not ended."""
        while True:
            self._cuts += 1
            if self._cuts > _MAX_CUTS:
                raise RequestError(
                    ErrorCode.NO_SERVER,
                    say("The connection to the server keeps breaking: {error}.", error=error),
                    "The server's log says why; `bandmate doctor` shows where it is.",
                ) from error
            before = self.wire
            before.close()
            self._attaching.clear()
            self.wire = self._reach.reconnect(before.welcome.resume_key, before.session.follows)
            self.connections += 1
            try:
                for job in self.wire.session.unfinished_jobs():
                    self._attach_job(self.wire, job)
            except LinkLostError as again:
                error = again
            else:
                return

    def _attach_again(self, job: str) -> None:
        """Takes up a job again that has ended on the server and not here."""
        found = self.ask_once(requests.list_jobs_request(1, job), JobList).jobs
        if job not in self.wire.session.unfinished_jobs() or (found and found[0].state not in _ENDED_STATES):
            return
        if self._quiet.can_attach(job):
            self._attach_job(self.wire, job)
            return
        self._report_lost(
            self.wire,
            job,
            Failed(
                job=job,
                attempt=0,
                code=ErrorCode.INTERNAL.value,
                sentence=f"The server says that job {job} has ended, but does not send its result.",
                remedy="The server's log says why; `bandmate redo` runs the job again.",
            ),
        )

    def _report_lost(self, wire: ServerConnection, job: str, failed: Failed) -> None:
        """Tells an end that the server does not tell."""
        wire.session.forget_job(job)
        self._events.append((wire, JobEnded(failed)))

    def _attach_job(self, wire: ServerConnection, job: str) -> None:
        self._attaching[wire.session.attach(job)] = job
        wire.flush()

    def _store_event(self, wire: ServerConnection, event: Event) -> None:
        """Keeps an event for `poll`; answers to `attach` end here."""
        if isinstance(event, StemPiece | StemFinished | JobEnded):
            self._cuts = 0
        if isinstance(event, Attached):
            self._attaching.pop(event.request, None)
            return
        self._quiet.note_event(getattr(event, "job", ""))
        if isinstance(event, Error) and event.request in self._attaching:
            job = self._attaching.pop(event.request)
            self._report_lost(
                wire,
                job,
                Failed(
                    job=job,
                    attempt=0,
                    code=event.code,
                    sentence=event.sentence,
                    remedy=event.remedy,
                    models=event.models,
                ),
            )
            return
        self._events.append((wire, event))

    def _grant_credit(self) -> None:
        """Grants the server what the last piece took up: it is stored by now."""
        if self._taken is None:
            return
        wire, size = self._taken
        self._taken = None
        if wire is self.wire:
            try:
                wire.session.confirm_stored(size)
                wire.flush()
            except LinkLostError as error:
                self.reconnect(error)
