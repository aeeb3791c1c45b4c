"""A client for tests: the sans-I/O session on a blocking WebSocket, with every event kept."""

import contextlib
import hashlib
from collections.abc import Callable

from websockets.sync.client import connect

from bandmate_protocol.codec import MAX_FRAME_BYTES
from bandmate_protocol.messages import Error, Submit, TempoPoint, Timeline, Upload, Uploaded
from bandmate_protocol.session import ClientSession, JobEnded, RemoteFault, StemFinished, StemPiece
from tests.patience import PATIENCE_SECONDS


class Wire:
    """One connection. Audio is kept by stem; credit is granted as it comes unless `greedy` is off."""

    def __init__(
        self, server, *, resume_key=None, follows=None, credit_bytes=8 << 20, generous=True, role="test"
    ):
        self.session = ClientSession(
            role=role,
            client_name="wire",
            client_version="1",
            resume_key=resume_key,
            follows=follows,
            credit_bytes=credit_bytes,
        )
        self.generous = generous
        self.events = []
        self.audio: dict[tuple[str, int], bytearray] = {}
        self.finished: dict[tuple[str, int], str] = {}
        self._stack = contextlib.ExitStack()
        opening = connect(
            f"ws://{server.address}/ws",
            subprotocols=["bandmate.v1"],
            additional_headers={"Authorization": f"Bearer {server.token}"},
            compression=None,
            max_size=MAX_FRAME_BYTES,
            proxy=None,
        )
        self.socket = self._stack.enter_context(opening)
        self.flush()
        self.until(lambda _: self.session.state == "open")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()

    def flush(self):
        for frame in self.session.to_send():
            self.socket.send(frame)

    def send(self, message):
        self.session.send(message)
        self.flush()

    def step(self, timeout=PATIENCE_SECONDS):
        """Takes one frame in and returns its events."""
        events = self.session.receive(self.socket.recv(timeout))
        for event in events:
            self._keep(event)
        self.events += events
        self.flush()
        return events

    def until(self, found: Callable, timeout=PATIENCE_SECONDS):
        """Reads until `found(event)` is true and returns that event."""
        while True:
            for event in self.step(timeout):
                if found(event):
                    return event

    def answer(self, request: str):
        """The reply to a request, an `error` too."""
        return self.until(lambda event: getattr(event, "request", None) == request)

    def ask(self, message):
        self.send(message)
        return self.answer(message.request)

    def submit(self, task, params=None, seconds=2.0, **more):
        """Submits a job at 120 bpm and returns `accepted` or `error`."""
        request = self.session.new_request_id()
        timeline = more.pop("timeline", None) or timeline_of(seconds)
        return self.ask(Submit(request=request, task=task, params=params or {}, timeline=timeline, **more))

    def end(self, job, timeout=PATIENCE_SECONDS):
        """Reads until the job has ended, if it has not yet, and returns how."""

        def is_end(event):
            return isinstance(event, JobEnded) and event.message.job == job

        before = [event for event in self.events if is_end(event)]
        return (before[0] if before else self.until(is_end, timeout)).message

    def run(self, task, params=None, seconds=2.0, **more):
        """Submits a job and waits for its end."""
        accepted = self.submit(task, params, seconds, **more)
        assert not isinstance(accepted, Error), accepted
        return self.end(accepted.job)

    def upload(self, data, piece=300_000):
        """Brings a file up; returns its hash."""
        digest = hashlib.sha256(data).hexdigest()
        for offset in range(0, max(len(data), 1), piece):
            part = data[offset : offset + piece]
            self.send(Upload(sha256=digest, total_bytes=len(data), offset=offset, data=part))
        event = self.until(lambda each: isinstance(each, Uploaded | Error))
        assert isinstance(event, Uploaded), event
        return digest

    def faults(self):
        return [event for event in self.events if isinstance(event, RemoteFault)]

    def _keep(self, event):
        if isinstance(event, StemPiece):
            key = (event.stem.job, event.stem.stem)
            audio = self.audio.setdefault(key, bytearray())
            start = event.offset * 4 * event.stem.channels
            if start == 0:
                audio.clear()
            assert start == len(audio), "pieces come in order"
            audio += event.data
            if self.generous:
                self.session.confirm_stored(len(event.data))
        elif isinstance(event, StemFinished):
            key = (event.stem.job, event.stem.stem)
            digest = hashlib.sha256(self.audio.get(key, b"")).hexdigest()
            assert digest == event.end.sha256
            self.finished[key] = digest


def timeline_of(seconds, rate=48_000, start=0):
    return Timeline(
        sample_rate=rate,
        start_frame=start,
        end_frame=start + round(seconds * rate),
        tempo=(TempoPoint(position=0.0, bpm=120.0),),
    )
