"""What goes wrong between plugin and server, and how the plugin bears it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bandmate_bridge.client import Client
from bandmate_protocol.messages import Invoke, Invoked, Slot
from tests.running import RunningServer
from tests.vst.conftest import find
from tests.vst.hosting import BLOCK, Hosted, mixed, reopen


def heard_again(hosted: Hosted, wanted: np.ndarray) -> bool:
    hosted.plugin.audition = True
    return np.array_equal(hosted.silence(len(wanted)), wanted)


def test_without_a_server_the_track_passes_unchanged(
    vst3: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    hosted = Hosted(vst3)
    hosted.until_status("No server")
    noise = np.random.default_rng(5).normal(size=(4096, 2)).astype(np.float32)
    hosted.press("generate")
    assert np.array_equal(hosted.play(noise), noise)


SCAN = """
import sys, pedalboard
for _ in range(int(sys.argv[2])):
    pedalboard.VST3Plugin.get_plugin_names_for_file(sys.argv[1])
"""


def test_scans_make_no_connection(vst3: Path, tmp_path: Path, loops: Callable[[int, int], int]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        (tmp_path / "state").mkdir()
        where = {"host": "127.0.0.1", "port": listener.getsockname()[1]}
        (tmp_path / "state" / "server.json").write_text(json.dumps(where))
        # In a process of its own: what other tests opened looks for a server too.
        command = [sys.executable, "-c", SCAN, str(vst3), str(loops(50, 1000))]
        environ = os.environ | {"BANDMATE_HOME": str(tmp_path)}
        subprocess.run(command, env=environ, check=True, capture_output=True)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_killed_server_is_found_again(vst3: Path, own_server: RunningServer) -> None:
    hosted = Hosted(vst3)
    hosted.generate()
    own_server.kill()
    hosted.until_status("No server")
    own_server.start()
    hosted.until_status("Ready", "Done")
    assert heard_again(hosted, mixed(hosted.generate()["takes"][-1]))


def test_a_server_that_is_killed_at_work_finishes_later(vst3: Path, own_server: RunningServer) -> None:
    hosted = Hosted(vst3)
    hosted.until_status("Ready")
    hosted.plugin.bars = 8
    hosted.press("generate")
    hosted.until(lambda song: len(song["takes"]) == 1)
    own_server.kill()
    hosted.until_status("No server")
    own_server.start()
    song = hosted.until(lambda song: bool(song["takes"]) and song["takes"][0]["settled"])
    assert song["status"] == "Done"
    assert heard_again(hosted, mixed(song["takes"][0]))


def test_a_wrong_token_is_shown_and_mended(vst3: Path, home: Path, steady: RunningServer) -> None:
    find(home, steady)
    (home / "config" / "token").write_text("0" * 64)
    hosted = Hosted(vst3)
    hosted.until_status("Wrong token")
    find(home, steady)
    hosted.until_status("Ready")


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "ws://127.0.0.1:{}/ws", "http://127.0.0.1:{}"])
def test_a_server_is_named_bare_or_as_a_url(
    vst3: Path, home: Path, steady: RunningServer, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("BANDMATE_SERVER", form.format(steady.port))
    monkeypatch.setenv("BANDMATE_TOKEN", steady.token)
    Hosted(vst3).until_status("Ready")


def test_a_slow_link_loses_nothing(vst3: Path, server: RunningServer) -> None:
    hosted = Hosted(vst3)
    hosted.until_status("Ready")
    hosted.plugin.bars = 4
    hosted.press("generate")
    for _ in range(6):
        os.kill(server.process.pid, signal.SIGSTOP)
        hosted.silence(BLOCK)
        time.sleep(0.1)
        os.kill(server.process.pid, signal.SIGCONT)
        time.sleep(0.1)
    song = hosted.until(lambda song: bool(song["takes"]) and song["takes"][0]["settled"])
    assert heard_again(hosted, mixed(song["takes"][0]))


def test_a_missing_file_comes_from_the_server_again(
    vst3: Path, home: Path, steady: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    find(home, steady)
    hosted = Hosted(vst3)
    song = hosted.generate()
    wanted = mixed(song["takes"][-1])
    state = hosted.plugin.raw_state
    for path in (home / "media").glob("*.wav"):
        path.unlink()
    again = Hosted(vst3, state=state)
    again.until(lambda now: now["missing"] == 0 and now["takes"][0]["settled"])
    assert heard_again(again, wanted)
    for path in (home / "media").glob("*.wav"):
        path.unlink()
    monkeypatch.setenv("BANDMATE_HOME", str(home / "nobody"))
    gone, silence = reopen(vst3, state, 4096)
    assert gone["missing"] == len(song["takes"][-1]["stems"])
    assert not silence.any()


def test_two_instances_share_a_server(vst3: Path, server: RunningServer) -> None:
    first, second = Hosted(vst3), Hosted(vst3)
    one, two = first.generate(), second.generate()
    assert one["instance"] != two["instance"]
    assert one["takes"][-1]["job"] != two["takes"][-1]["job"]
    assert heard_again(first, mixed(one["takes"][-1]))
    assert heard_again(second, mixed(two["takes"][-1]))


def test_a_slot_gives_the_words_and_a_surface_reaches_the_focus(vst3: Path, server: RunningServer) -> None:
    hosted = Hosted(vst3)
    hosted.until_status("Ready")
    with Client.connect(server.address, token=server.token, start=False) as client:
        client.store_slot(Slot(number=3, task="generate", params={"prompt": "warm upright bass"}))
        hosted.plugin.slot = 3
        take = hosted.generate()["takes"][-1]
        assert take["recipe"]["params"] == {"prompt": "warm upright bass"}
        project = hosted.song["instance"]
        asked = Invoke(request="i1", task="generate", params={"prompt": "shaker"}, seed=7, project=project)
        client.send(asked)
        hosted.until(lambda song: len(song["takes"]) == 2 and song["takes"][1]["settled"])
        answer = client.poll(5)
        while not isinstance(answer, Invoked):
            answer = client.poll(5)
        take = hosted.song["takes"][1]
        assert (answer.job, take["recipe"]["seed"]) == (take["job"], 7)
