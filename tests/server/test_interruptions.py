"""What is left when a process is killed or a connection is cut, and how a job goes on."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bandmate_protocol.messages import Attach, Done, Error, ListJobs
from bandmate_protocol.session import StemFinished, StemPiece
from tests.running import RunningServer
from tests.server.wire import Wire

ROOT = Path(__file__).parents[2]
SLOW = {"stems": 2, "pieces": 40, "delay_ms": 10}
VICTIMS = ("worker", "server", "client")


def reference(server, seed):
    """The hashes of the stems of an undisturbed run."""
    with Wire(server) as wire:
        done = wire.run("noise", SLOW, seed=seed)
        return [wire.finished[done.job, 0], wire.finished[done.job, 1]]


def take_up(server, job, follows, audio, resume_key=None):
    """Attaches over a new connection with what an old one had, and returns the hashes at the end."""
    with Wire(server, follows=follows, resume_key=resume_key) as wire:
        wire.audio = audio
        request = wire.session.attach(job)
        wire.flush()
        assert not isinstance(wire.answer(request), Error)
        assert isinstance(wire.end(job, timeout=60), Done)
        return [wire.finished.get((job, 0)), wire.finished.get((job, 1))]


def some_pieces(wire, count):
    for _ in range(count):
        wire.until(lambda event: isinstance(event, StemPiece))


def test_a_cut_connection_takes_up_its_job(own_server):
    expected = reference(own_server, seed=1)
    with Wire(own_server) as wire:
        accepted = wire.submit("noise", SLOW, seed=1)
        some_pieces(wire, 9)
        wire.socket.socket.close()
        kept = (dict(wire.session.follows), wire.audio)
    with Wire(own_server) as listing:
        assert listing.ask(ListJobs(request="l", prefix=accepted.job)).jobs[0].state in ("running", "done")
    hashes = take_up(own_server, accepted.job, *kept)
    assert hashes == expected


def test_a_killed_server_leaves_its_job_interrupted_and_attaching_runs_it_again(own_server):
    expected = reference(own_server, seed=2)
    with Wire(own_server) as wire:
        accepted = wire.submit("noise", SLOW, seed=2)
        some_pieces(wire, 5)
        (worker,) = own_server.workers()
        own_server.kill()
        kept = (dict(wire.session.follows), wire.audio)
    wait_gone(worker)
    own_server.start()
    with Wire(own_server) as listing:
        job = listing.ask(ListJobs(request="l", prefix=accepted.job)).jobs[0]
        assert job.state == "interrupted"
        assert f"bandmate fetch {job.job}" in job.sentence
    assert take_up(own_server, accepted.job, *kept) == expected


def test_a_stopped_server_leaves_its_job_interrupted(own_server):
    with Wire(own_server) as wire:
        accepted = wire.submit("noise", SLOW, seed=2)
        some_pieces(wire, 3)
        assert own_server.stop() == 0
    own_server.start()
    with Wire(own_server) as listing:
        assert listing.ask(ListJobs(request="l", prefix=accepted.job)).jobs[0].state == "interrupted"


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C for a group of processes")
def test_ctrl_c_in_the_servers_terminal_ends_it_and_its_worker_without_a_traceback(own_server):
    with Wire(own_server) as wire:
        assert type(wire.run("noise")).__name__ == "Done"
        (worker,) = own_server.workers()
        # As a terminal does it: every process of the group is told.
        os.killpg(own_server.process.pid, signal.SIGINT)
        assert own_server.process.wait(30) == 0
    wait_gone(worker)
    assert "Traceback" not in own_server.log


def test_a_waiting_job_waits_across_a_killed_server(own_server):
    with Wire(own_server) as wire:
        wire.submit("noise", {"pieces": 200, "delay_ms": 20})
        waiting = wire.submit("noise", seed=9)
        own_server.kill()
    own_server.start()
    with Wire(own_server) as wire:
        wire.send(Attach(request="a", job=waiting.job))
        assert isinstance(wire.end(waiting.job), Done)


def test_a_finished_stem_outlives_the_job_it_belongs_to(own_server, tmp_path):
    """Its hash is listed, and it can be an input, although the job never came to its end."""
    with Wire(own_server) as wire:
        done = wire.run("noise", {"stems": 1}, seed=3)
        digest = wire.finished[done.job, 0]
        own_server.kill()
    own_server.start()
    with Wire(own_server) as wire:
        job = wire.ask(ListJobs(request="l", prefix=done.job)).jobs[0]
        assert [stem.sha256 for stem in job.stems] == [digest]
        wire.send(Attach(request="a", job=done.job))
        wire.until(lambda event: isinstance(event, StemFinished))
        assert wire.finished[done.job, 0] == digest


def wait_gone(pid, seconds=10):
    import psutil

    deadline = time.monotonic() + seconds
    while psutil.pid_exists(pid):
        assert time.monotonic() < deadline, f"worker {pid} outlived its server"
        time.sleep(0.02)


class Story:
    """One job under fire: a random part is killed at a random moment, then the job must come to its end."""

    def __init__(self, server: RunningServer, dice: random.Random) -> None:
        self.server = server
        self.dice = dice

    def play(self, victim, expected, seed):
        """Whether the stems are those of an undisturbed run, although the victim was killed."""
        story = {"worker": self.worker_dies, "server": self.server_dies, "client": self.client_dies}[victim]
        job, hashes = story(self.dice.randrange(1, 60), seed)
        self.account_for(job, expected)
        return hashes == expected

    def worker_dies(self, pieces, seed):
        with Wire(self.server) as wire:
            accepted = wire.submit("noise", SLOW, seed=seed)
            some_pieces(wire, pieces)
            self.wait_a_little()
            self.kill_workers()
            assert isinstance(wire.end(accepted.job, timeout=60), Done)
            return accepted.job, [wire.finished[accepted.job, index] for index in (0, 1)]

    def server_dies(self, pieces, seed):
        with Wire(self.server) as wire:
            accepted = wire.submit("noise", SLOW, seed=seed)
            some_pieces(wire, pieces)
            self.wait_a_little()
            self.server.kill()
            kept = (dict(wire.session.follows), wire.audio)
            already = dict(wire.finished)
        self.server.start()
        hashes = take_up(self.server, accepted.job, *kept)
        return accepted.job, [hashes[index] or already.get((accepted.job, index)) for index in (0, 1)]

    def client_dies(self, pieces, seed):
        """Its job goes on without it, and another client finds all of it."""
        command = [sys.executable, "-m", "tests.server.lone_client", str(self.server.home)]
        command += [str(self.server.port), str(seed), json.dumps(SLOW)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as client:
            job = client.stdout.readline().strip()
            for _ in range(pieces):
                client.stdout.readline()
            self.wait_a_little()
            client.kill()
        return job, take_up(self.server, job, {}, {})

    def wait_a_little(self):
        time.sleep(self.dice.random() * 0.02)

    def kill_workers(self):
        import psutil

        for pid in self.server.workers():
            psutil.Process(pid).kill()

    def account_for(self, job, expected):
        with Wire(self.server) as wire:
            found = wire.ask(ListJobs(request="l", prefix=job)).jobs
            assert [(each.job, each.state) for each in found] == [(job, "done")]
            assert [stem.sha256 for stem in found[0].stems] == expected


@pytest.mark.timeout(1800)
def test_killed_at_random_every_job_comes_to_its_end(own_server, loops):
    """Each part is killed in turn, 200 times in all with --full; the dice are seeded, the moments are not."""
    dice = random.Random(20)
    expected = reference(own_server, seed=42)
    for count in range(loops(6, 200)):
        victim = VICTIMS[count % len(VICTIMS)]
        equal = Story(own_server, dice).play(victim, expected, seed=42)
        assert equal, f"another stream after the {victim} was killed"
    with Wire(own_server) as wire:
        states = {job.state for job in wire.ask(ListJobs(request="l", most=1000)).jobs}
    assert states == {"done"}
