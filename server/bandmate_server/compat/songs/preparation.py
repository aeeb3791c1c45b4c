"""What has to be known before the jobs of a request: words that are written, a tempo that is suggested or detected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Probe, Submit, Suggest
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.client_jobs import finish_job
from bandmate_server.compat.making import REQUEST_ID, SAMPLE_RATE
from bandmate_server.compat.songs.music_request import MusicRequest
from bandmate_server.compat.songs.planning import (
    SourceAudio,
    Surroundings,
    plan_analysis,
    plan_jobs,
    tempo_of_report,
)
from bandmate_server.compat.songs.song import Song
from bandmate_server.compat.songs.writing import write_song
from bandmate_server.sessions import requests

SayStage = Callable[[str], None]


@dataclass(frozen=True)
class PreparedSong:
    """A song of which nothing is open, and the jobs that make it."""

    song: Song
    plans: tuple[Submit, ...]


async def prepare_song(
    context: CompatContext,
    owner: str,
    request: MusicRequest,
    source: SourceAudio | None,
    reference: SourceAudio | None,
    say_stage: SayStage = lambda _: None,
) -> PreparedSong:
    """Writes, suggests or detects what is missing; `owner` is whose quota its jobs count for. Raises RequestError."""
    song, tempo = request.song, None
    if request.is_to_be_written:
        say_stage("writing the song")
        song = await write_song(context, owner, request.fields, song)
    if request.task == "text2music" and not song.is_complete:
        say_stage("reading the prompt")
        asked = Suggest(request=REQUEST_ID, prompt=song.caption)
        song = song.completed(await requests.suggest_music(context.services, asked))
    if request.needs_tempo and song.bpm is None and source is not None:
        say_stage("finding the tempo")
        report = await analyse(context, owner, source)
        tempo = tempo_of_report(report)
        song = song.rewritten({"key": report.get("key")})
    plugins = await context.services.catalogue.plugins()
    around = Surroundings(tuple(engine.info for engine in plugins.engines), source, reference, tempo)
    return PreparedSong(song, tuple(plan_jobs(request, song, around)))


async def analyse(context: CompatContext, owner: str, source: SourceAudio) -> dict[str, Any]:
    """The report on tempo, metre and key of a recording. Raises BandmateError."""
    return (await finish_job(context, owner, plan_analysis(source))).report


async def measure(context: CompatContext, sha256: str) -> SourceAudio:
    """Audio that was stored, with its length at the rate of timelines. Raises RequestError (`input_unusable`)."""
    probed = await requests.probe_audio(context.services, Probe(request=REQUEST_ID, sha256=sha256))
    frames = round(probed.frames * SAMPLE_RATE / probed.sample_rate)
    if frames < 1:
        raise RequestError(ErrorCode.INPUT_UNUSABLE, "The recording contains no audio.")
    return SourceAudio(sha256, frames)
