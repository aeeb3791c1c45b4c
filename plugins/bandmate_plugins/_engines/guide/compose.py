"""Composes a guide: the embedded band plays what was asked for, on what there is to follow."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import numpy as np

from bandmate_plugins._engines.guide.guide import Guide
from bandmate_plugins._engines.guide.rhythm import rhythm_part
from bandmate_plugins._engines.sketch.loaded import LoadedSketch
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._platform.arrays import FloatArray32
from bandmate_plugins._tasks.accompany import AccompanyParams
from bandmate_plugins._tasks.follow import FollowKind, has_readable_chords, unreadable_chords
from bandmate_plugins._tasks.generate import GenerateParams
from bandmate_plugins.outputs import (
    RECIPE,
    Output,
    Remark,
    StageProgress,
    StemAudio,
    StemNotes,
    StemStart,
    TaskReport,
)
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import DRUM_CHANNEL, MAX_GIVEN_NOTES, Note
from bandmate_protocol.texts import say

_STAGE = "Composing the guide"
_RECIPE_NAMES = ("soundfont", "band", "listening", "tracker")

GuideParams = GenerateParams | AccompanyParams


@dataclass(frozen=True)
class GuideMemory:
    """How the band played the guide of a job that is made again; all empty the first time."""

    soundfont: str = ""
    band: str = ""
    listening: str = ""
    tracker: str = ""

    @property
    def options(self) -> SketchOptions:
        """The options of the band that say so; it plays whatever words it does not know."""
        return SketchOptions(
            anyway=True,
            soundfont=self.soundfont,
            band=self.band,
            listening=self.listening,
            tracker=self.tracker,
        )


class GuideComposer:
    """Has the embedded band play guides, and keeps it in memory."""

    def __init__(self) -> None:
        self._band: LoadedSketch | None = None

    def compose(
        self, request: TaskRequest[GuideParams, Any], memory: GuideMemory, context: TaskContext
    ) -> Generator[Output, None, Guide | None]:
        """The guide for a request of `generate` or `accompany`; None where there is nothing to follow.

        Yields progress. With `follow` as `auto` there is a guide where chords are on the timeline or in the prompt, and
        in `generate` where they are heard in audio of the role `context`. Raises RequestError as the band does:
        `bad_params` where chords or notes are to be followed and there are none, `input_unusable` where no melody is
        heard.
        """
        follow = request.params.follow
        if follow == "off" or (follow == "auto" and not _may_know_chords(request)):
            return None
        self._band = self._band or LoadedSketch()
        if follow == "groove":
            return (yield from self._compose_groove(self._band, request, memory, context))
        kind: FollowKind = "melody" if follow == "melody" else "chords"
        params: Any = msgspec.structs.replace(request.params, mix=True)
        played = yield from _play(
            self._band, _band_request(request, params, memory), context, follow == "auto"
        )
        if played is None or not (played.has_pitches or follow != "auto"):
            return None
        remarks = tuple(_chord_remarks(request, played)) if kind == "chords" else ()
        return _guide_of(kind, played, request, played.report.get("follow", {}), remarks)

    def _compose_groove(
        self,
        band: LoadedSketch,
        request: TaskRequest[GuideParams, Any],
        memory: GuideMemory,
        context: TaskContext,
    ) -> Generator[Output, None, Guide]:
        """Drums that play the rhythm of what was asked for."""
        params: Any = msgspec.structs.replace(request.params, mix=False)
        sketch = yield from _play(band, _band_request(request, params, memory), context)
        assert sketch is not None, "it is only given up for `auto`"
        part = rhythm_part(sketch.notes, request.timeline.sample_rate)
        part = msgspec.structs.replace(part, notes=part.notes[:MAX_GIVEN_NOTES])
        drums = GenerateParams(
            prompt=params.prompt, mix=True, match_loudness=False, notes="only", follow="groove"
        )
        timeline = msgspec.structs.replace(request.timeline, parts=(part,))
        asked = replace(_band_request(request, drums, memory), timeline=timeline, inputs=())
        played = yield from _play(band, asked, context)
        assert played is not None, "it is only given up for `auto`"
        return _guide_of(
            "groove", played, request, {"what": "groove", "from": "prompt", "notes": len(part.notes)}
        )


@dataclass
class _Played:
    """What the band played."""

    roles: list[str] = field(default_factory=list)
    pieces: list[FloatArray32] = field(default_factory=list)
    """Of the first stem."""
    notes: dict[str, list[Note]] = field(default_factory=dict)
    """By the role of the stem."""
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def has_pitches(self) -> bool:
        """Whether anybody but drums plays."""
        return any(note.channel != DRUM_CHANNEL for notes in self.notes.values() for note in notes)

    def take(self, output: Output) -> Iterator[Output]:
        """Keeps an output; yields what of it the musician is to see."""
        if isinstance(output, StemStart):
            self.roles.append(output.role)
        elif isinstance(output, StemAudio) and output.stem == 0:
            self.pieces.append(output.samples)
        elif isinstance(output, StemNotes):
            self.notes.setdefault(self.roles[output.stem], []).extend(output.notes)
        elif isinstance(output, TaskReport):
            self.report.update(output.values)
        elif isinstance(output, StageProgress):
            yield replace(output, stage=_STAGE)


def _may_know_chords(request: TaskRequest[GuideParams, Any]) -> bool:
    """Whether chords are written, or may be heard beside new music. What an engine accompanies it hears itself."""
    if has_readable_chords(request.timeline) or parse_prompt(request.params.prompt).chords:
        return True
    return isinstance(request.params, GenerateParams) and request.input("context") is not None


def _band_request(
    request: TaskRequest[GuideParams, Any], params: GuideParams, memory: GuideMemory
) -> TaskRequest[Any, SketchOptions]:
    """What the band is asked for: at its own level."""
    alone: Any = msgspec.structs.replace(params, match_loudness=False, level=0.0, lyrics="")
    inputs = tuple(audio for audio in request.inputs if audio.role != "reference")
    return TaskRequest(alone, request.timeline, request.seed, inputs, memory.options)


def _play(
    band: LoadedSketch,
    asked: TaskRequest[Any, SketchOptions],
    context: TaskContext,
    only_if_followed: bool = False,
) -> Generator[Output, None, _Played | None]:
    """Has the band play; None where it follows nothing, or cannot play, and should not then."""
    played = _Played()
    run = (band.text if isinstance(asked.params, GenerateParams) else band.accompany)(asked, context)
    try:
        for output in run:
            if only_if_followed and isinstance(output, StemAudio) and "follow" not in played.report:
                return None
            yield from played.take(output)
    except RequestError as error:
        if not only_if_followed:
            raise
        yield Remark(say("No guide leads the music: {reason}", reason=error.sentence))
        return None
    finally:
        close = getattr(run, "close", None)
        if close is not None:
            close()
    return played


def _guide_of(
    kind: FollowKind,
    played: _Played,
    request: TaskRequest[GuideParams, Any],
    report: dict[str, Any],
    remarks: tuple[str, ...] = (),
) -> Guide:
    recipe = played.report.get(RECIPE, {})
    return Guide(
        kind,
        np.concatenate(played.pieces),
        request.timeline.start_frame,
        report,
        str(played.report["key"]) if played.has_pitches else None,
        {name: str(recipe[name]) for name in _RECIPE_NAMES if recipe.get(name)},
        remarks,
    )


def _chord_remarks(request: TaskRequest[GuideParams, Any], played: _Played) -> Iterator[str]:
    """What a musician should know of the chords of a guide."""
    unread = unreadable_chords(request.timeline)
    if unread:
        yield say("The guide leaves out chords that cannot be read: {shown}.", shown=", ".join(unread[:8]))
    if not played.has_pitches:
        yield "The prompt asks for drums only, so the guide has no chords."
