"""From a request for music to jobs, in the words of Bandmate's tasks; without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Ability, EngineInfo, Input, Submit, TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.texts import say
from bandmate_server.compat.making import REQUEST_ID, SAMPLE_RATE, open_timeline
from bandmate_server.compat.songs.models import MODEL_ENGINE, ChosenModel, has_planner
from bandmate_server.compat.songs.music_request import STEM_MODES, MusicRequest
from bandmate_server.compat.songs.song import Song

FRAMES_ORIGIN = "acestep_frames"
"""In a job's origin: how long the file is that its audio is put into."""
_JOIN_SECONDS = 0.25
"""What a range beyond the source's end takes of it, so that the music goes on."""
_FIXED_STEMS = {"vocals": "vocals", "drums": "drums", "bass": "bass", "guitar": "guitar", "keyboard": "piano"}
_SUNG = frozenset({"vocals", "backing_vocals"})


@dataclass(frozen=True)
class SourceAudio:
    """Audio that came with a request."""

    sha256: str
    frames: int
    """At the rate of the timeline."""
    sample_rate: int = SAMPLE_RATE
    """Of the timeline."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.frames / self.sample_rate


@dataclass(frozen=True)
class Surroundings:
    """What a plan goes by, besides the request."""

    engines: tuple[EngineInfo, ...]
    source: SourceAudio | None = None
    reference: SourceAudio | None = None
    tempo: TempoMap | None = None
    """Of the source."""
    chosen: ChosenModel = field(default_factory=ChosenModel)

    def engine_for(self, ability: Ability) -> str | None:
        """The engine that the client named, where it can do this; None leaves the choice to the server."""
        return self.chosen.engine if self._is_ready(self.chosen.engine, ability) else None

    def model_engine(self, ability: Ability) -> EngineInfo | None:
        """The engine of ACE-Step's model, where it can do this and the client named no other that can."""
        other = self.engine_for(ability) not in (None, MODEL_ENGINE)
        return None if other else self._is_ready(MODEL_ENGINE, ability)

    def _is_ready(self, name: str, ability: Ability) -> EngineInfo | None:
        found = next((engine for engine in self.engines if engine.name == name), None)
        is_able = found is not None and ability in found.abilities and found.is_ready_for(ability)
        return found if is_able else None


def plan_jobs(request: MusicRequest, song: Song, around: Surroundings) -> list[Submit]:
    """The jobs of a task, one for each seed. Raises RequestError where no engine here can do it."""
    first = _PLANS[request.task](request, song, around)
    return [msgspec.structs.replace(first, seed=seed) for seed in request.seeds]


def _plan_text(request: MusicRequest, song: Song, around: Surroundings) -> Submit:
    timeline = open_timeline(song.seconds or 1.0, song.bpm or 120.0, *(song.metre or (4, 4)), song.key)
    inputs = [Input(role="reference", sha256=around.reference.sha256)] if around.reference else []
    options = _options(request, around, "text")
    return _submit("generate", timeline, _sung(song), options, inputs, engine=around.engine_for("text"))


def _plan_cover(request: MusicRequest, song: Song, around: Surroundings) -> Submit:
    closeness = request.fields.number("audio_cover_strength")
    # Upstream says how much of the original stays, Bandmate how far the result may depart from it.
    params = {**_sung(song), "strength": 1.0 - (1.0 if closeness is None else closeness)}
    options = _options(request, around, "variation")
    noise = request.fields.number("cover_noise_strength")
    if noise and around.model_engine("variation"):
        options["noise_start"] = noise
    timeline, engine = _source_timeline(around, song), around.engine_for("variation")
    return _submit("cover", timeline, params, options, _source_inputs(around), engine=engine)


def _plan_repaint(request: MusicRequest, song: Song, around: Surroundings) -> Submit:
    frames = _source(around).frames
    start, end = _asked_range(request, _source(around))
    lead = max(-start, 0)
    total = max(frames, end) + lead
    # Beyond the end, some of the source is made anew, so that the music goes on.
    start = min(start, frames - min(round(_JOIN_SECONDS * _source(around).sample_rate), frames))
    ranges = [{"start_frame": start + lead, "end_frame": end + lead}]
    params = {"prompt": song.caption, "lyrics": song.lyrics, "language": song.language, "ranges": ranges}
    timeline = _source_timeline(around, song, total, lead)
    inputs = [msgspec.structs.replace(each, at_frame=lead) for each in _source_inputs(around)]
    options, engine = _options(request, around, "inpaint"), around.engine_for("inpaint")
    return _submit("repaint", timeline, params, options, inputs, engine=engine, frames=total)


def _plan_lego(request: MusicRequest, song: Song, around: Surroundings) -> Submit:
    return _accompany(request, song, around, request.fields.text("global_caption"))


def _plan_complete(request: MusicRequest, song: Song, around: Surroundings) -> Submit:
    return _accompany(request, song, around, "")


def _accompany(request: MusicRequest, song: Song, around: Surroundings, piece: str) -> Submit:
    """Parts beside the source, as long as it; silent outside the range that was asked for."""
    model = around.model_engine("accompany")
    sung = _SUNG.intersection(request.tracks)
    if sung and model is None:
        raise RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say("No engine that is ready sings, so there is no {track}.", track=min(sung)),
            "`bandmate models pull acestep_v15_base` downloads one that does.",
        )
    frames = _source(around).frames
    start, end = _asked_range(request, _source(around))
    start, end = max(start, 0), min(end, frames)
    if end <= start:
        start, end = 0, frames
    timeline = _tempo(around, song).timeline_between(
        start, end, key=song.key, context_before_frames=start, context_after_frames=frames - end
    )
    options = _options(request, around, "accompany")
    names = [track.replace("_", " ") for track in request.tracks]
    words = song.caption or piece
    if model is not None and len(request.tracks) == 1:
        options["layer"] = request.tracks[0]
    elif names:
        words = f"add {', '.join(names)}" + (f": {words}" if words else "")
    params = {**_sung(song), "prompt": words}
    inputs, engine = _source_inputs(around), around.engine_for("accompany")
    return _submit("accompany", timeline, params, options, inputs, engine=engine, frames=frames)


def _plan_extract(request: MusicRequest, song: Song, around: Surroundings) -> Submit:
    timeline = _source_timeline(around, song)
    if around.model_engine("separate"):
        params = {"mode": "tracks", "stems": ", ".join(request.tracks)}
        return _submit("separate", timeline, params, {}, _source_inputs(around), engine=MODEL_ENGINE)
    strange = [track for track in request.tracks if track not in _FIXED_STEMS]
    if strange:
        raise RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say("No engine that is ready extracts {track}.", track=strange[0].replace("_", " ")),
            "Drums, bass and vocals need no model; `bandmate models pull acestep_v15_base` adds the others.",
        )
    roles = [_FIXED_STEMS[track] for track in request.tracks]
    mode = "four" if set(roles) <= {"drums", "bass", "vocals"} else "six"
    params = {"mode": mode, "stems": ", ".join(roles)}
    inputs, engine = _source_inputs(around), around.engine_for("separate")
    return _submit("separate", timeline, params, {}, inputs, engine=engine)


def _plan_separation(request: MusicRequest, song: Song, around: Surroundings) -> Submit:
    count = request.fields.whole("stem_count") or 4
    if count not in STEM_MODES:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("There is no separation into {count} stems.", count=count),
            "`stem_count` is 2, 4 or 6.",
        )
    wanted = request.fields.text("engine").strip().lower()
    ready = {engine.name for engine in around.engines if engine.is_ready_for("separate")}
    return _submit(
        "separate",
        _source_timeline(around, song),
        {"mode": STEM_MODES[count]},
        {},
        _source_inputs(around),
        engine=wanted if wanted in ready else around.engine_for("separate"),
    )


def plan_analysis(source: SourceAudio, engine: str | None = None) -> Submit:
    """The job that finds tempo, metre and key of a recording."""
    timeline = TempoMap([_point(120.0)], source.sample_rate).timeline_between(0, source.frames)
    inputs = [Input(role="source", sha256=source.sha256)]
    return _submit("analyse", timeline, {"tempo": "audio"}, {}, inputs, engine=engine)


def _plan_analysis(request: MusicRequest, song: Song, around: Surroundings) -> Submit:  # noqa: ARG001 - see _PLANS
    return plan_analysis(_source(around))


_PLANS = {
    "text2music": _plan_text,
    "cover": _plan_cover,
    "cover-nofsq": _plan_cover,
    "repaint": _plan_repaint,
    "lego": _plan_lego,
    "complete": _plan_complete,
    "extract": _plan_extract,
    "stem_separation": _plan_separation,
    "analysis": _plan_analysis,
}


def tempo_of_report(report: Mapping[str, Any], sample_rate: int) -> TempoMap | None:
    """The tempo map that `analyse` reports on a timeline of this rate; None without one."""
    try:
        points = msgspec.convert(report.get("tempo") or [], list[TempoPoint])
    except msgspec.ValidationError:
        return None
    if not points:
        return None
    first = msgspec.structs.replace(points[0], position=min(points[0].position, 0.0))
    downbeats = report.get("downbeats") or [0]
    return TempoMap([first, *points[1:]], sample_rate, anchor=float(downbeats[0]), bar=1)


def _submit(
    task: str,
    timeline: Timeline,
    params: dict[str, Any],
    options: dict[str, Any],
    inputs: list[Input],
    *,
    engine: str | None = None,
    frames: int | None = None,
) -> Submit:
    origin = {} if frames is None else {FRAMES_ORIGIN: str(frames)}
    return Submit(
        request=REQUEST_ID,
        task=task,
        timeline=timeline,
        params=params,
        options=options,
        engine=engine,
        inputs=tuple(inputs),
        origin=origin,
    )


def _sung(song: Song) -> dict[str, Any]:
    return {"prompt": song.caption, "lyrics": song.lyrics, "language": song.language, "mix": True}


def _source(around: Surroundings) -> SourceAudio:
    assert around.source is not None, "the request was checked for it"
    return around.source


def _source_inputs(around: Surroundings) -> list[Input]:
    return [Input(role="source", sha256=_source(around).sha256)]


def _point(bpm: float, song: Song | None = None) -> TempoPoint:
    numerator, denominator = (song.metre if song else None) or (4, 4)
    return TempoPoint(position=0.0, bpm=bpm, numerator=numerator, denominator=denominator)


def _tempo(around: Surroundings, song: Song) -> TempoMap:
    """As the client says it, else as it was found."""
    if song.bpm is None and around.tempo is not None:
        return around.tempo
    return TempoMap([_point(song.bpm or 120.0, song)], _source(around).sample_rate)


def _source_timeline(around: Surroundings, song: Song, frames: int | None = None, lead: int = 0) -> Timeline:
    end = _source(around).frames if frames is None else frames
    if lead:
        # Where the source begins later, its tempo does too.
        return _shifted(_tempo(around, song), lead).timeline_between(0, end, key=song.key)
    return _tempo(around, song).timeline_between(0, end, key=song.key)


def _shifted(tempo: TempoMap, frames: int) -> TempoMap:
    points = [msgspec.structs.replace(point, position=point.position + frames) for point in tempo.points]
    points[0] = msgspec.structs.replace(points[0], position=points[0].position - frames)
    return TempoMap(points, tempo.sample_rate, anchor=tempo.anchor + frames)


def _asked_range(request: MusicRequest, source: SourceAudio) -> tuple[int, int]:
    """`repainting_start` and `repainting_end` in frames; nothing, 0 and below mean the end."""
    start = round((request.fields.number("repainting_start") or 0.0) * source.sample_rate)
    seconds = request.fields.number("repainting_end")
    end = source.frames if seconds is None or seconds <= 0 else round(seconds * source.sample_rate)
    if end <= start:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            "`repainting_end` is not after `repainting_start`.",
            "Both are in seconds; without `repainting_end` the range goes to the end.",
        )
    return start, end


def _options(request: MusicRequest, around: Surroundings, ability: Ability) -> dict[str, Any]:
    """What ACE-Step's model is told, where it is here; the embedded band has no steps to count."""
    engine = around.model_engine(ability)
    if engine is None:
        # These clients have no way to answer that none of a prompt's words are known.
        return {} if ability == "inpaint" else {"anyway": True}
    fields = request.fields
    options: dict[str, Any] = {}
    if fields.is_given("inference_steps"):
        options["steps"] = fields.whole("inference_steps")
    if fields.is_given("guidance_scale"):
        options["guidance"] = fields.number("guidance_scale")
    if around.chosen.checkpoint:
        options["model"] = around.chosen.checkpoint
    if ability == "text" and fields.flag("thinking") and has_planner(engine):
        options |= {"think": True, "rewrite": fields.flag("use_cot_caption")}
        if fields.is_given("lm_temperature"):
            options["plan_temperature"] = fields.number("lm_temperature")
        if fields.is_given("lm_cfg_scale"):
            options["plan_guidance"] = fields.number("lm_cfg_scale")
    return options
