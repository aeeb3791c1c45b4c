"""Positions and lengths as a person writes them, to frames through the tempo map.

A position is `BAR.BEAT` (9.1 is bar 9, first beat; `9` and `9.2.50`, fifty hundredths into beat 2, too),
seconds (`12.5s`), minutes and seconds (`1:02.5`, `1:00:10`), or samples (`480000smp`). Every boundary is
rounded once, from its absolute time. Times and samples count as the ruler does: ``ruler_start`` is what that
shows at frame 0, in seconds.
"""

from __future__ import annotations

import math
import re

from bandmate_bridge.rpp.ruler import time_text
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.tempo import TempoMap, nearest_frame

MAX_LENGTH_SECONDS = 24 * 3600
"""The longest range, and the latest position, that can be asked for."""

_BARS = re.compile(r"(-?[0-9]{1,9})(?:\.([0-9]{1,3})(?:\.([0-9]+))?)?")
_SECONDS = re.compile(r"(-?(?:[0-9]+\.?[0-9]*|\.[0-9]+))\s*s(?:ec|econds?)?")
_CLOCK = re.compile(r"(-?)(?:([0-9]{1,4}):)?([0-9]{1,6}):([0-5]?[0-9](?:\.[0-9]*)?)")
_SAMPLES = re.compile(r"(-?[0-9]{1,18})\s*(?:smp|samples?)")
_FORMS = "Write bars and beats (9.1 or 9.2.50), seconds (12.5s), minutes (1:02.5) or samples (480000smp)."
_ROUNDING_FRAMES = 0.501
"""How far rounding moves a position: half a frame, and the width of what counts as a tie."""


def parse_position(text: str, tempo_map: TempoMap, ruler_start: float = 0.0) -> int:
    """The frame that a position names. Raises RequestError (`bad_position`)."""
    return nearest_frame(exact_position(text, tempo_map, ruler_start))


def exact_position(text: str, tempo_map: TempoMap, ruler_start: float = 0.0) -> float:
    """The position in frames before it is rounded; ranges are counted from it. Raises as `parse_position`."""
    written = text.strip()
    position = _absolute_frames(written, tempo_map.sample_rate, ruler_start)
    if position is None:
        position = _musical_frames(written, tempo_map)
    if nearest_frame(position) < 0:
        first, start = tempo_map.bar_beat_at(0.0)[0], time_text(ruler_start) if ruler_start else "0s"
        raise _position_error(
            f"'{written}' is before the start of the project.", f"It starts at {start}, in bar {first}."
        )
    if position > MAX_LENGTH_SECONDS * tempo_map.sample_rate:
        raise _position_error(
            f"'{written}' is over {MAX_LENGTH_SECONDS // 3600} hours into the project.", _FORMS
        )
    return max(position, 0.0)


def _absolute_frames(text: str, rate: int, ruler_start: float) -> float | None:
    """A position in seconds or samples, as frames; None when it is something else."""
    if found := _SECONDS.fullmatch(text):
        return (float(found[1]) - ruler_start) * rate
    if found := _CLOCK.fullmatch(text):
        seconds = (int(found[2] or 0) * 60 + int(found[3])) * 60 + float(found[4])
        return ((-seconds if found[1] else seconds) - ruler_start) * rate
    if found := _SAMPLES.fullmatch(text):
        return float(found[1]) - ruler_start * rate
    return None


def _musical_frames(text: str, tempo_map: TempoMap) -> float:
    found = _BARS.fullmatch(text)
    if not found:
        raise _position_error(f"'{text}' is not a position.", _FORMS)
    bar, beat, hundredths = int(found[1]), int(found[2] or 1), found[3] or ""
    if len(hundredths) == 1:
        raise _position_error(
            f"'{text}' is ambiguous.",
            "Hundredths of a beat have two digits: "
            f"{bar}.{beat}.0{hundredths} or {bar}.{beat}.{hundredths}0.",
        )
    first = tempo_map.bar_beat_at(0.0)[0]
    if bar < first:
        raise _position_error(f"'{text}' is before the start of the project.", f"Its first bar is {first}.")
    _check_beat(text, bar, beat, tempo_map)
    return tempo_map.position_of(bar, beat - 1 + float(f"0.{hundredths or 0}"))


def _check_beat(text: str, bar: int, beat: int, tempo_map: TempoMap) -> None:
    start = tempo_map.position_of(bar)
    numerator, denominator = tempo_map.metre_at(start)
    quarters = tempo_map.quarters_at(tempo_map.position_of(bar + 1)) - tempo_map.quarters_at(start)
    # A new metre may cut a bar short; its last beat is then the last one that begins in it.
    beats = min(numerator, math.ceil(quarters * denominator / 4 - 1e-6))
    if not 1 <= beat <= beats:
        cut = f", cut short to {beats}" if beats < numerator else ""
        raise _position_error(
            f"'{text}' asks for beat {beat}, but bar {bar} is in {numerator}/{denominator}{cut}.",
            f"Its beats are {bar}.1 to {bar}.{beats}.",
        )


def end_after(
    start: float,
    tempo_map: TempoMap,
    *,
    bars: float | None = None,
    beats: float | None = None,
    seconds: float | None = None,
    limit_frames: int | None = None,
) -> int:
    """The frame where a length from ``start`` (in frames) ends; see `exact_end`, which it rounds."""
    end = nearest_frame(exact_end(start, tempo_map, bars=bars, beats=beats, seconds=seconds))
    check_range(nearest_frame(start), end, tempo_map.sample_rate, limit_frames)
    return end


def exact_end(
    start: float,
    tempo_map: TempoMap,
    *,
    bars: float | None = None,
    beats: float | None = None,
    seconds: float | None = None,
) -> float:
    """Where a length from ``start`` ends, in frames and not rounded; exactly one length is given.

    A start that rounding put beside a beat counts from the beat. ``beats`` are the metre's, bar by bar.
    Raises RequestError (`bad_position`) for a length that is empty or too long.
    """
    given = [(name, value) for name, value in _named_lengths(bars, beats, seconds) if value is not None]
    if len(given) != 1:
        raise _position_error(
            "A range needs exactly one length." if given else "A range needs a length.",
            "Give --bars, --beats or --seconds.",
        )
    (name, length) = given[0]
    _check_length(name, length)
    if name == "seconds":
        return start + length * tempo_map.sample_rate
    after = _after_bars if name == "bars" else _after_beats
    exact = after(_beat_near(start, tempo_map, _ROUNDING_FRAMES), length, tempo_map)
    # A beat has one position however it was counted, or a tie would round one way here and another there.
    return _beat_near(exact, tempo_map, 1e-6)


def _beat_near(position: float, tempo_map: TempoMap, frames: float) -> float:
    """The beat that lies within so many frames of a position, if there is one; else the position."""
    bar, beat = tempo_map.bar_beat_at(position + frames)
    near = tempo_map.position_of(bar, round(beat))
    return near if abs(near - position) <= frames else position


def _named_lengths(
    bars: float | None, beats: float | None, seconds: float | None
) -> tuple[tuple[str, float | None], ...]:
    return ("bars", bars), ("beats", beats), ("seconds", seconds)


def _check_length(name: str, length: float) -> None:
    if not math.isfinite(length) or length <= 0:
        raise _position_error(f"A length of {length:g} {name} is not a range.", "Give a length above zero.")
    if length > MAX_LENGTH_SECONDS:
        raise _too_long_error(f"{length:g} {name}", MAX_LENGTH_SECONDS)


def check_range(start: int, end: int, sample_rate: int, limit_frames: int | None = None) -> None:
    """Raises RequestError (`bad_position`) when a range is empty or over the limit."""
    if end <= start:
        raise _position_error(
            "The range is empty: it ends where it starts, or before.",
            "Give an end after the start, or a greater length.",
        )
    limit = min(limit_frames or math.inf, MAX_LENGTH_SECONDS * sample_rate)
    if end - start > limit:
        raise _too_long_error(f"{(end - start) / sample_rate:.1f} seconds", limit / sample_rate)


def _after_bars(start: float, bars: float, tempo_map: TempoMap) -> float:
    """Bars later, at the same part of the bar: half a bar is half of that bar, whatever its metre."""
    bar, _ = tempo_map.bar_beat_at(start)
    first, length = _bar_span(bar, tempo_map)
    target = bar + bars + max(tempo_map.quarters_at(start) - first, 0.0) / length
    # Whole bars from a barline land on a barline, whatever the floats did.
    if abs(target - round(target)) < 1e-9:
        return tempo_map.position_of(round(target))
    first, length = _bar_span(math.floor(target), tempo_map)
    return tempo_map.position_at(first + (target - math.floor(target)) * length)


def _bar_span(bar: int, tempo_map: TempoMap) -> tuple[float, float]:
    """Where a bar begins and how long it is, in quarters."""
    first = tempo_map.quarters_at(tempo_map.position_of(bar))
    return first, tempo_map.quarters_at(tempo_map.position_of(bar + 1)) - first


def _after_beats(start: float, beats: float, tempo_map: TempoMap) -> float:
    quarters, left = tempo_map.quarters_at(start), beats
    bar, _ = tempo_map.bar_beat_at(start)
    latest = start + (MAX_LENGTH_SECONDS + 1) * tempo_map.sample_rate
    while True:
        position = tempo_map.position_of(bar)
        if position > latest:
            return position
        first, length = _bar_span(bar, tempo_map)
        denominator = tempo_map.metre_at(position)[1]
        here = (first + length - quarters) * denominator / 4
        if left <= here + 1e-9:
            return tempo_map.position_at(quarters + left * 4 / denominator)
        quarters, left, bar = first + length, left - here, bar + 1


def _too_long_error(length: str, limit_seconds: float) -> RequestError:
    return _position_error(
        f"A range of {length} is too long.", f"The longest range is {limit_seconds:g} seconds."
    )


def _position_error(sentence: str, remedy: str) -> RequestError:
    return RequestError(ErrorCode.BAD_POSITION, sentence, remedy)
