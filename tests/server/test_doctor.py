"""What doctor says of a good installation and of each thing that goes wrong."""

import json
import os
import socket
import subprocess
import sys

import mido
import pytest
from mido.backends.backend import Backend

from bandmate_plugins._engines.sketch.sound.soundfont import choice
from bandmate_server.doctor.planner import check_planners
from bandmate_server.doctor.soundfonts import check_soundfonts
from bandmate_server.doctor.surfaces import check_surfaces
from bandmate_server.doctor.torch import check_memory_cap, judge_torch
from tests.plugins.sketch.test_soundfont import made_soundfont
from tests.running import server_environ


def doctor(home, **environ):
    command = [sys.executable, "-m", "bandmate_plugins", "doctor", "--json"]
    ended = subprocess.run(
        command, env=server_environ(home) | environ, capture_output=True, text=True, timeout=240
    )
    assert ended.stdout, ended.stderr
    return ended.returncode, {finding["about"]: finding for finding in json.loads(ended.stdout)}


def test_a_good_installation(tmp_path):
    status, findings = doctor(tmp_path, BANDMATE_SERVER_PORT="0")
    wrong = [each for each in findings.values() if each["state"] == "bad"]
    assert status == 0, wrong
    assert {"Bandmate", "data folder", "token", "server", "engine sketch"} <= set(findings)


def test_the_folders_are_named_with_what_is_in_them(tmp_path):
    kept = tmp_path / "elsewhere" / "audio" / "x.f32"
    kept.parent.mkdir(parents=True)
    with kept.open("wb") as file:
        file.truncate(200_000_000)
    _, findings = doctor(tmp_path, BANDMATE_SERVER_PORT="0", BANDMATE_SERVER_DATA=str(tmp_path / "elsewhere"))
    assert findings["data folder"]["sentence"].startswith(f"{tmp_path / 'elsewhere'}")
    assert "0.2 GB used" in findings["data folder"]["sentence"]
    for about, folder in (("settings folder", "config"), ("log", "state"), ("cache folder", "cache")):
        assert str(tmp_path / folder) in findings[about]["sentence"]


def test_a_busy_port_an_open_token_and_a_broken_plugin(tmp_path):
    (tmp_path / "config").mkdir()
    token = tmp_path / "config" / "token"
    token.write_text("f" * 64)
    token.chmod(0o644)
    broken = tmp_path / "broken"
    info = broken / "broken-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[bandmate]\nbroken = broken\n")
    (broken / "broken.py").write_text("import does_not_exist\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, findings = doctor(tmp_path, BANDMATE_SERVER_PORT=str(port), PYTHONPATH=str(broken))
    assert status == 1
    assert f":{port} is in use by " in findings["port"]["sentence"]
    assert f"(process {os.getpid()})" in findings["port"]["sentence"]
    assert "could read" in findings["token"]["sentence"]
    assert token.stat().st_mode & 0o077 == 0
    assert "does_not_exist" in findings["plugin broken"]["sentence"]


def surfaces():
    return {finding.about: finding for finding in check_surfaces()}


def test_surfaces_that_cannot_come(tmp_path, monkeypatch):
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    monkeypatch.setattr(mido, "backend", Backend("no.such.backend"))
    monkeypatch.setattr(mido, "get_input_names", mido.backend.get_input_names)
    assert surfaces() == {}
    maps = tmp_path / "config" / "midi"
    maps.mkdir(parents=True)
    (maps / "box.toml").write_text('port = "*box*"\ncontrol = [\n{ id = "task/nothing", kind = "cc" },\n]\n')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        settings = f"osc = true\nosc_port = {port}\nmidi = true\n"
        (tmp_path / "config" / "server.toml").write_text(settings)
        findings = surfaces()
    assert {finding.state for finding in findings.values()} == {"bad"}
    assert f"UDP port {port} is in use by " in findings["OSC"].sentence
    assert f"(process {os.getpid()})" in findings["OSC"].sentence
    assert "line 3" in findings["MIDI map"].sentence
    assert "MIDI cannot be used on this machine" in findings["MIDI"].sentence
    assert surfaces()["OSC"].state == "good"
    monkeypatch.setenv("BANDMATE_SERVER_OSC_PEERS", "tablet.local")
    assert "tablet.local is not an address" in surfaces()["OSC"].sentence


@pytest.mark.parametrize(
    ("said", "state", "words"),
    [
        ("", None, ""),
        ("4", "note", "use at most 4 GB"),
        ("four", "bad", "four is not a number"),
        ("0", "bad", "ignored"),
    ],
)
def test_a_cap_on_the_cards_memory_is_read_and_a_wrong_one_is_named(monkeypatch, said, state, words):
    monkeypatch.setenv("MAX_CUDA_VRAM", said)
    findings = list(check_memory_cap(said))
    assert [finding.state for finding in findings] == ([state] if state else [])
    assert all(words in finding.sentence for finding in findings)


@pytest.mark.parametrize(
    ("torch", "card", "state", "words"),
    [
        ({"cuda": True, "capability": [9, 0], "name": "H200"}, "H200", "good", "H200"),
        ({"cuda": True, "capability": [6, 1], "name": "GTX 1080"}, "GTX 1080", "bad", "too old"),
        ({"cuda": False, "cuda_build": None}, "RTX 4090", "bad", "CPU-only"),
        ({"cuda": False, "cuda_build": "13.0"}, "RTX 4090", "bad", "does not detect the"),
        ({"cuda": False, "cuda_build": "13.0"}, None, "note", "no graphics card"),
        ({"cuda": False, "mps": True}, None, "good", "Apple"),
        ({"cuda": True, "capability": [9, 0], "free_bytes": 7_250_000_000}, "H200", "good", "7.2 GB free"),
        (
            {
                "cuda": True,
                "capability": [8, 6],
                "device": "cuda:0",
                "trouble": "bfloat16 failed (CUBLAS_STATUS)",
            },
            "RTX 3060",
            "note",
            "bfloat16 failed",
        ),
        (
            {"cuda": True, "capability": [8, 6], "device": "cpu", "trouble": "cuda:0 cannot multiply"},
            "RTX 3060",
            "bad",
            "cannot multiply",
        ),
    ],
)
def test_what_torch_and_the_card_make_of_each_other(torch, card, state, words):
    answer = {"version": "2.13.0", "cuda_build": "13.0", "mps": False, "name": "", "capability": None}
    finding = judge_torch(answer | torch, card)
    assert finding.state == state
    assert words in finding.sentence


@pytest.mark.parametrize(
    ("free_gb", "cap_gb", "words"),
    [
        (80, None, "beside ACE-Step (2B): acestep_5hz_lm_0.6b, acestep_5hz_lm_1.7b, acestep_5hz_lm_4b."),
        (80, 10.0, "0.6b. Fits in turn with it: acestep_5hz_lm_1.7b, acestep_5hz_lm_4b."),
        (80, 4.0, "Fits in turn with it: acestep_5hz_lm_0.6b."),
        (2, None, "no room for a planner"),
    ],
)
def test_the_planners_that_fit_the_card(free_gb, cap_gb, words):
    (finding,) = check_planners(free_gb * 1e9, cap_gb)
    assert finding.state == "note"
    assert words in finding.sentence


def test_the_soundfont_that_plays_or_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    monkeypatch.delenv("BANDMATE_SOUNDFONT", raising=False)
    monkeypatch.setattr(choice, "soundfont_folders", lambda: [tmp_path])
    (missing,) = check_soundfonts()
    assert missing.state == "note"
    assert "apt install fluid-soundfont-gm" in missing.remedy
    (tmp_path / "general.sf2").write_bytes(made_soundfont())
    (found,) = check_soundfonts()
    assert (found.state, str(tmp_path / "general.sf2") in found.sentence) == ("good", True)
    (tmp_path / "larger.sf2").write_bytes(made_soundfont()[:100_000] + bytes(900_000))
    (note,) = check_soundfonts()
    assert note.state == "note"
    assert "larger.sf2 cannot be used" in note.sentence
    monkeypatch.setenv("BANDMATE_SOUNDFONT", "none")
    (off,) = check_soundfonts()
    assert off.state == "good"
