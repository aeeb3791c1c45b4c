"""Whatever keeps a real server from reading what a job made: its client is told, without a path."""

import shutil
import sys

from bandmate_protocol.messages import Attach, Done, Failed
from bandmate_protocol.session import StemPiece
from tests.server.wire import Wire

SLOW = {"stems": 2, "pieces": 60, "delay_ms": 20}


def test_a_spool_that_is_deleted_under_a_job_fails_it_without_a_path(own_server):
    with Wire(own_server) as wire:
        accepted = wire.submit("noise", SLOW, seed=1)
        wire.until(lambda event: isinstance(event, StemPiece))
        shutil.rmtree(own_server.home / "data" / "spool")
        failed = wire.end(accepted.job)
        assert isinstance(failed, Failed)
        assert str(own_server.home) not in f"{failed.sentence} {failed.remedy}"
        assert failed.remedy
        assert isinstance(wire.run("noise", seed=2), Done), "the next job runs"


def test_a_journal_that_is_gone_is_said_as_dropped(own_server):
    with Wire(own_server) as wire:
        done = wire.run("noise", {"stems": 1}, seed=9)
    shutil.rmtree(own_server.home / "data" / "spool" / done.job)
    with Wire(own_server) as late:
        late.send(Attach(request="a", job=done.job))
        failed = late.end(done.job)
    assert isinstance(failed, Failed)
    assert "The audio of this job is no longer complete on the server" in failed.sentence
    assert f"redo {done.job} --seed 9" in failed.remedy


if sys.platform == "linux":

    def test_a_server_without_handles_tells_its_client_and_recovers(own_server):
        import resource

        pid = own_server.process.pid
        with Wire(own_server) as wire:
            assert isinstance(wire.run("noise", {"stems": 1}, seed=1), Done)
            before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            # No further file can be opened.
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, before[1]))
            accepted = wire.submit("noise", {"stems": 1}, seed=2)
            failed = wire.end(accepted.job)
            assert isinstance(failed, Failed)
            assert "Too many open files" in failed.sentence
            assert f"bandmate fetch {accepted.job}" in failed.remedy
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        with Wire(own_server) as late:
            late.send(Attach(request="a", job=accepted.job))
            assert isinstance(late.end(accepted.job), Done), "the job itself was done"
        assert "Too many open files" in own_server.log
