"""Both sessions back to back, with everything going wrong that may.

Pieces are cut in any way, sent twice, late and out of order, mixed with those of void attempts and revisions;
connections end with frames on the way; broken frames come in between. Whatever happens: what the client
finishes equals what the server made, and every job ends once.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import msgpack
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bandmate_protocol.codec import CLIENT_FRAMES
from bandmate_protocol.messages import (
    Accepted,
    Attach,
    Attached,
    Cancelled,
    Credit,
    Done,
    Error,
    Failed,
    Message,
    Progress,
    Submit,
)
from bandmate_protocol.session import RemoteFault
from tests.protocol.pair import KEY, TIMELINE, Pair, audio, client_session, server_session
from tests.protocol.stage import ServerJob, Source, Store

WINDOW = 4096
MOST_JOBS = 3
MOST_ROUNDS = 1_000
numbers = st.integers(0, 1 << 30)


class BackToBack(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[str, ServerJob] = {}
        self.reading: set[str] = set()
        self.held: dict[str, dict[int, int]] = {}
        self.store = Store()
        self.requested: dict[str, str] = {}
        self.faults_due = 0

    @initialize()
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
        for job in client.unfinished():
            client.attach(job)

    # What the client does.

    @precondition(lambda self: len(self.jobs) + len(self.requested) < MOST_JOBS)
    @rule()
    def submit(self) -> None:
        request = self.pair.client.request_id()
        self.requested[request] = ""
        self.pair.client.send(Submit(request=request, task="generate", timeline=TIMELINE))

    @rule(size=st.integers(1, WINDOW))
    def store_some(self, size: int) -> None:
        self.store.store(self.pair.client, size)

    @precondition(lambda self: self.pair.client.unfinished())
    @rule(pick=numbers)
    def attach_again(self, pick: int) -> None:
        unfinished = self.pair.client.unfinished()
        self.pair.client.attach(unfinished[pick % len(unfinished)])

    # What the server makes.

    def running(self) -> list[ServerJob]:
        return [job for job in self.jobs.values() if job.end is None]

    def say(self, job: ServerJob, message: Message) -> None:
        if job.job in self.reading:
            self.pair.server.send(message)

    @precondition(lambda self: self.running())
    @rule(pick=numbers, index=st.integers(0, 2), frames=st.integers(0, 300), channels=st.integers(1, 2))
    def announce(self, pick: int, index: int, frames: int, channels: int) -> None:
        job = self.running()[pick % len(self.running())]
        source = job.announce(index, frames, channels)
        self.held.setdefault(job.job, {})[index] = 0
        self.say(job, source.stem)
        self.say(job, source.notes)

    @precondition(lambda self: any(job.sources for job in self.running()))
    @rule(pick=numbers)
    def end_stem(self, pick: int) -> None:
        sources = [(job, source) for job in self.running() for source in job.sources.values()]
        job, source = sources[pick % len(sources)]
        source.ended = True
        self.say(job, source.end())

    @precondition(lambda self: self.running())
    @rule(pick=numbers)
    def restart(self, pick: int) -> None:
        job = self.running()[pick % len(self.running())]
        job.restart()
        self.held[job.job] = {}
        self.say(job, Progress(job=job.job, attempt=job.attempt, stage="Again", step=0, steps=1))

    @precondition(lambda self: self.running())
    @rule(pick=numbers, kind=st.sampled_from(["done", "done", "failed", "cancelled"]))
    def end_job(self, pick: int, kind: str) -> None:
        self.finish(self.running()[pick % len(self.running())], kind)

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

    # What the server sends.

    def sources(self) -> list[Source]:
        return [source for name in sorted(self.reading) for source in self.jobs[name].sources.values()]

    @precondition(lambda self: self.sources())
    @rule(pick=numbers, start=st.integers(0, 300), length=st.integers(1, 120))
    def send_any_piece(self, pick: int, start: int, length: int) -> None:
        source = self.sources()[pick % len(self.sources())]
        start = min(start, source.stem.frames)
        self.send_piece(source, start, start + length)

    @precondition(lambda self: self.sources())
    @rule(pick=numbers, length=st.integers(1, 300))
    def send_next_piece(self, pick: int, length: int) -> None:
        source = self.sources()[pick % len(self.sources())]
        held = self.held[source.stem.job]
        start = held.get(source.stem.stem, 0)
        held[source.stem.stem] = self.send_piece(source, start, start + length)

    def send_piece(self, source: Source, start: int, end: int) -> int:
        end = min(end, source.stem.frames, start + self.pair.server.credit // source.width)
        if end <= start:
            return start
        self.pair.server.send_audio(source.piece(start, end))
        return end

    @precondition(lambda self: any(self.jobs[name].void for name in self.reading))
    @rule(pick=numbers, kind=st.sampled_from(["audio", "stem", "end", "notes"]))
    def send_something_void(self, pick: int, kind: str) -> None:
        void = [source for name in sorted(self.reading) for source in self.jobs[name].void]
        source = void[pick % len(void)]
        if kind == "audio":
            self.send_piece(source, 0, source.stem.frames)
        else:
            self.pair.server.send({"stem": source.stem, "end": source.end(), "notes": source.notes}[kind])

    @precondition(lambda self: self.reading)
    @rule(pick=numbers)
    def tell_again(self, pick: int) -> None:
        job = self.jobs[sorted(self.reading)[pick % len(self.reading)]]
        for message in job.told():
            self.pair.server.send(message)

    # What goes wrong between them.

    @rule(frame=st.sampled_from([b"", b"\xc1", b"\x80", msgpack.packb({"type": "future"}), "text"]))
    def break_frames(self, frame: Any) -> None:
        [fault] = self.pair.server.receive(frame)
        assert isinstance(fault, RemoteFault)
        [fault] = self.pair.client.receive(frame)
        assert isinstance(fault, RemoteFault)

    @precondition(lambda self: self.pair.server.credit >= 40)
    @rule()
    def send_audio_of_no_job(self) -> None:
        self.pair.server.send_audio(audio(0, 10, job="unknown0"))
        self.faults_due += 1

    @rule(kept=st.integers(0, 5))
    def cut(self, kept: int) -> None:
        self.collect()
        for frame in list(self.to_client)[:kept]:
            self.client_takes(frame)
        for frame in list(self.to_server)[:kept]:
            self.server_takes(frame)
        self.pair.client.close()
        self.pair.server.close()
        assert self.pair.server.receive(b"anything") == []
        self.connect()

    # The wire.

    def collect(self) -> None:
        self.to_server.extend(self.pair.client.to_send())
        self.to_client.extend(self.pair.server.to_send())

    @rule(count=st.integers(1, 30))
    def deliver_to_server(self, count: int) -> None:
        self.collect()
        for _ in range(min(count, len(self.to_server))):
            self.server_takes(self.to_server.popleft())

    @rule(count=st.integers(1, 30))
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

    # What always holds.

    @invariant()
    def no_credit_is_lost_or_made(self) -> None:
        if not hasattr(self, "pair"):
            return
        self.collect()
        on_the_way = sum(len(fields.get("data", b"")) for fields in map(msgpack.unpackb, self.to_client))
        granted = 0
        for frame in self.to_server:
            message = CLIENT_FRAMES.decode(frame)
            granted += message.bytes if isinstance(message, Credit) else 0
        in_hand = self.pair.server.credit + on_the_way + granted + self.store.unstored
        assert WINDOW * 3 / 4 < in_hand <= WINDOW

    def teardown(self) -> None:
        if not hasattr(self, "pair"):
            return
        self.cut(0)
        self.settle()
        for job in self.running():
            self.finish(job, "done")
        self.settle()
        assert self.pair.client.unfinished() == []
        assert self.requested == {}
        assert set(self.store.ends) == set(self.jobs)
        for name, job in self.jobs.items():
            assert self.store.ends[name] == job.end
            if not isinstance(job.end, Cancelled):
                self.compare(job)

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


TestBackToBack = BackToBack.TestCase
TestBackToBack.settings = settings(
    max_examples=max(300, settings.default.max_examples), stateful_step_count=60
)
