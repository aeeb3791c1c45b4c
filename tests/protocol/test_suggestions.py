"""From an engine's report to the answer to `suggest`."""

from __future__ import annotations

from typing import Any

import pytest

from bandmate_protocol.suggestions import suggested_from_report

WHOLE = {"bpm": 72.5, "numerator": 3, "denominator": 4, "key": "D minor"}


def fields(report: dict[str, Any]) -> dict[str, Any]:
    answer = suggested_from_report("r", "hum", report)
    assert (answer.request, answer.engine) == ("r", "hum")
    found = {name: getattr(answer, name) for name in WHOLE}
    return {name: value for name, value in found.items() if value is not None}


def test_what_an_engine_reports_is_the_answer() -> None:
    assert fields(WHOLE | {"mood": "sad"}) == WHOLE
    assert fields({"bpm": 60, "key": "A minor"}) == {"bpm": 60.0, "key": "A minor"}
    assert fields({}) == {}


@pytest.mark.parametrize(
    "report",
    [
        {"bpm": 0.0},
        {"bpm": "fast"},
        {"bpm": float("nan")},
        {"numerator": 3},
        {"denominator": 8},
        {"numerator": 300, "denominator": 4},
        {"numerator": 3, "denominator": None},
        {"key": "A\nminor"},
        {"key": 7},
    ],
)
def test_what_no_answer_can_carry_is_left_out(report: dict[str, Any]) -> None:
    assert fields(report) == {}
