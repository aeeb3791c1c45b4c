"""Reads a report of `analyse`, as it comes from a server, into what is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


@dataclass(frozen=True)
class TimedAnalysis:
    """A report with positions in seconds from its start."""

    seconds: float
    beats: list[float]
    downbeats: list[float]
    tempo: list[tuple[float, float]]
    """Seconds, and quarter notes a minute from there on."""
    metre: str | None
    key: str | None
    chords: list[tuple[float, float, str]]
    """Start, end, symbol."""
    sections: list[tuple[float, float, str]]
    integrated: float | None
    """LUFS."""
    peak: float | None
    """dBTP."""
    spread: float | None
    """The loudness range in LU."""
    short_term: list[tuple[float, float]]
    """Seconds, LUFS."""
    wave: list[tuple[float, float]]
    """The lowest and highest sample of each column."""
    column_seconds: float


def read_analysis(report: Mapping[str, Any]) -> TimedAnalysis:
    """The report in seconds. Raises RequestError (`bad_params`) when it is none of `analyse`."""
    try:
        return _read_values(report)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say(
                "This is not a report of `analyse`: {name} at {error}.",
                name=type(error).__name__,
                error=error,
            ),
            "Pass the unchanged report of the task `analyse`.",
        ) from error


def _read_values(report: Mapping[str, Any]) -> TimedAnalysis:
    rate, start = int(report["sample_rate"]), int(report["start_frame"])
    length = int(report["frames"]) / rate
    if length <= 0:
        raise ValueError("its length")

    def at(frame: float) -> float:
        return (frame - start) / rate

    chords = [(at(mark["position"]), str(mark["symbol"])) for mark in report["chords"]]
    ends = [*(place for place, _ in chords), length][1:]
    loudness, overview = report["loudness"], report["overview"]
    step = loudness["short_term_step_frames"] / rate
    return TimedAnalysis(
        seconds=length,
        beats=[at(frame) for frame in report["beats"]],
        downbeats=[at(frame) for frame in report["downbeats"]],
        tempo=[(at(point["position"]), float(point["bpm"])) for point in report["tempo"]],
        metre=str(report["metre"]) if report["metre"] else None,
        key=report["key"],
        chords=[(place, end, symbol) for (place, symbol), end in zip(chords, ends, strict=True)],
        sections=[
            (at(one["start_frame"]), at(one["end_frame"]), str(one["label"])) for one in report["sections"]
        ],
        integrated=_optional_number(loudness["integrated_lufs"]),
        peak=_optional_number(loudness["true_peak_dbtp"]),
        spread=_optional_number(loudness["range_lu"]),
        short_term=[(index * step, float(value)) for index, value in enumerate(loudness["short_term_lufs"])],
        wave=[(float(low), float(high)) for low, high in zip(overview["low"], overview["high"], strict=True)],
        column_seconds=overview["step_frames"] / rate,
    )


def _optional_number(value: Any) -> float | None:
    return None if value is None else float(value)
