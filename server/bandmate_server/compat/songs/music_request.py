"""A request for music as the client means it, checked as far as words go; without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from bandmate_plugins._tasks.separate import Track
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_protocol.unknown_names import nearest_name_text
from bandmate_server.compat.songs.music import read_seeds
from bandmate_server.compat.songs.song import Song
from bandmate_server.compat.songs.values import FieldValues

TaskType = Literal[
    "text2music",
    "cover",
    "cover-nofsq",
    "repaint",
    "lego",
    "extract",
    "complete",
    "stem_separation",
    "analysis",
]
AudioFormat = Literal["mp3", "wav", "wav32", "flac"]
TRACKS: tuple[str, ...] = get_args(Track)
_NEED_NO_SOURCE = frozenset({"text2music"})
_MAX_PROMPT = 10_000
_MAX_LYRICS = 4_096
STEM_MODES = {2: "two", 4: "four", 6: "six"}


@dataclass(frozen=True)
class MusicRequest:
    """What `/release_task` asks for."""

    task: TaskType
    song: Song
    fields: FieldValues
    audio_format: AudioFormat
    seeds: tuple[int | None, ...]
    tracks: tuple[str, ...] = ()
    """By the names that ACE-Step knows them by."""

    @property
    def needs_source(self) -> bool:
        """Whether it works on audio."""
        return self.task not in _NEED_NO_SOURCE

    @property
    def needs_tempo(self) -> bool:
        """Whether the tempo of its source has to be found first."""
        return self.needs_source and self.task not in ("extract", "stem_separation", "analysis")

    @property
    def is_to_be_written(self) -> bool:
        """Whether words are written before the music."""
        if self.task != "text2music":
            return False
        wanted = self.fields.flag("sample_mode") or self.fields.flag("use_format")
        return bool(self.fields.text("sample_query").strip()) or wanted


def read_music_request(values: dict[str, Any]) -> MusicRequest:
    """Reads a body. Raises RequestError (`bad_params`) for what cannot be done, with what can."""
    fields = FieldValues(values)
    task = _read_task(fields)
    if fields.text("audio_code_string").strip() or fields.flag("extract_codes_only"):
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            "Bandmate takes and gives no audio codes over this API.",
            "Leave out `audio_code_string`, and send the recording as `src_audio`.",
        )
    _check_length("prompt", fields.text("prompt"), _MAX_PROMPT)
    _check_length("sample_query", fields.text("sample_query"), 4_096)
    _check_length("lyrics", fields.text("lyrics"), _MAX_LYRICS)
    count = fields.whole("batch_size") or 1
    if task in ("extract", "stem_separation", "analysis"):
        count = 1
    return MusicRequest(
        task=task,
        song=Song.from_fields(fields),
        fields=fields,
        audio_format=_read_format(fields.text("audio_format")),
        seeds=tuple(read_seeds(fields, count)),
        tracks=_read_tracks(fields, task),
    )


def _read_task(fields: FieldValues) -> TaskType:
    if fields.flag("analysis_only") or fields.flag("full_analysis_only"):
        return "analysis"
    name = fields.text("task_type").strip().lower() or "text2music"
    known: tuple[TaskType, ...] = get_args(TaskType)
    for task in known:
        if name == task:
            return task
    raise RequestError(
        ErrorCode.BAD_PARAMS,
        say("There is no task_type {name}.", name=ascii(name[:80])),
        say("{near}Known: {known}.", near=nearest_name_text(name[:80], known), known=", ".join(known)),
    )


def _read_format(name: str) -> AudioFormat:
    known: tuple[AudioFormat, ...] = get_args(AudioFormat)
    for audio_format in known:
        if name.strip().lower().lstrip(".") == audio_format:
            return audio_format
    raise RequestError(
        ErrorCode.BAD_PARAMS,
        say("There is no audio_format {name}.", name=ascii(name[:80])),
        say("Known: {known}.", known=", ".join(known)),
    )


def _read_tracks(fields: FieldValues, task: TaskType) -> tuple[str, ...]:
    if task not in ("lego", "extract", "complete"):
        return ()
    words = ",".join([fields.text("track_name"), fields.text("track_classes")]).lower().replace("|", ",")
    names = [name.strip().replace(" ", "_").replace("-", "_") for name in words.split(",") if name.strip()]
    strange = [name for name in names if name not in TRACKS]
    if strange or (not names and task != "complete"):
        what = (
            say("There is no track {name}.", name=ascii(strange[0][:80])) if strange else "No track is named."
        )
        raise RequestError(ErrorCode.BAD_PARAMS, what, say("Known: {known}.", known=", ".join(TRACKS)))
    return tuple(dict.fromkeys(names))


def _check_length(name: str, text: str, most: int) -> None:
    if len(text) > most:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say(
                "`{name}` has {count} characters; at most {most} are read.",
                name=name,
                count=len(text),
                most=most,
            ),
            "Make it shorter.",
        )
