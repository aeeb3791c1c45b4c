"""`analyse` by the planner, where it is asked for by name: beside what the embedded engine detects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bandmate_plugins._engines.acestep import AceStepEngine
from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins._host.engine_choice import choose_engine, find_task
from bandmate_plugins._host.loading import read_catalogue
from bandmate_plugins.testing import MemoryInput, TaskResult, make_timeline, run_task
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.plugins.acestep.making import RATE, music
from tests.plugins.acestep.planner.conftest import SMALL_PLANNER


def analyse(engine: Any, samples: np.ndarray, **params: Any) -> TaskResult:
    asked = make_timeline(frames=len(samples), sample_rate=RATE)
    return run_task("analyse", params, timeline=asked, inputs=[MemoryInput(samples)], engine=engine, seed=3)


def test_the_report_has_what_is_detected_and_what_the_planner_reads(thinker: LoadedAceStep) -> None:
    source = music(3 * RATE)
    found, detected = analyse(thinker, source), analyse("dsp", source)
    song = found.report["song"]
    assert {name: value for name, value in found.report.items() if name != "song"} == detected.report
    assert (song["planner"], song["codes"]) == (SMALL_PLANNER, 15)
    assert song["prompt"]
    assert song["lyrics"]
    assert set(detected.remarks) < set(found.remarks)
    assert {"Analysing", "Describing"} <= {step.stage for step in found.steps}
    other = analyse(thinker, 30 * music(3 * RATE, seed=6)).report["song"]
    assert other != song
    assert analyse(thinker, source).report["song"] == song


def test_it_is_used_only_where_it_is_named(planner_mirror: Path) -> None:
    plugins = read_catalogue()
    task = find_task(plugins, "analyse")
    assert task.engines == ("dsp", "acestep")
    chosen, reason = choose_engine(plugins, task)
    assert chosen is not None
    assert (chosen.name, reason) == ("dsp", "dsp: the only engine that analyses audio.")
    named, _ = choose_engine(plugins, task, "acestep")
    assert named is not None
    assert named.name == "acestep"


def test_without_a_planner_it_lacks_this_and_says_what_to_pull(mirror: Path) -> None:
    assert SMALL_PLANNER in AceStepEngine().readiness().lacks["analyse"]
    plugins = read_catalogue()
    with pytest.raises(RequestError, match="A planner is required") as caught:
        choose_engine(plugins, find_task(plugins, "analyse"), "acestep")
    assert caught.value.code == ErrorCode.ENGINE_UNAVAILABLE
    assert "dsp" in caught.value.remedy
    assert caught.value.models == (SMALL_PLANNER,)
