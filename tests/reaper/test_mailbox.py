"""The mailbox, both of its ends."""

import os
import subprocess
import sys
import time

import pytest

from bandmate_bridge.reaper.agent.mailbox import MAX_WAITING, TO_AGENT, TO_REAPER, Mailbox
from bandmate_bridge.reaper.agent.process import main, sweep_mailboxes
from bandmate_bridge.reaper.agent.single_agent import SingleAgent


@pytest.fixture
def both(tmp_path):
    folder = tmp_path / "boxes" / "one"
    return Mailbox(folder), Mailbox(folder, incoming=TO_REAPER, outgoing=TO_AGENT)


def test_messages_come_in_order_and_once(both):
    agent, reaper = both
    for number in range(50):
        reaper.send({"type": "n", "number": number})
    assert [message["number"] for message in agent.receive()] == list(range(50))
    assert agent.receive() == []


def test_a_second_writer_comes_after_the_first(both, tmp_path):
    agent, reaper = both
    reaper.send({"number": 1})
    Mailbox(reaper.folder, incoming=TO_REAPER, outgoing=TO_AGENT).send({"number": 2})
    assert [message["number"] for message in agent.receive()] == [1, 2]


def test_half_written_and_foreign_files_are_no_messages(both):
    agent, _ = both
    box = agent.folder / TO_AGENT
    (box / "0000000000000001-aaaaaaaa.tmp").write_text('{"type": "x"')
    (box / "notes.json").write_text("{}")
    (box / "0000000000000002-aaaaaaaa.json").write_text("{ cut")
    (box / "0000000000000003-aaaaaaaa.json").write_text("[1]")
    assert agent.receive() == []
    assert sorted(path.name for path in box.iterdir()) == ["0000000000000001-aaaaaaaa.tmp", "notes.json"]


@pytest.mark.parametrize(
    "content",
    [b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"a":"\xff"}', b"[1]", b""],
    ids=["nested", "no UTF-8", "a list", "empty"],
)
def test_what_is_no_message_is_gone_and_the_next_one_comes(both, content):
    agent, reaper = both
    (agent.folder / TO_AGENT / f"{0:016d}-00000000.json").write_bytes(content)
    reaper.send({"type": "hello"})
    assert agent.receive() == [{"type": "hello"}]
    assert list((agent.folder / TO_AGENT).iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_a_pipe_in_the_mailbox_is_not_waited_for(both):
    agent, reaper = both
    os.mkfifo(agent.folder / TO_AGENT / f"{0:016d}-00000000.json")
    reaper.send({"type": "hello"})
    assert agent.receive() == [{"type": "hello"}]


def test_orphans_are_swept_after_a_while(both):
    agent, _ = both
    old, young = (agent.folder / TO_AGENT / f"000000000000000{n}-aaaaaaaa.tmp" for n in (1, 2))
    for path in (old, young):
        path.write_text("{")
    os.utime(old, (time.time() - 3600,) * 2)
    agent.sweep()
    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.skipif(os.name == "nt", reason="folders on Windows have lists, not modes")
def test_nobody_else_may_look_in(both):
    agent, _ = both
    for folder in (agent.folder, agent.folder / TO_AGENT, agent.folder / TO_REAPER):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_it_says_when_nobody_reads(both):
    agent, _ = both
    for _ in range(MAX_WAITING):
        assert not agent.is_full()
        agent.send({"type": "progress"})
    assert agent.is_full()


def test_the_agent_is_light():
    heavy = "{'numpy', 'torch', 'starlette'}"
    code = f"import sys, bandmate_bridge.reaper.agent.process; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_second_agent_for_one_mailbox_leaves_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "boxes" / "one"
    folder.mkdir(parents=True)
    with SingleAgent(folder / "agent.lock") as first:
        assert first.is_first
        assert main(["--box", str(folder)]) == 0
    assert list(folder.iterdir()) == [folder / "agent.lock"]


def test_mailboxes_of_a_reaper_that_crashed_are_swept(tmp_path):
    own, old, young = (tmp_path / name for name in ("own", "old", "young"))
    for folder in (own, old, young):
        Mailbox(folder)
    for folder in (own, old):
        os.utime(folder / TO_REAPER, (time.time() - 3 * 86_400,) * 2)
    sweep_mailboxes(own)
    assert [folder.exists() for folder in (own, old, young)] == [True, False, True]
