"""Songs in words: what `/format_input`, `/v1/create_sample` and a task with `sample_query` have written first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bandmate_protocol.messages import Submit
from bandmate_server.compat.client_jobs import FinishJob
from bandmate_server.compat.making import REQUEST_ID
from bandmate_server.compat.songs.music import metre_text
from bandmate_server.compat.songs.song import Song
from bandmate_server.compat.songs.values import FieldValues
from bandmate_server.sessions.requests import OPEN_TIMELINE

_WRITTEN_METRES = frozenset({"2/4", "3/4", "4/4", "6/8"})


@dataclass(frozen=True)
class WrittenSong:
    """A song, and what the musician should know of how it was written."""

    song: Song
    remarks: tuple[str, ...] = ()


async def write_song(
    finish: FinishJob,
    fields: FieldValues,
    song: Song,
    *,
    instrumental: bool = False,
    engine: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> WrittenSong:
    """The song, written from `sample_query` or tidied, by the planner; without one, the embedded engine gives tempo,
    metre and key. Raises RequestError as the task `write`.
    """
    query = fields.text("sample_query").strip()
    idea = query or song.caption
    if not idea.strip() and not song.lyrics.strip():
        # Upstream's sample_mode with nothing to go by: the embedded engine reads this as any style.
        idea = "a song"
    tidy = not query and (fields.flag("use_format") or bool(song.lyrics.strip()))
    metre = "/".join(map(str, song.metre)) if song.metre else ""
    params: dict[str, Any] = {
        "prompt": idea,
        "tidy": tidy,
        "instrumental": instrumental,
        "lyrics": song.lyrics if tidy else "",
        "language": song.language,
        "bpm": song.bpm,
        "key": song.key or "",
        "metre": metre if metre in _WRITTEN_METRES else "",
        "seconds": min(max(song.seconds, 1.0), 600.0) if song.seconds else None,
    }
    given = {name: value for name, value in params.items() if value not in (None, "", False)}
    message = Submit(
        request=REQUEST_ID,
        task="write",
        timeline=OPEN_TIMELINE,
        params=given,
        options=dict(options or {}),
        engine=engine,
    )
    done = await finish(message)
    return WrittenSong(song.rewritten(done.report), done.remarks)


def song_fields(song: Song) -> dict[str, Any]:
    """A song by upstream's names; what nobody said is null."""
    return {
        "caption": song.caption,
        "lyrics": song.lyrics or "[Instrumental]",
        "bpm": None if song.bpm is None else round(song.bpm),
        "key_scale": song.key or "",
        "keyscale": song.key or "",
        "time_signature": metre_text(song.metre) if song.metre else "",
        "timesignature": metre_text(song.metre) if song.metre else "",
        "duration": song.seconds,
        "vocal_language": song.language,
        "language": song.language,
    }
