"""Ranges that another task has repainted on its way: their audio in memory, and all else passed on."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._tasks.repaint import FrameRange, InpaintParams, RepaintParams
from bandmate_plugins._tasks.repaint.work import repaint_source
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output, StemAudio, StemNotes, StemStart, TaskReport
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest
from bandmate_protocol.messages import Note

Audio = NDArray[np.float32]


@dataclass
class RepaintResult:
    """What became of a range."""

    span: FrameRange
    notes: list[Note] = field(default_factory=list)
    """From the range's start."""
    _pieces: list[Audio] = field(default_factory=list)

    @property
    def audio(self) -> Audio:
        """Shape (frames, the source's channels)."""
        return np.concatenate(self._pieces)

    def begin_stem(self) -> None:
        """The stem is announced, or starts over."""
        self.notes.clear()
        self._pieces.clear()

    def add(self, samples: Audio) -> None:
        """Takes audio."""
        self._pieces.append(samples)


def repaint_within(
    request: TaskRequest[InpaintParams],
    engine: LoadedEngine,
    context: TaskContext,
    spans: Sequence[FrameRange],
    stem: StemStart,
) -> Generator[Output, None, list[RepaintResult]]:
    """Repaints ranges of the request's source; passes on steps, remarks and the engine's report.

    `stem` is what becomes of them: it is announced in the role that the first of them has. Raises as
    `repainted`.
    """
    given = {name: getattr(request.params, name) for name in InpaintParams.__struct_fields__}
    timeline = request.timeline
    whole = request.tempo.timeline_between(
        spans[0].start_frame, spans[-1].end_frame, key=timeline.key, chords=timeline.chords
    )
    asked = TaskRequest(
        RepaintParams(**given, ranges=tuple(spans)), whole, request.seed, request.inputs, request.options
    )
    made = [RepaintResult(span) for span in spans]
    announced = False
    for output in repaint_source(asked, engine, context):
        if isinstance(output, StemStart):
            next(each for each in made if each.span.start_frame == output.start_frame).begin_stem()
            if not announced:
                yield replace(stem, role=output.role, colour=output.colour)
            announced = True
        elif isinstance(output, StemAudio):
            made[output.stem].add(output.samples)
        elif isinstance(output, StemNotes):
            made[output.stem].notes += output.notes
        elif isinstance(output, TaskReport):
            yield TaskReport({name: value for name, value in output.values.items() if name != "ranges"})
        else:
            yield output
    return made


def shift_notes(notes: list[Note], frames: int) -> list[Note]:
    """Notes so many frames later."""
    return [msgspec.structs.replace(note, start=note.start + frames) for note in notes]


def read_pieces(source: AudioInput, first: int, last: int) -> Iterator[Output]:
    """A source from frame to frame, as pieces of the stem."""
    step = 1 << 16
    for at in range(first, last, step):
        yield StemAudio(0, np.ascontiguousarray(source.read(at, min(step, last - at)), np.float32))
