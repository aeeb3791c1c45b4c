"""The ability `separate`: tracks taken out of the source by name, one after the other (`extract`)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._engines.acestep.ask import MAX_SECONDS, RenderSpec, canvas_latents
from bandmate_plugins._engines.acestep.giving import DecodeTarget, decode_audio, stream_array
from bandmate_plugins._engines.acestep.grid import LatentGrid, SourceSpan
from bandmate_plugins._engines.acestep.levels import part_gain
from bandmate_plugins._engines.acestep.musical import music_metadata
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins._engines.dsp.exact import quantize_parts
from bandmate_plugins._tasks.separate import RESIDUAL, SeparateParams, StemPart, Track
from bandmate_plugins._tasks.source_input import nonempty_source
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.outputs import Output, Remark, StageProgress, StemStart
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

Floats = NDArray[np.float32]

_TRACK_OF: dict[str, Track] = {
    "drums": "drums",
    "bass": "bass",
    "vocals": "vocals",
    "guitar": "guitar",
    "piano": "keyboard",
}
_REMAINDER_OF: dict[str, tuple[str, ...]] = {
    "other": ("drums", "bass", "vocals", "guitar", "piano"),
    "instrumental": ("vocals",),
}
"""Stems that are the source less others, which the model has no name for."""


def extract_tracks(
    studio: CheckpointRuntime, request: TaskRequest[SeparateParams], context: TaskContext
) -> Iterator[Output]:
    """The parts that are kept, each of the source's place and length; a mono source stays mono.

    Raises RequestError: `bad_params` for the parts of a drum kit, `range_too_long`, and as `nonempty_source`.
    """
    source = nonempty_source(request)
    _check_request(request, source)
    plan = _ExtractionPlan.from_params(request.params)
    channels = min(source.channels, 2)
    for part in plan.given:
        yield StemStart(
            part.name, part.role, channels=channels, frames=source.frames, start_frame=source.start_frame
        )
    if source.channels > 2:
        yield Remark(
            say(
                "Only the first two of the recording's {channels} channels were separated.",
                channels=source.channels,
            )
        )
    yield from _TrackExtraction(studio, request, source, context, plan).extract_stems()


@dataclass(frozen=True)
class _ExtractionPlan:
    """What is given, in order, and which parts the model has to take out for it."""

    given: tuple[StemPart, ...]
    taken: tuple[tuple[str, Track], ...]
    """Roles with the model's name of them."""

    @classmethod
    def from_params(cls, params: SeparateParams) -> _ExtractionPlan:
        kept = params.kept_parts
        given = (*kept, RESIDUAL) if params.residual else kept
        if params.mode == "tracks":
            return cls(given, tuple((part.role, part.role) for part in kept))  # type: ignore[misc]
        six = params.mode == "six"
        roles = {part.role for part in kept if part.role in _TRACK_OF}
        for part in kept:
            rest = _REMAINDER_OF.get(part.role, ())
            roles |= {role for role in rest if six or role not in ("guitar", "piano")}
        return cls(given, tuple((role, track) for role, track in _TRACK_OF.items() if role in roles))


@dataclass
class _TrackExtraction:
    """The work on one source."""

    studio: CheckpointRuntime
    request: TaskRequest[SeparateParams]
    source: AudioInput
    context: TaskContext
    plan: _ExtractionPlan
    _sums: dict[str, Floats] = field(default_factory=dict)
    """What is taken off the source for each stem that is the rest of it."""

    def extract_stems(self) -> Iterator[Output]:
        """Each part as soon as it is taken out, then what is left."""
        grid = self.studio.grid_at(self.request.timeline.sample_rate)
        mix = self._read_mix()
        wanted = grid.covering_latents(self.source.frames)
        stretch = SourceSpan(self.source, self.source.start_frame, 0, wanted, grid)
        heard = yield from self.studio.source_latents(stretch, self.context)
        canvas = canvas_latents(wanted)
        padded = self.studio.pad_latents(heard, canvas)
        places = {part.role: place for place, part in enumerate(self.plan.given)}
        for number, (role, track) in enumerate(self.plan.taken):
            audio = yield from self._extract_track(track, padded, canvas, grid, number)
            audio = self._match_channels(audio * np.float32(part_gain(audio, self._to_stereo(mix))))
            (audio,) = quantize_parts(mix, [audio])
            self._subtract_stem(role, audio)
            if role in places:
                yield from stream_array(places[role], audio)
        for part in self.plan.given:
            if part.role in _REMAINDER_OF or part is RESIDUAL:
                audio = mix - self._sums.get(part.role, np.zeros_like(mix))
                self._subtract_stem(part.role, audio)
                yield from stream_array(places[part.role], audio)

    def _extract_track(
        self, track: Track, source: Any, canvas: int, grid: LatentGrid, number: int
    ) -> Generator[Output, None, Floats]:
        count = len(self.plan.taken)
        music = MusicalRange(self.request.timeline, self.request.tempo)
        ask = RenderSpec(
            "extract", "", music_metadata(music), self.request.seed, canvas,
            tracks=(track,), source=source,
        )  # fmt: skip
        latents = yield from self.studio.render_latents(ask, self.context)
        audio = yield from decode_audio(
            DecodeTarget(self.studio, grid, self.source.frames), latents, 0, self.context
        )
        yield StageProgress("Extracting tracks", number + 1, count)
        return audio

    def _subtract_stem(self, role: str, audio: Floats) -> None:
        kept = {part.role for part in self.request.params.kept_parts}
        for rest, roles in _REMAINDER_OF.items():
            if role in roles:
                self._sums[rest] = self._sums.get(rest, np.zeros_like(audio)) + audio
        if role in kept:
            own = self._sums.get(RESIDUAL.role, np.zeros_like(audio))
            self._sums[RESIDUAL.role] = own + audio

    def _read_mix(self) -> Floats:
        mix = self.source.read()
        return np.ascontiguousarray(mix[:, :2], np.float32)

    def _to_stereo(self, audio: Floats) -> Floats:
        return np.repeat(audio, 2, axis=1) if audio.shape[1] == 1 else audio

    def _match_channels(self, audio: Floats) -> Floats:
        return audio.mean(axis=1, keepdims=True, dtype=np.float32) if self.source.channels == 1 else audio


def _check_request(request: TaskRequest[SeparateParams], source: AudioInput) -> None:
    if request.params.mode == "drums":
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            "ACE-Step extracts drums as one track and cannot separate a drum kit.",
            "Use `--engine dsp`, or demucs followed by dsp.",
        )
    seconds = source.frames / request.timeline.sample_rate
    if seconds > MAX_SECONDS:
        raise RequestError(
            ErrorCode.RANGE_TOO_LONG,
            say(
                "The source is {seconds:.0f} s long; ACE-Step takes at most {max_seconds:.0f} s at once.",
                seconds=seconds,
                max_seconds=MAX_SECONDS,
            ),
            "Choose a shorter range, or another engine: demucs and dsp take any length.",
        )
