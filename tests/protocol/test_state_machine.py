"""Both sessions back to back, with everything going wrong that may.

Pieces are cut in any way, sent twice, late and out of order, mixed with those of void attempts and revisions;
connections end with frames on the way; broken frames come in between. Whatever happens: what the client
finishes equals what the server made, and every job ends once.
"""

from __future__ import annotations

from typing import Any

import msgpack
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bandmate_protocol.codec import CLIENT_FRAMES
from bandmate_protocol.messages import (
    Cancelled,
    Credit,
    Progress,
    Submit,
)
from bandmate_protocol.session import RemoteFault
from tests.protocol.exchange import WINDOW, Exchange
from tests.protocol.pair import TIMELINE, audio

MOST_JOBS = 3
numbers = st.integers(0, 1 << 30)


class BackToBack(RuleBasedStateMachine, Exchange):
    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        Exchange.__init__(self)

    @initialize()
    def begin(self) -> None:
        self.connect()

    # What the client does.

    @precondition(lambda self: len(self.jobs) + len(self.requested) < MOST_JOBS)
    @rule()
    def submit(self) -> None:
        request = self.pair.client.new_request_id()
        self.requested[request] = ""
        self.pair.client.send(Submit(request=request, task="generate", timeline=TIMELINE))

    @rule(size=st.integers(1, WINDOW))
    def store_some(self, size: int) -> None:
        self.store.store(self.pair.client, size)

    @precondition(lambda self: self.pair.client.unfinished_jobs())
    @rule(pick=numbers)
    def attach_again(self, pick: int) -> None:
        unfinished = self.pair.client.unfinished_jobs()
        self.pair.client.attach(unfinished[pick % len(unfinished)])

    # What the server makes.

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

    # What the server sends.

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

    @rule(count=st.integers(1, 30))
    def some_to_server(self, count: int) -> None:
        self.deliver_to_server(count)

    @rule(count=st.integers(1, 30))
    def some_to_client(self, count: int) -> None:
        self.deliver_to_client(count)

    # What always holds.

    @rule()
    def no_credit_is_lost_or_made(self) -> None:
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
        assert self.pair.client.unfinished_jobs() == []
        assert self.requested == {}
        assert set(self.store.ends) == set(self.jobs)
        for name, job in self.jobs.items():
            assert self.store.ends[name] == job.end
            if not isinstance(job.end, Cancelled):
                self.compare(job)


TestBackToBack = BackToBack.TestCase
TestBackToBack.settings = settings(
    max_examples=max(300, settings.default.max_examples), stateful_step_count=60
)
