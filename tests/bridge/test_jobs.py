"""`bandmate jobs` and `cancel`."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len

from bandmate_bridge.cli.job_table import job_lines
from bandmate_bridge.client import Client
from bandmate_protocol.messages import JobSummary, Timeline
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


def finished(client: Client, task: str, line: Timeline, **asked: object) -> str:
    accepted = client.submit(task, line, **asked)  # type: ignore[arg-type]
    for _ in client.follow(accepted.job):
        pass
    return accepted.job


def test_so_many_are_listed_and_jobs_that_only_served_others_do_not_count(
    bandmate: CommandLine, server: RunningServer, second: Timeline
) -> None:
    with connected(server) as client:
        ours = []
        for _ in range(3):
            ours.insert(0, finished(client, "noise", second, params={"pieces": 1}))
            finished(client, "suggest", second, params={"prompt": "waltz"})
            finished(client, "noise", second, params={"pieces": 1}, origin={"for": "tempo"})
    assert [job["job"] for job in json.loads(bandmate.good("jobs", "--json", "--most", 3).out)] == ours
    shown = bandmate.good("jobs", "--most", 2).out
    assert [line.split()[0] for line in shown.splitlines()[1:-1]] == ours[:2]


def test_where_the_results_are_is_said_and_what_brings_them(bandmate: CommandLine) -> None:
    bandmate.good("generate", "rock drums", "-o", "beats.wav", "--bars", 1, "--variations", 2)
    bandmate.good("generate", "rock drums", "-o", "stems/", "--bars", 1)
    heading, *lines, last = bandmate.good("jobs", "--most", 3).out.splitlines()
    assert heading.split() == ["Job", "State", "When", "What", "Where"]
    assert [line.split()[-1] for line in lines] == ["stems", "beats-2.wav", "beats-1.wav"]
    assert "bandmate fetch" in last
    (bandmate.folder / "beats-2.wav").unlink()
    found = json.loads(bandmate.good("jobs", "--json", "--most", 2).out)
    assert [job["where"] for job in found] == [str(bandmate.folder / "stems"), None]


@pytest.mark.parametrize("width", [40, 80, 109, 110, 200])
def test_a_job_takes_one_line_of_any_terminal(width: int, second: Timeline) -> None:
    usual = {"engine": "sketch", "created_ms": 1_764_000_000_000, "seed": 2**32 - 1, "timeline": second}
    jobs = [
        JobSummary(job="aaaaaaa1", state="done", task="generate", params={"prompt": "bass"}, **usual),
        JobSummary(job="aaaaaaa2", state="interrupted", task="cover", params={"prompt": "悲" * 60}, **usual),
        JobSummary(
            job="aaaaaaa3", state="failed", task="cover", params={"prompt": "two\nlines"}, **usual,
            sentence="The engine failed. " * 20,
        ),
    ]  # fmt: skip
    lines = list(job_lines(jobs, width))
    if width >= 80:
        assert max(map(cell_len, lines)) <= width
        assert "two lines" in lines[3]
    assert [line.split()[0] for line in lines[:4]] == ["Job", "aaaaaaa1", "aaaaaaa2", "aaaaaaa3"]
    assert "".join(lines[4:]).count("failed") == 20


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
    assert "had already ended" in bandmate.good("cancel", running.job).out


def test_only_the_command_lines_own_jobs_are_redone(
    bandmate: CommandLine, server: RunningServer, second: Timeline
) -> None:
    with connected(server) as client:
        accepted = client.submit("noise", second, {"pieces": 1})
        for _ in client.follow(accepted.job):
            pass
    assert "no place here" in bandmate.refused("redo", accepted.job)
