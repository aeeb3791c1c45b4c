"""The task `separate` on the engine `dsp`: contract, parameters, progress, memory, and what is refused."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from bandmate_plugins._engines.dsp import DspEngine
from bandmate_plugins._host.checked_run import run_checked
from bandmate_plugins._host.loading.schema import can_be_drawn, params_schema
from bandmate_plugins._tasks.separate import SeparateParams, SeparateTask
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import StageProgress, StemAudio
from bandmate_plugins.testing import MemoryInput, check_engine, check_task, make_timeline, run_task
from bandmate_plugins.testing.running import PatientContext, make_request
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.plugins.dsp.conftest import EndlessInput, ShrinkingInput

MODES: list[dict[str, Any]] = [{}, {"mode": "two"}, {"mode": "drums", "from_mix": True, "residual": True}]


@pytest.mark.parametrize("params", MODES, ids=str)
def test_the_contract_of_tasks(dsp: LoadedEngine, params: dict[str, Any]) -> None:
    check_task(SeparateTask(), params, engine=dsp)


def test_the_contract_of_engines() -> None:
    check_engine(DspEngine())


def test_every_parameter_can_be_drawn_and_is_explained() -> None:
    for property_ in params_schema(SeparateParams)["properties"].values():
        assert can_be_drawn(property_)
        assert property_["title"]
        assert property_["description"]


@pytest.mark.parametrize(
    ("params", "roles"),
    [
        ({}, ["drums", "bass", "vocals", "other"]),
        ({"stems": "Other, bass"}, ["bass", "other"]),
        ({"stems": "drums", "residual": True}, ["drums", "residual"]),
        ({"residual": True}, ["drums", "bass", "vocals", "other"]),
        ({"mode": "two"}, ["vocals", "instrumental"]),
        ({"mode": "two", "stems": "instrumental"}, ["instrumental"]),
        ({"mode": "drums"}, ["kick", "snare", "hats"]),
        ({"mode": "drums", "from_mix": True}, ["kick", "snare", "hats"]),
        ({"mode": "drums", "from_mix": True, "residual": True}, ["kick", "snare", "hats", "residual"]),
    ],
    ids=str,
)
def test_which_stems_come(dsp: LoadedEngine, params: dict[str, Any], roles: list[str]) -> None:
    result = run_task(SeparateTask(), params, inputs=[MemoryInput(np.zeros((9_000, 2)))], engine=dsp)
    assert [stem.role for stem in result.stems] == roles


@pytest.mark.parametrize("params", [{"stems": "drums, oboe"}, {"mode": "two", "stems": "bass"}], ids=str)
def test_a_stem_that_the_mode_does_not_have_is_refused(dsp: LoadedEngine, params: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="` is not a stem of the mode `") as caught:
        run_task(SeparateTask(), params, inputs=[MemoryInput(np.zeros((9, 2)))], engine=dsp)
    assert caught.value.code is ErrorCode.BAD_PARAMS


def test_without_a_source_it_says_what_it_needs(dsp: LoadedEngine) -> None:
    with pytest.raises(RequestError) as caught:
        run_task(SeparateTask(), engine=dsp)
    assert caught.value.code is ErrorCode.INPUT_MISSING


def test_a_source_without_audio_is_refused(dsp: LoadedEngine) -> None:
    with pytest.raises(RequestError) as caught:
        run_task(SeparateTask(), inputs=[MemoryInput(np.zeros((0, 2)))], engine=dsp)
    assert caught.value.code is ErrorCode.INPUT_UNUSABLE


def test_a_file_that_shrinks_while_it_is_read(dsp: LoadedEngine) -> None:
    with pytest.raises(RequestError, match="ends after 600000 of its 2000000 frames") as caught:
        run_task(SeparateTask(), inputs=[ShrinkingInput(2_000_000, 600_000)], engine=dsp)
    assert caught.value.code is ErrorCode.INPUT_UNUSABLE


def test_one_channel_is_said(dsp: LoadedEngine) -> None:
    mono = MemoryInput(np.random.default_rng(1).uniform(-0.1, 0.1, 9_000))
    assert "not stereo" in run_task(SeparateTask(), inputs=[mono], engine=dsp).remarks[0]
    assert not run_task(SeparateTask(), {"stems": "bass"}, inputs=[mono], engine=dsp).remarks


def test_progress_counts_every_block_to_the_last(dsp: LoadedEngine) -> None:
    result = run_task(SeparateTask(), inputs=[EndlessInput(48_000 * 21)], engine=dsp)
    assert [step.step for step in result.steps] == list(range(1, len(result.steps) + 1))
    assert {step.steps for step in result.steps} == {len(result.steps)}
    assert len(result.steps) > 4


def test_the_source_is_read_once_in_order(dsp: LoadedEngine) -> None:
    source = EndlessInput(48_000 * 21)
    run_task(SeparateTask(), inputs=[source], engine=dsp)
    assert source.reads[0][0] == 0
    assert source.reads[-1][1] == source.frames
    assert all(before[1] == after[0] for before, after in zip(source.reads, source.reads[1:], strict=False))


@pytest.mark.parametrize("seconds", [60, 7_200])
def test_the_first_audio_needs_the_same_of_any_length(dsp: LoadedEngine, seconds: int) -> None:
    source = EndlessInput(48_000 * seconds)
    running = run_checked(
        SeparateTask(), make_request(SeparateTask(), {}, make_timeline(), [source], 0), dsp, PatientContext()
    )
    next(output for output in running if isinstance(output, StemAudio))
    running.close()
    assert source.reads[-1][1] < 48_000 * 15


def test_memory_does_not_grow_with_the_length(dsp: LoadedEngine) -> None:
    """Once the memory of the past is full, a later block holds what an earlier one held."""

    def peak(blocks: range) -> int:
        tracemalloc.reset_peak()
        for output in running:
            if isinstance(output, StageProgress) and output.step == blocks[-1]:
                break
        return tracemalloc.get_traced_memory()[1]

    request = make_request(SeparateTask(), {}, make_timeline(), [EndlessInput(48_000 * 3_600)], 0)
    running = run_checked(SeparateTask(), request, dsp, PatientContext())
    peak(range(10))
    tracemalloc.start()
    try:
        early, late = peak(range(10, 15)), peak(range(15, 30))
    finally:
        tracemalloc.stop()
        running.close()
    assert late < early * 1.1
    assert late < 250e6
