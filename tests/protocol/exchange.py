"""A server with jobs and a client that stores them, on both ends of a wire that the state machine pulls."""

from __future__ import annotations

from collections import deque

from bandmate_protocol.messages import (
    Accepted,
    Attach,
    Attached,
    Cancelled,
    Done,
    Error,
    Failed,
    Message,
    Submit,
)
from bandmate_protocol.session import RemoteFault
from tests.protocol.pair import KEY, TIMELINE, Pair, client_session, server_session
from tests.protocol.stage import ServerJob, Source, Store

WINDOW = 4096
MOST_ROUNDS = 1_000


class Exchange:
    def __init__(self) -> None:
        self.jobs: dict[str, ServerJob] = {}
        self.reading: set[str] = set()
        self.held: dict[str, dict[int, int]] = {}
        self.store = Store()
        self.requested: dict[str, str] = {}
        self.faults_due = 0

    def connect(self) -> None:
        follows = self.pair.client.follows if hasattr(self, "pair") else None
        resume = KEY if follows is not None else None
        client = client_session(credit_bytes=WINDOW, follows=follows, resume_key=resume)
        self.pair = Pair(client, server_session(knows_key=lambda key: key == KEY)).greet()
        assert client.welcome is not None
        assert client.welcome.resumed == (resume is not None)
        self.to_server: deque[bytes] = deque()
        self.to_client: deque[bytes] = deque()
        self.store.unstored = 0
        self.reading.clear()
        self.faults_due = 0
        # A submit whose answer was lost goes out again under the request id that it had.
        for request in [*self.requested]:
            client.send(Submit(request=request, task="generate", timeline=TIMELINE))
        for job in client.unfinished_jobs():
            client.attach(job)

    def running(self) -> list[ServerJob]:
        return [job for job in self.jobs.values() if job.end is None]

    def say(self, job: ServerJob, message: Message) -> None:
        if job.job in self.reading:
            self.pair.server.send(message)

    def finish(self, job: ServerJob, kind: str) -> None:
        if kind == "done":
            for source in job.sources.values():
                if not source.ended:
                    source.ended = True
                    self.say(job, source.end())
            job.end = Done(job=job.job, attempt=job.attempt)
        elif kind == "failed":
            job.end = Failed(job=job.job, attempt=job.attempt, code="engine_failed", sentence="It broke.")
        else:
            job.end = Cancelled(job=job.job, attempt=job.attempt)
        self.say(job, job.end)

    def sources(self) -> list[Source]:
        return [source for name in sorted(self.reading) for source in self.jobs[name].sources.values()]

    def send_piece(self, source: Source, start: int, end: int) -> int:
        end = min(end, source.stem.frames, start + self.pair.server.credit // source.width)
        if end <= start:
            return start
        self.pair.server.send_audio(source.piece(start, end))
        return end

    def collect(self) -> None:
        self.to_server.extend(self.pair.client.to_send())
        self.to_client.extend(self.pair.server.to_send())

    def deliver_to_server(self, count: int) -> None:
        self.collect()
        for _ in range(min(count, len(self.to_server))):
            self.server_takes(self.to_server.popleft())

    def deliver_to_client(self, count: int) -> None:
        self.collect()
        for _ in range(min(count, len(self.to_client))):
            self.client_takes(self.to_client.popleft())

    def client_takes(self, frame: bytes) -> None:
        for event in self.pair.client.receive(frame):
            if isinstance(event, RemoteFault):
                assert self.faults_due > 0, event
                self.faults_due -= 1
            elif isinstance(event, Accepted):
                self.requested.pop(event.request, None)
            self.store.take(event)

    def server_takes(self, frame: bytes) -> None:
        for event in self.pair.server.receive(frame):
            match event:
                case Submit():
                    self.accept(event.request)
                case Attach():
                    self.resume(event)
                case Error():
                    assert event.code in ("unexpected_message", "bad_message", "unknown_type")
                case _:
                    raise AssertionError(f"{event} came out of nowhere")

    def accept(self, request: str) -> None:
        # Here the same request again is the same job; the protocol leaves that to `list_jobs`.
        job = self.requested.get(request) or f"job{len(self.jobs):05d}"
        if request in self.requested:
            self.requested[request] = job
        self.jobs.setdefault(job, ServerJob(job))
        self.reading.add(job)
        self.held[job] = {}
        accepted = Accepted(
            request=request, job=job, task="generate", engine="sketch", reason="Here.", seed=1
        )
        self.pair.server.send(accepted)
        for message in self.jobs[job].told():
            self.pair.server.send(message)

    def resume(self, asked: Attach) -> None:
        job = self.jobs[asked.job]
        state = "running" if job.end is None else "done"
        answer = Attached(request=asked.request, job=job.job, state=state, attempt=job.attempt)
        self.pair.server.send(answer)
        self.reading.add(job.job)
        self.held[job.job] = job.left(asked.held)
        for message in job.told():
            self.pair.server.send(message)

    def settle(self) -> None:
        """Sends all that is left, until nothing moves any more."""
        for _ in range(MOST_ROUNDS):
            self.deliver_to_server(1 << 20)
            for source in self.sources():
                held = self.held[source.stem.job]
                start = held.get(source.stem.stem, 0)
                held[source.stem.stem] = self.send_piece(source, start, start + 50)
            self.collect()
            if not self.to_client and not self.to_server:
                return
            self.deliver_to_client(1 << 20)
            self.store.store(self.pair.client, WINDOW)
        raise AssertionError("the sessions never come to rest")

    def compare(self, job: ServerJob) -> None:
        for index, source in job.sources.items():
            if not source.ended:
                continue
            stored = self.store.stems[job.job, index]
            assert stored.finished
            assert stored.stem == source.stem
            assert stored.data == source.data
            assert stored.notes == list(source.notes.notes)
