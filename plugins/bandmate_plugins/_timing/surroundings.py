"""How late a recording plays on either side of a range of it, so that new audio there can play as late."""

from __future__ import annotations

from collections.abc import Callable

from bandmate_plugins._listening.downmix import stereo_downmix
from bandmate_plugins._platform.arrays import FloatArray32
from bandmate_plugins._timing.grid_deviation import GridDeviation, measure_audio
from bandmate_plugins.request import AudioInput
from bandmate_protocol.tempo import TempoMap

_QUARTERS = 16.0
"""How much of the recording is heard on each side."""


def lateness_around(
    source: AudioInput, tempo: TempoMap, start: int, end: int, check: Callable[[], None]
) -> tuple[float, float]:
    """How many frames late `source` is at `start` and `end`, which are frames of the project.

    A side on which no beat can be measured counts as late as the other; where neither can, both count as on the grid.
    """
    first = max(source.start_frame, round(tempo.position_at(tempo.quarters_at(start) - _QUARTERS)))
    last = min(
        source.start_frame + source.frames, round(tempo.position_at(tempo.quarters_at(end) + _QUARTERS))
    )
    before = _measure(source, tempo, first, start, check)
    after = _measure(source, tempo, end, last, check)
    at_start = float(before.path.late[-1]) if before else None
    at_end = float(after.path.late[0]) if after else at_start
    return (at_end or 0.0) if at_start is None else at_start, at_end or 0.0


def _measure(
    source: AudioInput, tempo: TempoMap, start: int, end: int, check: Callable[[], None]
) -> GridDeviation | None:
    """None where nothing can be measured."""
    if end <= start:
        return None

    def read(first: int, last: int) -> FloatArray32:
        return stereo_downmix(source.read(start - source.start_frame + first, last - first))

    deviation = measure_audio(read, end - start, tempo, start, end, check)
    return deviation if deviation.is_sure else None
