"""The music that a request asks for: what it says, and what a suggestion, a written song or an analysis adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from bandmate_protocol.messages import Suggested
from bandmate_server.compat.chat.music_order import MusicOrder

DEFAULT_SECONDS = 30.0
"""Of music whose length nobody says; to the nearest bar."""
_DEFAULT_BPM = 120.0


class _Report(msgspec.Struct, frozen=True):
    """What is read of the reports of `write` and `analyse`."""

    prompt: str = ""
    lyrics: str = ""
    language: str = "unknown"
    bpm: float | None = None
    median_bpm: float | None = None
    metre: str | None = None
    key: str | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Song:
    """Words and music; None is open."""

    prompt: str
    lyrics: str
    language: str = "unknown"
    bpm: float | None = None
    metre: tuple[int, int] | None = None
    key: str | None = None
    seconds: float | None = None
    bars: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether a suggestion could fill something in."""
        has_length = (self.seconds, self.bars) != (None, None)
        return None in (self.bpm, self.metre, self.key) or not has_length

    @property
    def metre_text(self) -> str:
        """Such as `3/4`; empty when it is open."""
        return f"{self.metre[0]}/{self.metre[1]}" if self.metre else ""

    def with_music(self, found: Song) -> Song:
        """Tempo, metre, key and length of another, where this one leaves them open."""
        has_length = (self.seconds, self.bars) != (None, None)
        return replace(
            self,
            bpm=self.bpm or found.bpm,
            metre=self.metre or found.metre,
            key=self.key or found.key,
            seconds=self.seconds if has_length else found.seconds,
            bars=self.bars if has_length else found.bars,
        )

    def whole(self) -> Song:
        """With a tempo, a metre and a length in seconds: half a minute in whole bars where nobody says."""
        bpm, metre = self.bpm or _DEFAULT_BPM, self.metre or (4, 4)
        bar_seconds = metre[0] * 4 / metre[1] * 60 / bpm
        bars = self.bars or max(1, round(DEFAULT_SECONDS / bar_seconds))
        seconds = self.seconds or bars * bar_seconds
        return replace(self, bpm=bpm, metre=metre, seconds=seconds, bars=None)


def song_of(order: MusicOrder) -> Song:
    """What the request itself says."""
    wish, music = order.wish, order.music
    return Song(wish.prompt, wish.lyrics, music.language, music.bpm, music.metre, music.key, music.seconds)


def suggested_song(found: Suggested) -> Song:
    """What an engine reads in a prompt."""
    metre = (found.numerator, found.denominator) if found.numerator and found.denominator else None
    return Song("", "", "unknown", found.bpm, metre, found.key, found.seconds, found.bars)


def reported_song(report: Mapping[str, Any]) -> Song:
    """What `write` or `analyse` reports; what cannot be read is left open."""
    found = _Report()
    for name in _Report.__struct_fields__:
        try:
            one = msgspec.convert({name: report[name]}, _Report)
        except (KeyError, msgspec.ValidationError):
            continue
        found = msgspec.structs.replace(found, **{name: getattr(one, name)})
    over, _, under = (found.metre or "").partition("/")
    metre = (int(over), int(under)) if over.isdecimal() and under.isdecimal() else None
    bpm = found.bpm or found.median_bpm
    return Song(found.prompt, found.lyrics, found.language, bpm, metre, found.key, seconds=found.seconds)
