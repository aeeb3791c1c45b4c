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


def test_jobs_are_rated_noted_kept_and_found_again(
    bandmate: CommandLine, server: RunningServer, second: Timeline
) -> None:
    with connected(server) as client:
        job, other = [finished(client, "noise", second, params={"pieces": 1}) for _ in range(2)]
    assert "4 of 5 stars" in bandmate.good("jobs", "rate", job, 4).out
    bandmate.good("jobs", "note", job, "Take", "for", "the BRIDGE")
    assert bandmate.good("jobs", "keep", job).out == f"Kept: {job}.\n"
    for filters in (("--search", "bridge"), ("--rated", 4), ("--kept",)):
        found = json.loads(bandmate.good("jobs", "--json", *filters).out)
        assert [(each["job"], each["rating"], each["kept"]) for each in found] == [(job, 4, True)], filters
    newest = json.loads(
        bandmate.good("jobs", "--json", "--days", 1, "--state", "done", "--task", "noise").out
    )
    assert [each["job"] for each in newest][:2] == [other, job]
    shown = bandmate.good("jobs", "--search", "bridge", COLUMNS="120").out
    assert "**** kept" in shown
    assert "Take for the BRIDGE" in shown
    assert "All audio takes" in shown
    assert "No job fits" in bandmate.good("jobs", "--search", "nowhere").out
    assert "is kept" in bandmate.refused("jobs", "drop", job, "--yes")
    bandmate.good("jobs", "keep", job, "--release")
    bandmate.good("jobs", "rate", job, 0)
    assert "no note now" in bandmate.good("jobs", "note", job).out
    assert "Rating" not in bandmate.good("jobs", "--most", 2).out


def test_a_drop_asks_says_what_it_frees_and_is_undone_until_the_audio_is_gone(
    bandmate: CommandLine, server: RunningServer, second: Timeline
) -> None:
    with connected(server) as client:
        job = finished(client, "noise", second, params={"pieces": 1, "stems": 1})

        def is_listed() -> bool:
            return job in {each.job for each in client.jobs(3)}

        unanswered = bandmate.run("jobs", "drop", job)
        assert (unanswered.code, "frees 384 kB" in unanswered.out) == (130, True)
        assert is_listed()
        assert f"bandmate jobs restore {job}" in bandmate.good("jobs", "drop", job, "--yes").out
        assert not is_listed()
        assert job in bandmate.good("jobs", "--dropped").out
        assert bandmate.good("jobs", "restore", job[:7]).out == f"Restored: {job}.\n"
        assert is_listed()
        assert "Freed: 384 kB" in bandmate.good("jobs", "drop", job, "--now", "--yes").out
    assert "cannot be restored" in bandmate.refused("jobs", "restore", job)
