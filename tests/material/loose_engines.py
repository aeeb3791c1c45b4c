"""Engines to which tempo is a hint: they play audio that they have, at its own tempo, and have it fitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._timing.fit_mode import FitMode
from bandmate_plugins._timing.fitted_run import run_fitted
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output, StemAudio, StemStart
from bandmate_plugins.request import NoOptions, TaskContext, TaskRequest


@dataclass
class LooseRanges(LoadedEngine):
    """Plays a piece that it has in each range, from the piece's start."""

    new: NDArray[np.float32]
    fit: FitMode = "auto"
    Options = NoOptions
    takes_ranges = True

    def inpaint(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        yield from run_fitted(self._play, request, self.fit, context, "ranges")

    def _play(self, request: TaskRequest[Any]) -> Iterator[Output]:
        timeline = request.timeline
        spans = [(span.start_frame, span.end_frame) for span in request.params.ranges]
        spans = spans or [(timeline.start_frame, timeline.end_frame)]
        for first, last in spans:
            yield StemStart("Repaint", "mix", frames=last - first, start_frame=first)
        for number, (first, last) in enumerate(spans):
            yield StemAudio(number, self.new[: last - first])
