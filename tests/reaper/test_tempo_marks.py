"""The tempo that was heard, in the project that REAPER has open."""

import json

import pytest

from tests.reaper.model import Tempo

HEARD = [
    {"seconds": 0.0, "bpm": 95.0, "numerator": 4, "denominator": 4},
    {"seconds": 30.0, "bpm": 100.0, "numerator": 4, "denominator": 4},
]


def put(stage, points) -> list[tuple[float, float]]:
    """Marks a report with a tempo; the project's points afterwards, as seconds and bpm."""
    inner = json.dumps(json.dumps({"markers": [], "tempo": points}))
    script = stage.here / "test-marks.lua"
    script.write_text(
        'local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\\\])")\n'
        'package.path = here .. "bandmate/?.lua;" .. package.path\n'
        f'require("marks").put(0, require("json").decode({inner}), "Analyse", true)\n'
    )
    stage.reaper.run_script(script)
    return [(point.seconds, point.bpm) for point in stage.project.tempo]


@pytest.mark.parametrize("own", [[], [Tempo(0.0, 120.0, 4, 4)]])
def test_one_tempo_gives_way_to_the_map(stage, own) -> None:
    stage.project.tempo = own
    assert put(stage, HEARD) == [(0.0, 95.0), (30.0, 100.0)]


def test_a_map_that_starts_later_rules_from_the_start_too(stage) -> None:
    stage.project.tempo = [Tempo(0.0, 120.0, 4, 4)]
    later = [{**HEARD[0], "seconds": 2.0}]
    assert put(stage, later) == [(0.0, 95.0), (2.0, 95.0)]


def test_changes_of_tempo_are_kept(stage) -> None:
    stage.project.tempo = [Tempo(0.0, 120.0, 4, 4), Tempo(17.5, 90.0, 4, 4)]
    assert put(stage, HEARD) == [(0.0, 120.0), (17.5, 90.0)]


def test_nothing_is_mapped_where_the_tempo_is_uncertain(stage) -> None:
    stage.project.tempo = [Tempo(0.0, 120.0, 4, 4)]
    assert put(stage, []) == [(0.0, 120.0)]
