"""`bandmate jobs` and `cancel`."""

from __future__ import annotations

import json

from bandmate_bridge.client import Client
from bandmate_protocol.messages import Timeline
from tests.bridge.command_line import CommandLine
from tests.running import RunningServer

SLOW = {"stems": 1, "pieces": 1000, "delay_ms": 50}


def connected(server: RunningServer) -> Client:
    return Client.connect(server.address, token=server.token, role="test")


def test_jobs_are_listed_for_people_and_programs(
    bandmate: CommandLine, server: RunningServer, second: Timeline
) -> None:
    with connected(server) as client:
        accepted = client.submit("noise", second, {"pieces": 1}, seed=12345)
        for _ in client.follow(accepted.job):
            pass
    shown = bandmate.good("jobs", COLUMNS="200").out
    assert accepted.job in shown
    assert "12345" in shown
    newest = json.loads(bandmate.good("jobs", "--json", "--most", 1).out)[0]
    assert (newest["job"], newest["state"], newest["task"]) == (accepted.job, "done", "noise")


def test_a_running_job_is_cancelled_by_the_start_of_its_id(
    bandmate: CommandLine, server: RunningServer, second: Timeline
) -> None:
    with connected(server) as client:
        running = client.submit("noise", second, SLOW)
        waiting = client.submit("noise", second, SLOW)
        for job in (waiting.job, running.job):
            assert "is cancelled" in bandmate.good("cancel", job[:7].upper()).out
        states = {job.job: job.state for job in client.jobs(2)}
    assert states == {running.job: "cancelled", waiting.job: "cancelled"}
    assert "had ended already" in bandmate.good("cancel", running.job).out


def test_only_the_command_lines_own_jobs_are_redone(
    bandmate: CommandLine, server: RunningServer, second: Timeline
) -> None:
    with connected(server) as client:
        accepted = client.submit("noise", second, {"pieces": 1})
        for _ in client.follow(accepted.job):
            pass
    assert "no place here" in bandmate.refused("redo", accepted.job)
