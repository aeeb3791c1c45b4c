"""Planning through the real command line, server and worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_plugins._models.place import MIRROR
from tests.bridge.command_line import CommandLine
from tests.plugins.acestep.planner.conftest import SMALL_PLANNER
from tests.running import RunningServer


@pytest.fixture(scope="module")
def server(planner_hub: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    cache = tmp_path_factory.mktemp("cache")
    environ = {MIRROR: str(planner_hub), "HF_HUB_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    running = RunningServer(tmp_path_factory.mktemp("home"), environ=environ).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture
def bandmate(server: RunningServer, tmp_path: Path) -> CommandLine:
    return CommandLine(server.home, tmp_path)


def test_think_plans_first_and_says_what(bandmate: CommandLine) -> None:
    length = ("--seconds", 2, "--bpm", 93, "--metre", "6/8", "--key", "A minor", "--seed", 5)
    done = bandmate.good("generate", "slow jazz", "--think", *length, "-o", "out.wav", "--json")
    (job,) = json.loads(done.out)["jobs"]
    plan = job["report"]["plan"]
    told = {name: plan[name] for name in ("planner", "bpm", "timesignature", "keyscale")}
    assert told == {"planner": SMALL_PLANNER, "bpm": 93, "timesignature": 6, "keyscale": "A minor"}
    assert any("given 6/8 as 6" in remark for remark in job["remarks"])
    assert soundfile.info(str(bandmate.folder / "out.wav")).frames == 96_000
    again = bandmate.good("redo", job["job"], "--seed", job["seed"], "--json")
    (repeated,) = json.loads(again.out)["jobs"]
    assert repeated["report"]["plan"] == plan
    assert repeated["stems"][0]["sha256"] == job["stems"][0]["sha256"]


def test_a_song_is_written_and_read(bandmate: CommandLine) -> None:
    done = bandmate.good("write", "a song about rain", "--bpm", 93, "--metre", "6/8", "--seed", 5)
    assert "Tempo     93 bpm" in done.out
    assert "Metre     6/8" in done.out
    answer = json.loads(bandmate.good("write", "a song about rain", "--instrumental", "--json").out)
    assert answer["jobs"][0]["report"]["lyrics"] == ""
    assert "nothing to write about" in bandmate.refused("write")
    assert "tlh" in bandmate.refused("write", "rain", "--language", "tlh")


def test_a_recording_is_described(bandmate: CommandLine) -> None:
    tone = 0.2 * np.sin(np.arange(2 * 48_000) / 20)
    soundfile.write(bandmate.folder / "take.wav", tone, 48_000)
    done = bandmate.good("analyse", "take.wav", "--engine", "acestep", "--json", "report.json")
    report = json.loads((bandmate.folder / "report.json").read_text())
    assert (report["song"]["codes"], report["sample_rate"]) == (10, 48_000)
    assert "As the planner understands it:" in done.out
    assert f"Prompt    {report['song']['prompt']}" in done.out
    assert "song" not in json.loads(
        bandmate.good("analyse", "take.wav", "--engine", "dsp", "--json", "-").out
    )
