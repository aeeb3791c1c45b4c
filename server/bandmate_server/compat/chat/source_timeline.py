"""The time of a recording that came with a request: its frames, and the tempo that was detected in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bandmate_protocol.errors import BandmateError
from bandmate_protocol.messages import Probed, TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap
from bandmate_server.compat.chat.song import Song


class _TempoReport(msgspec.Struct, frozen=True):
    """What is read of the report of `analyse`; positions are in frames."""

    tempo: tuple[TempoPoint, ...] = ()
    downbeats: tuple[float, ...] = ()


def listening_timeline(probed: Probed) -> Timeline:
    """All of a recording, before anything is known of its music."""
    return _steady_map(probed, 120.0, (4, 4)).timeline_between(0, probed.frames)


def source_timeline(probed: Probed, song: Song, report: Mapping[str, Any]) -> Timeline:
    """All of a recording, at its own rate, in the tempo that the request gives, else in the detected one."""
    metre = song.metre or (4, 4)
    tempo = _steady_map(probed, song.bpm or 120.0, metre) if song.bpm else _detected_map(probed, report)
    tempo = tempo or _steady_map(probed, 120.0, metre)
    return tempo.timeline_between(0, probed.frames, key=song.key)


def _steady_map(probed: Probed, bpm: float, metre: tuple[int, int]) -> TempoMap:
    point = TempoPoint(position=0.0, bpm=bpm, numerator=metre[0], denominator=metre[1])
    return TempoMap([point], probed.sample_rate)


def _detected_map(probed: Probed, report: Mapping[str, Any]) -> TempoMap | None:
    """The detected tempo, whose first bar begins where the first downbeat is; None where there is none."""
    names = [name for name in _TempoReport.__struct_fields__ if name in report]
    try:
        found = msgspec.convert({name: report[name] for name in names}, _TempoReport, strict=False)
        if not found.tempo:
            return None
        first = msgspec.structs.replace(found.tempo[0], position=min(found.tempo[0].position, 0.0))
        anchor = found.downbeats[0] if found.downbeats else found.tempo[0].position
        return TempoMap([first, *found.tempo[1:]], probed.sample_rate, anchor=anchor)
    except (msgspec.ValidationError, BandmateError):
        return None
