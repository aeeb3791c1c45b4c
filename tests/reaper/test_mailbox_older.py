"""Messages of version 1 of the mailbox, as the scripts and the agent of before wrote them, and what scripts kept.

The files of `older_mailbox` are messages of the last commit before version 2, whose fields had no units in their names.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bandmate_bridge.reaper.agent.mailbox import TO_AGENT, TO_REAPER, Mailbox
from bandmate_bridge.reaper.agent.process import ReaperAgent
from bandmate_bridge.reaper.mailbox_messages import (
    MAILBOX_VERSION,
    AttachJob,
    ContextChanged,
    JobAccepted,
    MailboxMessage,
    RunTask,
    kind_of,
)
from bandmate_bridge.reaper.mailbox_messages.older_names import OLDER_NAMES, with_current_names
from bandmate_bridge.reaper.mailbox_messages.read_messages import message_values, read_script_message
from tests.reaper.mailbox_vectors import DIRECTIONS
from tests.reaper.model import Track
from tests.reaper.pictures import source_item
from tests.reaper.situations import BAND
from tests.reaper.test_mailbox_messages import name_of

FOLDER = Path(__file__).parent / "older_mailbox"
TO_AGENT_KINDS, TO_REAPER_KINDS = (DIRECTIONS[direction][0] for direction in ("to-agent", "to-reaper"))


def older(direction: str, kind: type[MailboxMessage]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (FOLDER / direction / f"{kind_of(kind)}.json").read_text(encoding="utf-8")
    )
    return found


def test_there_is_one_of_every_kind() -> None:
    for direction, (kinds, _) in DIRECTIONS.items():
        there = {path.stem for path in (FOLDER / direction).iterdir()}
        assert there == {kind_of(kind) for kind in kinds}


@pytest.mark.parametrize("kind", TO_AGENT_KINDS, ids=name_of)
def test_what_older_scripts_sent_is_read(kind: type[MailboxMessage]) -> None:
    assert type(read_script_message(older("to-agent", kind))) is kind


def test_older_names_are_read_at_every_level() -> None:
    run, context, attach = (
        read_script_message(older("to-agent", kind)) for kind in (RunTask, ContextChanged, AttachJob)
    )
    assert isinstance(run, RunTask)
    assert run.facts.selection_seconds == (0.0, 1.0)
    assert run.facts.project.sample_rate == 48_000
    assert [track.razor_seconds for track in run.facts.tracks] == [(), ((0.25, 0.75),)]
    assert run.where is not None
    assert (run.where.track, run.where.begins, run.where.ends) == ("loop", ("2.1",), ("3.1",))
    assert isinstance(context, ContextChanged)
    assert isinstance(attach, AttachJob)
    assert attach.spot is not None
    assert (attach.spot.length_seconds, attach.sample_rate, len(attach.files)) == (8.0, 48_000, 2)


@pytest.mark.parametrize("kind", TO_REAPER_KINDS, ids=name_of)
def test_older_scripts_are_sent_the_names_that_they_read(kind: type[MailboxMessage]) -> None:
    values = older("to-reaper", kind)
    message = msgspec.convert(with_current_names(without_colours(values), kind), kind)
    written = json.loads(msgspec.json.encode(message_values(message, 1)))
    assert without_nothing(written).items() >= without_nothing(without_colours(values)).items()


def without_colours(value: Any) -> Any:
    """Version 1 wrote null for a mark without a colour."""
    if isinstance(value, list):
        return [without_colours(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: "" if (key, inner) == ("colour", None) else without_colours(inner)
        for key, inner in value.items()
    }


def without_nothing(value: Any) -> Any:
    """Without what is nothing to a script: null, false, and an empty list."""
    if isinstance(value, list):
        return [without_nothing(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: without_nothing(inner)
        for key, inner in value.items()
        if inner is not None and inner is not False and inner != []
    }


def test_every_older_name_is_in_a_message() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.json"))
    for names in OLDER_NAMES.values():
        for name in names.values():
            assert f'"{name}":' in texts, name


def test_an_agent_speaks_as_the_scripts_that_say_hello(tmp_path: Path) -> None:
    """Two kinds of scripts, one after the other; a message that is none in between."""
    agent = ReaperAgent(tmp_path / "box", connect=lambda notify: None)  # type: ignore[arg-type, return-value]
    scripts = Mailbox(tmp_path / "box", incoming=TO_REAPER, outgoing=TO_AGENT)
    accepted = JobAccepted(
        re="1",
        job="k3x9q2ab",
        task="repaint",
        engine="sketch",
        seed=1,
        spot=read_script_message(older("to-agent", AttachJob)).spot,  # type: ignore[union-attr]
    )
    found = []
    for hello in (
        {"type": "hello", "version": "0.1.0"},
        {"type": "hello", "mailbox_version": MAILBOX_VERSION},
    ):
        scripts.send(hello)
        scripts.send({"type": "sing", "id": "7"})
        assert agent._handle_mailbox()
        agent._send_message(accepted)
        answer, refusal, *_, last = scripts.receive()
        assert answer["type"] == "hello"
        assert (refusal["type"], refusal["code"], refusal["re"]) == ("failed", "unknown_type", "7")
        found.append(sorted(last["spot"]))
    assert found[0] == ["item", "length", "phase", "position", "track"]
    assert found[1] == ["item", "length_seconds", "phase_seconds", "position_seconds", "track"]


def with_older_spot(kept: dict[str, Any]) -> dict[str, Any]:
    spot = kept["spot"]
    return kept | {"spot": {name.removesuffix("_seconds"): value for name, value in spot.items()}}


@pytest.fixture
def loop(stage):
    """One selected item, of which the time from 2 to 4 s is selected."""
    item = source_item(stage.song)
    item.selected = True
    stage.project.tracks = [Track("Loop", items=[item])]
    stage.project.selection = (2.0, 4.0)
    return item


def test_a_result_that_older_scripts_noted_in_the_project_is_redone(stage, loop) -> None:
    stage.make("repaint", prompt="busier")
    kept = json.loads(stage.project.ext["last"])
    older_kept = with_older_spot(kept)
    assert set(older_kept["spot"]) == {"item", "track", "position", "length", "phase"}
    stage.project.ext["last"] = json.dumps(older_kept)
    stage.forget_jobs()
    stage.action("Redo with a new seed")
    stage.finish()
    assert sorted(len(item.takes) for item in stage.project.tracks[0].items) == [1, 1, 3]


def test_a_job_that_older_scripts_noted_in_reaper_is_taken_up(stage, loop) -> None:
    """REAPER ended before anything of a take came; the scripts were updated meanwhile."""
    stage.settings(growing=False)
    stage.project.tracks = [Track("Loop", items=[source_item(stage.song, 60.0)])]
    stage.project.tracks[0].items[0].selected = True
    stage.project.selection = (0.0, 60.0)
    stage.forget_jobs()
    stage.ask("repaint", prompt=BAND)
    stage.reaper.run_until(lambda: stage.running)
    key = ("bandmate", "jobs")
    stage.reaper.crash()
    jobs = [with_older_spot(job) for job in json.loads(stage.reaper.kept[key])]
    stage.reaper.kept[key] = json.dumps(jobs)
    stage.reopen(stage.project)
    stage.action("Panel")
    stage.finish(240)
    assert [len(item.takes) for item in stage.project.tracks[0].items] == [2]
