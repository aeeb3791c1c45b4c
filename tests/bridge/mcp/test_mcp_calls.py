"""Calls of `bandmate mcp`: progress, cancelling, consent, focus, resources, prompts, errors."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp_types import BlobResourceContents, ElicitResult, TextContent, TextResourceContents

from bandmate_bridge.client import Client
from bandmate_bridge.rpp import Project
from tests.bridge.command_line import CommandLine
from tests.bridge.mcp.assistant import assistant, good, refused
from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer


class Person:
    """Answers questions, and remembers them."""

    def __init__(self, *, agrees: bool) -> None:
        self.agrees = agrees
        self.questions: list[str] = []

    async def answer(self, _: Any, params: Any) -> ElicitResult:
        self.questions.append(params.message)
        return ElicitResult(action="accept", content={"agreed": self.agrees})


@pytest.fixture
def watching(server: RunningServer, empty: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    line = CommandLine(server.home, tmp_path)
    process = line.start("watch", empty, "--at", "3.1", "--bars", 2, PYTHONUNBUFFERED="1")
    assert process.stdout is not None
    assert "Watching" in process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_progress_rises_and_a_cancelled_call_cancels_its_job(server: RunningServer) -> None:
    reports: list[tuple[float, str]] = []
    begun = asyncio.Event()

    async def note_progress(progress: float, total: float | None, message: str | None) -> None:
        assert total == 100
        reports.append((progress, message or ""))
        begun.set()

    async def work() -> None:
        async with assistant(server.home) as client:
            arguments = {"task": "generate", "bars": 2_000, "params": {"prompt": "slow jazz trio"}}
            call = asyncio.ensure_future(
                client.call_tool("run_task", arguments, progress_callback=note_progress)
            )
            await asyncio.wait_for(begun.wait(), PATIENCE_SECONDS)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await asyncio.wait_for(last_job_cancelled(client), PATIENCE_SECONDS)

    asyncio.run(work())
    percents = [percent for percent, _ in reports]
    assert percents == sorted(percents)
    assert all(message for _, message in reports)


async def last_job_cancelled(client: Any) -> None:
    while True:
        (job,) = (await good(client, "list_jobs", most=1))["jobs"]
        assert job["state"] in ("queued", "running", "cancelled"), job
        if job["state"] == "cancelled":
            return
        await asyncio.sleep(0.05)


def test_what_cannot_be_undone_asks_first(server: RunningServer, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    out.write_bytes(b"mine")

    async def make(person: Person | None) -> str:
        options = {} if person is None else {"elicitation_callback": person.answer}
        async with assistant(server.home, **options) as client:
            made = {"prompt": "tambourine", "bars": 1, "bpm": 120, "output": str(out)}
            if person is not None and person.agrees:
                job = (await good(client, "generate", **made))["job"]
                dropped = await good(client, "drop_jobs", jobs=[job])
                assert dropped["dropped"] == [job]
                assert (await good(client, "restore_jobs", jobs=[job]))["restored"] == [job]
                return ""
            return await refused(client, "generate", **made)

    assert "this client cannot ask" in asyncio.run(make(None))
    no = Person(agrees=False)
    assert "did not agree" in asyncio.run(make(no))
    assert no.questions == [f"Replace the file {out}?"]
    assert out.read_bytes() == b"mine"
    yes = Person(agrees=True)
    asyncio.run(make(yes))
    assert out.read_bytes()[:4] == b"RIFF"
    assert [question.split()[0] for question in yes.questions] == ["Replace", "Drop"]


def test_dropping_and_pulling_need_a_client_that_asks(server: RunningServer) -> None:
    async def work() -> None:
        async with assistant(server.home) as client:
            assert "bandmate jobs drop abc" in await refused(client, "drop_jobs", jobs=["abc"])
            assert "bandmate pull htdemucs" in await refused(client, "pull_model", model="htdemucs")
            for task in ("pull", "remove_model", "verify_model"):
                said = await refused(client, "run_task", task=task, params={"model": "htdemucs"})
                assert "Call pull_model" in said

    asyncio.run(work())


@pytest.mark.usefixtures("watching")
def test_a_call_without_a_project_acts_on_the_one_in_focus(server: RunningServer, empty: Path) -> None:
    async def work() -> dict[str, Any]:
        async with assistant(server.home) as client:
            focus = await first_focus(client)
            assert focus["in_focus"] == "empty.rpp"
            assert focus["projects"][0]["range_seconds"] == [4.0, 8.0]
            made = await good(client, "generate", prompt="shaker", seed=5)
            assert made["in_the_project"]
            elsewhere = await good(client, "generate", prompt="tambourine", at="7.1", bars=2, seed=6)
            assert (elsewhere["in_the_project"], elsewhere["seed"]) == (True, 6)
            where = {"track": "Tambourine", "start": "8.1", "end": "9.1"}
            return await good(client, "repaint", prompt="busier", **where, seed=7)

    painted = asyncio.run(asyncio.wait_for(work(), PATIENCE_SECONDS))
    assert painted["in_the_project"]
    shaker, tambourine = Project.load(empty).tracks
    assert [item.start_frame / 96_000 for item in shaker.items] == [2]
    assert [item.start_frame / 96_000 for item in tambourine.items] == [6, 7]
    assert [len(item.takes) for item in tambourine.items] == [1, 2]


async def first_focus(client: Any) -> dict[str, Any]:
    while True:
        focus = await good(client, "project_in_focus")
        if focus["projects"]:
            return focus


def test_jobs_and_stems_are_resources(server: RunningServer) -> None:
    async def work() -> None:
        async with assistant(server.home) as client:
            made = await good(
                client, "run_task", task="generate", bars=1, params={"prompt": "tambourine"}, seed=1
            )
            (listed,) = (await client.read_resource("bandmate://jobs")).contents
            assert isinstance(listed, TextResourceContents)
            assert made["job"] in [job["job"] for job in json.loads(listed.text)["jobs"]]
            (known,) = (await client.read_resource(f"bandmate://jobs/{made['job']}")).contents
            assert isinstance(known, TextResourceContents)
            stem = json.loads(known.text)["stems"][0]
            (audio,) = (await client.read_resource(stem["preview"])).contents
            assert isinstance(audio, BlobResourceContents)
            assert audio.mime_type == "audio/mpeg"
            assert 1_000 < len(base64.b64decode(audio.blob)) < 400_000
            names = [prompt.name for prompt in (await client.list_prompts()).prompts]
            assert names[0] == "describe_song"
            asked = await client.get_prompt(
                "add_part", {"project": "song.rpp", "wish": "a bass in the chorus"}
            )
            said = asked.messages[0].content
            assert isinstance(said, TextContent)
            assert "song.rpp" in said.text

    asyncio.run(work())


def test_errors_are_sentences_and_change_nothing(server: RunningServer, empty: Path, tmp_path: Path) -> None:
    before = empty.read_bytes()
    noise = tmp_path / "noise.wav"
    noise.write_bytes(b"no audio")
    song, wav = str(empty), str(noise)
    both = {"project": song, "file": wav}
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("read_project", {"project": wav}, "not_a_project"),
        ("analyse", {}, "Give `project` or `file`"),
        ("analyse", {"file": wav, "write_markers": True}, "Markers can only"),
        ("analyse", {"file": wav}, "[input_unusable]"),
        ("cover", {"prompt": "x", **both}, "not both"),
        ("cover", {"prompt": "x", "output": "a.wav"}, "There is no recording"),
        ("repaint", {"file": wav, "track": "Drums", "prompt": "x"}, "track is a place in a project"),
        ("repaint", {"start": "3.1", "prompt": "x"}, "needs a start and an end"),
        ("generate", {"project": song, "prompt": "x", "params": {"prompt": "y"}}, "Give it once"),
        ("generate", {"project": song, "prompt": "x", "params": {"force": True}}, "no parameter force"),
        ("generate", {"project": song, "prompt": "x", "at": "1.1", "engine": "nobody"}, "no_such_engine"),
        ("describe_task", {"task": "paint"}, "no_such_task"),
        ("generate", {"project": song, "prompt": "x", "follow": "melody"}, "has no argument follow"),
        ("generate", {"project": song, "prompt": "x", "bar": 2, "temp": 90}, "no argument bar, temp"),
        ("get_job", {"job": "zzzzzzzz"}, "no_such_job"),
        ("preview", {"take": wav}, "cannot be read as audio"),
        ("preview", {"take": str(tmp_path / "none.wav")}, "There is no file"),
    ]

    async def work() -> None:
        async with assistant(server.home) as client:
            for tool, arguments, expected in cases:
                said = await refused(client, tool, **arguments)
                assert expected in said, (tool, arguments, said)

    asyncio.run(work())
    assert empty.read_bytes() == before


def test_jobs_of_an_assistant_that_leaves_are_cancelled(server: RunningServer) -> None:
    async def leave() -> None:
        begun = asyncio.Event()

        async def note_progress(progress: float, total: float | None, message: str | None) -> None:
            begun.set()

        async with assistant(server.home) as client:
            arguments = {"task": "generate", "bars": 2_000, "params": {"prompt": "slow jazz trio"}}
            call = asyncio.ensure_future(
                client.call_tool("run_task", arguments, progress_callback=note_progress)
            )
            await asyncio.wait_for(begun.wait(), PATIENCE_SECONDS)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)

    asyncio.run(leave())
    with Client.connect(server.address, token=server.token) as client:
        (job,) = client.jobs(1)
        if job.state in ("queued", "running"):
            client.attach(job.job)
            for _ in client.follow(job.job):
                pass
        assert client.job(job.job).state == "cancelled"
