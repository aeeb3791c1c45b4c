"""The client's credit: nobody is held up by a slow reader, and control frames pass audio."""

import time

import pytest

from bandmate_protocol.messages import Describe, Done, ListJobs
from bandmate_protocol.session import StemPiece
from tests.server.wire import Wire


def wait_state(server, job, state, seconds=60):
    with Wire(server) as other:
        deadline = time.monotonic() + seconds
        number = 0
        while True:
            number += 1
            found = other.ask(ListJobs(request=f"l{number}", prefix=job)).jobs[0]
            if found.state == state:
                return found
            assert time.monotonic() < deadline, found.state
            time.sleep(0.05)


def test_a_reader_that_takes_nothing_does_not_hold_up_its_job(server, wire):
    """80 MB of stems against 1 MB of credit: the job ends, the server does not grow by as much."""
    wire.run("noise")
    before = server.memory_bytes()
    with Wire(server, credit_bytes=1 << 20, generous=False) as slow:
        accepted = slow.submit("noise", {"stems": 4, "pieces": 100}, seconds=52.0)
        assert wait_state(server, accepted.job, "done").state == "done"
        assert server.memory_bytes() - before < 64 << 20
        got = sum(len(audio) for audio in slow.audio.values())
        assert got <= 1 << 20
        # A client that only slept finds everything.
        slow.generous = True
        slow.session.confirm_stored(got)
        slow.flush()
        assert isinstance(slow.end(accepted.job, timeout=60), Done)
    assert sum(len(audio) for audio in slow.audio.values()) == 4 * 52 * 48_000 * 8


def test_a_reader_that_does_not_read_its_socket_does_not_grow_the_server(server, wire):
    wire.run("noise")
    before = server.memory_bytes()
    with Wire(server, credit_bytes=1 << 30) as asleep:
        accepted = asleep.submit("noise", {"stems": 4, "pieces": 100}, seconds=52.0)
        assert wait_state(server, accepted.job, "done").state == "done"
        time.sleep(0.5)
        assert server.memory_bytes() - before < 64 << 20
        assert isinstance(asleep.end(accepted.job, timeout=60), Done)


def test_answers_pass_audio_that_waits_for_credit(server):
    with Wire(server, credit_bytes=1 << 20, generous=False) as slow:
        slow.submit("noise", {"pieces": 4}, seconds=30.0)
        slow.until(lambda event: isinstance(event, StemPiece))
        assert slow.ask(Describe(request="d")).tasks


def test_a_second_job_streams_while_the_first_waits_for_nobody(server):
    with Wire(server) as wire:
        first = wire.submit("noise", {"pieces": 20, "delay_ms": 10})
        second = wire.submit("where")
        assert isinstance(wire.end(second.job), Done), "the device lane does not wait for the CPU lane"
        assert isinstance(wire.end(first.job), Done)


@pytest.mark.parametrize("credit_bytes", [4096, 5001, 100_001])
def test_a_small_window_gets_all_audio_in_whole_frames(server, credit_bytes):
    """PROTOCOL.md: 4096 bytes are enough, and one `audio` is as long as the credit allows."""
    with Wire(server, credit_bytes=credit_bytes) as wire:
        accepted = wire.submit("noise", {"stems": 2, "pieces": 3}, seconds=1.0)
        assert isinstance(wire.end(accepted.job), Done)
        pieces = [event for event in wire.events if isinstance(event, StemPiece)]
    assert max(len(piece.data) for piece in pieces) <= credit_bytes
    assert all(len(audio) == 48_000 * 8 for audio in wire.audio.values())
    assert not wire.faults()


def test_the_whole_window_is_used_before_the_audio_waits(server):
    with Wire(server, credit_bytes=4096, generous=False) as wire:
        accepted = wire.submit("noise", {"stems": 1, "pieces": 3}, seconds=1.0)
        wire.until(lambda event: isinstance(event, StemPiece))
        while sum(len(audio) for audio in wire.audio.values()) < 4096:
            wire.step()
        wire.session.confirm_stored(4096)
        wire.generous = True
        wire.flush()
        assert isinstance(wire.end(accepted.job), Done)
