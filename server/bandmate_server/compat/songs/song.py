"""What is to be played, once everything is known: the words, the tempo and the length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bandmate_protocol.messages import Suggested
from bandmate_server.compat.songs.music import Metre, read_key, read_language, read_lyrics, read_metre
from bandmate_server.compat.songs.values import FieldValues

DEFAULT_SECONDS = 30.0
"""Where neither the client nor the prompt says how long; to the nearest bar."""
_DEFAULT_BPM = 120.0


@dataclass(frozen=True)
class Song:
    """A piece in words. None for what nobody has said yet."""

    caption: str
    lyrics: str = ""
    language: str = "unknown"
    bpm: float | None = None
    key: str | None = None
    metre: Metre | None = None
    seconds: float | None = None

    @classmethod
    def from_fields(cls, fields: FieldValues) -> Song:
        """As the client asks for it."""
        seconds = fields.number("audio_duration")
        return cls(
            caption=fields.text("prompt"),
            lyrics="" if fields.flag("instrumental") else read_lyrics(fields.text("lyrics")),
            language=read_language(fields.text("vocal_language")),
            bpm=fields.number("bpm"),
            key=read_key(fields.text("key_scale")),
            metre=read_metre(fields.text("time_signature")),
            seconds=seconds if seconds is not None and seconds > 0 else None,
        )

    def rewritten(self, report: Mapping[str, Any]) -> Song:
        """With what the task `write` reports in place of the words, and where something is missing."""
        metre = read_metre(str(report.get("metre") or ""))
        lyrics = str(report.get("lyrics") or "") or self.lyrics
        language = str(report.get("language") or "unknown")
        return replace(
            self,
            caption=str(report.get("prompt") or "") or self.caption,
            lyrics=lyrics,
            language=self.language if language == "unknown" else language,
            bpm=self.bpm or report.get("bpm"),
            key=self.key or read_key(str(report.get("key") or "")),
            metre=self.metre or metre,
            seconds=self.seconds or report.get("seconds"),
        )

    def completed(self, said: Suggested) -> Song:
        """With what the prompt suggests, where something is missing."""
        metre = (said.numerator, said.denominator) if said.numerator and said.denominator else None
        bpm = self.bpm or said.bpm or _DEFAULT_BPM
        metre = self.metre or metre or (4, 4)
        bar_seconds = metre[0] * 240.0 / metre[1] / bpm
        bars = said.bars or max(1, round(DEFAULT_SECONDS / bar_seconds))
        return replace(
            self,
            bpm=bpm,
            key=self.key or said.key,
            metre=metre,
            seconds=self.seconds or said.seconds or bars * bar_seconds,
        )

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to suggest."""
        return None not in (self.bpm, self.key, self.metre, self.seconds)
