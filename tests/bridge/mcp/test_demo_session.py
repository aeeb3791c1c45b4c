"""A session of thirty calls on the demo project, whose result is read from the file."""

from __future__ import annotations

import asyncio
import base64
import io
from pathlib import Path
from typing import Any

import soundfile
from mcp import Client

from bandmate_bridge.rpp import Project
from tests.bridge.mcp.assistant import assistant, good, refused
from tests.running import RunningServer


class Session:
    """Counts calls."""

    def __init__(self, client: Client, project: Path) -> None:
        self.shaker = ""
        self.client = client
        self.project = project
        self.calls = 0

    async def read(self, tool: str, **arguments: Any) -> dict[str, Any]:
        self.calls += 1
        return await good(self.client, tool, **arguments)

    async def change(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return await self.read(tool, project=str(self.project), **arguments)

    async def fail(self, tool: str, **arguments: Any) -> str:
        self.calls += 1
        return await refused(self.client, tool, **arguments)


def test_thirty_calls_on_the_demo_project(server: RunningServer, demo: Path, tmp_path: Path) -> None:
    before = Project.load(demo)
    bass = next(track for track in before.tracks if "bass" in track.name.lower())

    async def work() -> int:
        async with assistant(server.home) as client:
            session = Session(client, demo)
            await look_around(session, bass.name)
            await make_music(session, bass.name)
            await look_after_jobs(session, tmp_path)
            return session.calls

    assert asyncio.run(work()) >= 30
    after = Project.load(demo)
    names = [track.name for track in after.tracks]
    assert names[: len(before.tracks)] != names
    assert {"Shaker", "Tambourine"} <= set(names), names
    shaker = next(track for track in after.tracks if track.name == "Shaker")
    assert [len(item.takes) for item in shaker.items] == [2], "redo_job added a take"
    tempo = after.tempo_map
    assert shaker.items[0].start_frame == round(tempo.position_of(3))
    painted = next(track for track in after.tracks if track.name == bass.name)
    assert max(len(item.takes) for item in painted.items) == 2, "repaint added a take"
    assert any("stems" in name for name in names)
    assert any("extended" in name for name in names)
    for track in before.tracks:
        kept = next(each for each in after.tracks if each.guid == track.guid)
        files = {take.source.file for item in kept.items for take in item.takes if take.source}
        assert files >= {take.source.file for item in track.items for take in item.takes if take.source}


async def look_around(session: Session, bass: str) -> None:
    song = str(session.project)
    facts = await session.read("read_project", project=song)
    assert [point["metre"] for point in facts["tempo_map"]] == ["4/4", "7/8", "7/8"]
    assert facts["tempo_map"][1]["changes"] == "gradually to the next point"
    assert facts["tempo_map"][0]["bar"] == "1.1"
    one = await session.read("read_project", project=song, track=bass)
    assert {item["track"] for item in one["items"]} == {one["tracks"][0]["number"]}
    assert one["items"][0]["end"]["bar"] == "9.1"
    tasks = await session.read("list_tasks")
    assert {"generate", "repaint", "separate"} <= {task["task"] for task in tasks["tasks"]}
    form = await session.read("describe_task", task="generate")
    assert "chords" in form["params"]
    heard = await session.read("analyse", project=song, track=bass, start="1.1", end="9.1")
    assert heard["loudness"]["integrated_lufs"] < 0
    assert heard["sections"][0]["start"]["bar"] == "1.1"
    assert all(section["energy_lufs"] is not None for section in heard["sections"])
    focus = await session.read("project_in_focus")
    assert focus["projects"] == []
    assert "No project is in focus" in await session.fail("generate", prompt="shaker", bars=2)
    assert "Nobody" in await session.fail("repaint", project=song, track="Nobody", start="1.1", end="2.1")
    assert "no parameter colour" in await session.fail(
        "generate", project=song, prompt="shaker", params={"colour": "red"}
    )
    assert "tempo map" in await session.fail("generate", project=song, prompt="shaker", bpm=90)


async def make_music(session: Session, bass: str) -> None:
    made = await session.change("generate", prompt="shaker", at="3.1", bars=2, seed=1)
    assert made["seed"] == 1
    session.shaker = made["job"]
    await session.change(
        "generate", prompt="tambourine", section=None, at="5.1", bars=2, params={"humanise": True}
    )
    painted = await session.change("repaint", prompt="walking", track=bass, start="3.1", end="4.1", seed=2)
    assert "take" in " ".join(painted["lines"])
    await session.change("cover", prompt="as a string quartet", track=bass, start="1.1", end="3.1", seed=3)
    await session.change("accompany", prompt="add a cowbell", track=bass, start="1.1", end="3.1", seed=4)
    await session.change("separate", mode="drums", track="Shaker", seed=5)
    await session.change("extend", track="Tambourine", after=1, seed=6)
    await session.change("loop", track="Tambourine", seam=1, seed=7)
    again = await session.read("redo_job", job=made["job"], seed=8)
    assert again["seed"] == 8


async def look_after_jobs(session: Session, folder: Path) -> None:
    listed = (await session.read("list_jobs", most=5))["jobs"]
    assert listed[0]["task"] == "generate"
    shaker = session.shaker
    facts = await session.read("get_job", job=shaker)
    assert facts["state"] == "done"
    assert (await session.read("wait_for_job", job=shaker))["seed"] == 1
    saved = await session.read("save_job", job=shaker, output=str(folder / "shaker.wav"))
    assert [Path(name).name for name in saved["files"]] == ["shaker.wav"]
    assert (await session.read("annotate_job", job=shaker, rating=4, kept=True))["rating"] == 4
    other = await session.read("generate", prompt="shaker", bpm=92, bars=2, output=str(folder / "other.flac"))
    assert other["stems"][0]["true_peak_dbtp"] < 0
    differ = await session.read("compare_takes", first=shaker, second=str(folder / "shaker.wav"))
    assert differ["second_minus_first"]["integrated_lufs"] == 0
    assert differ["onsets"]["matched"] == differ["onsets"]["first"] > 4
    assert differ["onsets"]["median_shift_ms"] == 0
    await session.read("analyse", file=str(folder / "other.flac"))
    ran = await session.read(
        "run_task", task="separate", file=str(folder / "other.flac"), params={"mode": "two"}
    )
    assert len(ran["stems"]) == 2
    session.calls += 1
    heard = await session.client.call_tool("preview", {"take": shaker, "seconds": 2})
    assert heard.content[0].type == "audio"
    data = base64.b64decode(heard.content[0].data)
    samples, rate = soundfile.read(io.BytesIO(data))
    assert (rate, samples.ndim) == (24_000, 1)
    assert 1.9 < len(samples) / rate < 2.2
    assert abs(samples).max() > 0.001
    cancelled = await session.read("cancel_job", job=shaker)
    assert cancelled["state"] == "done"
