"""What has to be known before the jobs of a request: words that are written, a tempo that is suggested or detected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Probe, Submit, Suggest, Suggested
from bandmate_protocol.texts import say
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.client_jobs import FinishJob
from bandmate_server.compat.making import REQUEST_ID, SAMPLE_RATE
from bandmate_server.compat.songs.models import choose_model
from bandmate_server.compat.songs.music_request import MusicRequest
from bandmate_server.compat.songs.planning import (
    FRAMES_ORIGIN,
    SourceAudio,
    Surroundings,
    plan_analysis,
    plan_jobs,
    tempo_of_report,
)
from bandmate_server.compat.songs.song import Song
from bandmate_server.compat.songs.writing import WrittenSong, write_song
from bandmate_server.sessions import requests

SayStage = Callable[[str], None]
_KEPT_RATES = range(44_100, 192_001)
"""Recordings of these rates are worked on at their own, so that what is left of them stays as it was."""
_NO_ENGINE = (ErrorCode.NO_SUCH_TASK, ErrorCode.NO_SUCH_ENGINE, ErrorCode.ENGINE_UNAVAILABLE)


@dataclass(frozen=True)
class PreparedSong:
    """A song of which nothing is open, and the jobs that make it."""

    song: Song
    plans: tuple[Submit, ...]
    remarks: tuple[str, ...] = ()
    """What the musician should know of how it was prepared."""

    @property
    def described(self) -> Song:
        """With the tempo, metre and length of what is made, where the song does not say them."""
        timeline = self.plans[0].timeline
        first = timeline.tempo[0]
        bpm, metre = self.song.bpm or first.bpm, (first.numerator, first.denominator)
        return replace(self.song, bpm=bpm, metre=metre, seconds=self.seconds)

    @property
    def seconds(self) -> float:
        """How long each file of the result is."""
        first = self.plans[0]
        whole = first.origin.get(FRAMES_ORIGIN)
        return first.timeline.seconds if whole is None else int(whole) / first.timeline.sample_rate


async def prepare_song(
    context: CompatContext,
    finish: FinishJob,
    request: MusicRequest,
    source: SourceAudio | None,
    reference: SourceAudio | None,
    say_stage: SayStage = lambda _: None,
) -> PreparedSong:
    """Writes, suggests or detects what is missing; `finish` has the jobs made that this takes. Raises RequestError."""
    written, tempo = WrittenSong(request.song), None
    if request.is_to_be_written:
        say_stage("writing the song")
        written = await _write_song(finish, request)
    song = written.song
    around = await _surroundings(context, request, source, reference)
    if request.task == "text2music" and not song.is_complete:
        say_stage("reading the prompt")
        song = song.completed(await _suggestion(context, request, song, around))
    if needs_analysis(request) and source is not None:
        say_stage("finding the tempo")
        report = (await finish(plan_analysis(source))).report
        tempo = tempo_of_report(report, source.sample_rate)
        song = song.rewritten({"key": report.get("key")})
    plans = plan_jobs(request, song, replace(around, tempo=tempo))
    return PreparedSong(song, tuple(plans), written.remarks)


async def check_song(
    context: CompatContext, request: MusicRequest, source: SourceAudio | None, reference: SourceAudio | None
) -> None:
    """Raises RequestError where no engine here can make it, whatever comes of its preparation."""
    plan_jobs(request, request.song, await _surroundings(context, request, source, reference))


def needs_analysis(request: MusicRequest) -> bool:
    """Whether the tempo of its source has to be found first."""
    return request.needs_tempo and request.song.bpm is None


async def _surroundings(
    context: CompatContext, request: MusicRequest, source: SourceAudio | None, reference: SourceAudio | None
) -> Surroundings:
    plugins = await context.services.catalogue.plugins()
    engines = tuple(engine.info for engine in plugins.engines)
    chosen = choose_model(engines, request.fields.text("model"))
    return Surroundings(engines, source, reference, chosen=chosen)


async def _write_song(finish: FinishJob, request: MusicRequest) -> WrittenSong:
    fields, song = request.fields, request.song
    try:
        return await write_song(finish, fields, song, instrumental=fields.flag("instrumental"))
    except RequestError as error:
        if error.code not in _NO_ENGINE:
            raise
        caption = fields.text("sample_query").strip() or song.caption
        said = say("The words were taken as they are: {sentence}", sentence=error.sentence)
        return WrittenSong(replace(song, caption=caption), (said,))


async def _suggestion(
    context: CompatContext, request: MusicRequest, song: Song, around: Surroundings
) -> Suggested:
    """What the engine that will play reads in the prompt; nothing where no engine reads."""
    seed = next((seed for seed in request.seeds if seed is not None), 0)
    asked = Suggest(request=REQUEST_ID, prompt=song.caption, engine=around.engine_for("text"), seed=seed)
    if not song.caption.strip():
        return Suggested(request=REQUEST_ID, engine="none")
    try:
        async with context.questions:
            return await requests.suggest_music(context.services, asked)
    except RequestError as error:
        if error.code not in _NO_ENGINE:
            raise
        return Suggested(request=REQUEST_ID, engine="none")


async def measure(context: CompatContext, sha256: str) -> SourceAudio:
    """Audio that was stored, with its length at the rate of its timeline. Raises RequestError (`input_unusable`)."""
    probed = await requests.probe_audio(context.services, Probe(request=REQUEST_ID, sha256=sha256))
    rate = probed.sample_rate if probed.sample_rate in _KEPT_RATES else SAMPLE_RATE
    frames = round(probed.frames * rate / probed.sample_rate)
    if frames < 1:
        raise RequestError(ErrorCode.INPUT_UNUSABLE, "The recording contains no audio.")
    return SourceAudio(sha256, frames, rate)
