"""`/lm` and `/understand`: requests filled in by the planner, and one that describes a recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import EngineInfo
from bandmate_server.compat.acestep_cpp.answers import json_part_answer
from bandmate_server.compat.acestep_cpp.body import read_requests
from bandmate_server.compat.acestep_cpp.job_table import MakeAnswer
from bandmate_server.compat.acestep_cpp.wire import known_fields, model_of, read_mode, read_synth_request
from bandmate_server.compat.answers import plain_answer
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.client_jobs import ClientJobs
from bandmate_server.compat.songs.models import MODEL_ENGINE, has_planner, planner_named
from bandmate_server.compat.songs.music import metre_text, read_metre
from bandmate_server.compat.songs.planning import SourceAudio, plan_analysis
from bandmate_server.compat.songs.song import Song
from bandmate_server.compat.songs.values import FieldValues, as_text, read_flag, read_number
from bandmate_server.compat.songs.writing import write_song
from bandmate_server.rest.reading import BadBodyError

_INSTRUMENTAL = "[Instrumental]"
_MOST_SONGS = 8


async def find_planner(context: CompatContext) -> EngineInfo | None:
    """The engine of ACE-Step's model, where one of its planners is here."""
    plugins = await context.services.catalogue.plugins()
    infos = (engine.info for engine in plugins.engines if engine.name == MODEL_ENGINE)
    return next((info for info in infos if info.is_ready_for("text") and has_planner(info)), None)


@dataclass(frozen=True)
class Writing:
    """A request that a planner fills in."""

    context: CompatContext
    raw: Mapping[str, Any]
    mode: str
    planner: EngineInfo

    @classmethod
    async def read(cls, context: CompatContext, request: Request) -> Writing:
        """From a body. Raises BadBodyError (501 without a planner), RequestError."""
        async with read_requests(request, context) as body:
            (raw, *more) = body.requests
        if more:
            raise BadBodyError(400, "A planner fills in one request at a time.", "Send them one by one.")
        planner = await find_planner(context)
        if planner is None:
            raise BadBodyError(
                501,
                "No planner is here.",
                "`bandmate models pull acestep_5hz_lm_0.6b` downloads one; `/synth` takes the request as it is.",
                code=ErrorCode.ENGINE_UNAVAILABLE,
            )
        if not as_text(raw.get("caption")).strip():
            raise RequestError(ErrorCode.BAD_PARAMS, "`caption` is missing.", "Say what the music is like.")
        read_synth_request({**raw, "audio_codes": "", "task_type": "text2music"})
        return cls(context, raw, read_mode(raw), planner)

    async def run(self, jobs: ClientJobs) -> MakeAnswer:
        """Has the songs written. Raises BandmateError."""
        count = min(max(int(read_number(self.raw.get("lm_batch_size")) or 1), 1), _MOST_SONGS)
        songs = [song_fields(self.raw, await self._write(jobs)) for _ in range(count)]

        async def answer() -> Response:
            return plain_answer(songs)

        return answer

    async def _write(self, jobs: ClientJobs) -> Song:
        caption = as_text(self.raw.get("caption"))
        said = read_synth_request({**self.raw, "audio_codes": "", "task_type": "text2music"}).song
        is_new = self.mode == "inspire" or (self.mode == "generate" and not said.lyrics)
        fields = FieldValues({"sample_query": caption} if is_new else {"use_format": True})
        done = await write_song(
            jobs.finish,
            fields,
            said,
            instrumental=_is_instrumental(self.raw),
            engine=self.planner.name,
            options=self._options(),
        )
        written = done.song
        if self.mode == "generate" and said.lyrics:
            written = replace(written, lyrics=said.lyrics)
        keeps_caption = self.mode == "generate" and not read_flag(self.raw.get("use_cot_caption", True))
        return replace(written, caption=caption) if keeps_caption else written

    def _options(self) -> dict[str, Any]:
        temperature = read_number(self.raw.get("lm_temperature"))
        planner = planner_named(self.planner, model_of(self.raw.get("lm_model")))
        options: dict[str, Any] = {}
        if temperature is not None:
            options["plan_temperature"] = min(max(temperature, 0.0), 2.0)
        if planner is not None:
            options["planner"] = planner
        return options


@dataclass(frozen=True)
class Understanding:
    """A recording that is to be described."""

    context: CompatContext
    source: SourceAudio
    raw: Mapping[str, Any]

    @classmethod
    async def read(cls, context: CompatContext, request: Request) -> Understanding:
        """From a body. Raises BadBodyError, RequestError."""
        async with read_requests(request, context) as body:
            source = await body.audio(context, "audio")
        if source is None:
            raise BadBodyError(400, "There is no recording.", "Send a form with it as the part `audio`.")
        return cls(context, source, body.requests[0])

    async def run(self, jobs: ClientJobs) -> MakeAnswer:
        """Has it analysed: by the planner too, where there is one. Raises BandmateError."""
        planner = await find_planner(self.context)
        engine = planner.name if planner is not None and planner.is_ready_for("analyse") else None
        done = await jobs.finish(plan_analysis(self.source, engine))
        described = described_recording(self.source, done.report)
        fields = [song_fields(self.raw, described)]

        async def answer() -> Response:
            return json_part_answer(fields)

        return answer


def described_recording(source: SourceAudio, report: Mapping[str, Any]) -> Song:
    """What `analyse` found, and the words that a planner heard."""
    heard = report.get("song")
    words: Mapping[str, Any] = heard if isinstance(heard, dict) else {}
    return Song(
        caption=as_text(words.get("prompt")),
        lyrics=as_text(words.get("lyrics")),
        language=as_text(words.get("language")) or "unknown",
        bpm=read_number(report.get("median_bpm")),
        key=as_text(report.get("key")) or None,
        metre=read_metre(as_text(report.get("metre"))),
        seconds=source.seconds,
    )


def song_fields(raw: Mapping[str, Any], song: Song) -> dict[str, Any]:
    """A request with the words and the music of a song, by upstream's names; what nobody knows is left open."""
    return known_fields(raw) | {
        "caption": song.caption,
        "lyrics": _INSTRUMENTAL if _is_instrumental(raw) else song.lyrics,
        "bpm": round(song.bpm) if song.bpm else 0,
        "duration": round(song.seconds, 3) if song.seconds else 0,
        "keyscale": song.key or "",
        "timesignature": metre_text(song.metre) if song.metre else "",
        "vocal_language": song.language,
        "audio_codes": "",
    }


def _is_instrumental(raw: Mapping[str, Any]) -> bool:
    return as_text(raw.get("lyrics")).strip().lower() in ("[instrumental]", "[inst]")
