"""The parameter `chords` of the tasks that make music: a chart, put on the timeline before an engine sees it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from bandmate_plugins._theory.chord_chart import MAX_CHART_TEXT, read_chord_chart
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.placed_chords import chords_report, chords_sentence, place_given_chart
from bandmate_plugins.outputs import Output, Remark, TaskReport
from bandmate_plugins.request import TaskRequest

P = TypeVar("P", bound=msgspec.Struct)

Chords = Annotated[
    str,
    Meta(
        max_length=MAX_CHART_TEXT,
        title="Chords",
        description="A chord chart that goes round: Am F C G has one chord a bar, | Am | F G | two in the second; "
        "% repeats a bar, x2 a line; also ii V I or 1 4 5 in a key, and ChordPro",
    ),
]


def check_chords(chords: str) -> None:
    """Raises RequestError (`bad_params`) for a chart that cannot be read; an empty one is none."""
    if chords.strip():
        read_chord_chart(chords)


def with_given_chords(request: TaskRequest[P]) -> TaskRequest[P]:
    """The request with the chart of its parameter `chords` on its timeline.

    Raises RequestError (`bad_params`) for degrees without a key.
    """
    chords: str = request.params.chords  # type: ignore[attr-defined]
    if not chords.strip():
        return request
    return replace(request, timeline=place_given_chart(chords, request.timeline))


def given_chords_outputs(request: TaskRequest[Any]) -> Iterator[Output]:
    """What is said of a chart that was given, for people and for programs."""
    if request.params.chords.strip():
        music = MusicalRange(request.timeline, request.tempo)
        yield TaskReport({"chord_bars": chords_report(music)})
        yield Remark(chords_sentence(music))
