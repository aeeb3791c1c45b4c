"""A chord chart among the parameters of a task, and what it leaves for others to decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bandmate_plugins._theory.chord_chart import ChordChart, read_chord_chart


def given_chart(params: Mapping[str, Any]) -> ChordChart | None:
    """The chart of the parameter `chords`; None without one. Raises RequestError (`bad_params`)."""
    text = params.get("chords")
    return read_chord_chart(text) if isinstance(text, str) and text.strip() else None


def chart_decides_key(params: Mapping[str, Any]) -> bool:
    """Whether a chart is given in letters, so that the key follows from it. Raises RequestError (`bad_params`)."""
    chart = given_chart(params)
    return chart is not None and not (chart.needs_key and chart.key is None)
