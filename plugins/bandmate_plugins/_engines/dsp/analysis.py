"""Answers requests to analyse: reads the source, lets `listening` hear it, and reports in project frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bandmate_plugins._engines.dsp.project_grid import beats_agree, project_pulse
from bandmate_plugins._listening import DetectedBeats, MusicAnalyser, MusicAnalysis
from bandmate_plugins._listening.version import LISTENING_VERSION
from bandmate_plugins._tasks.analyse import AnalyseParams
from bandmate_plugins.outputs import Output, Remark, StageProgress, TaskReport
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import nearest_frame
from bandmate_protocol.texts import say

_PIECE_SECONDS = 4
MAX_MARKS = 16_000
"""Entries of one list of the report; the wire takes 16,384."""
_UNSURE = 0.25
_LIKE_DRUMS = 0.2
"""The most confidence in the key of what sounds like drums alone."""
_FEW_CHANGES = 12.0
"""Changes of chord in a minute, below which what has no tuning sounds like drums alone."""
_RARE_METRES = frozenset({(5, 4), (6, 4), (7, 4)})
"""Metres of few recordings, which a single part without drums may be counted in by mistake."""
_MAX_DBTP = 0.0


def analyse_source(request: TaskRequest[Any], source: AudioInput, context: TaskContext) -> Iterator[Output]:
    """Reports what is in the source. Raises RequestError (`input_unusable`)."""
    params: AnalyseParams = request.params
    rate = request.timeline.sample_rate
    ear = MusicAnalyser(rate, source.channels, source.frames)
    size = _PIECE_SECONDS * rate
    count = -(-source.frames // size)
    for step in range(count):
        context.check()
        for samples in _read_blocks(source, step * size, min((step + 1) * size, source.frames)):
            ear.add(samples)
        yield StageProgress("Analysing", step + 1, count)
    own = project_pulse(request.tempo, source)

    def settled(pulse: DetectedBeats) -> DetectedBeats:
        return own if params.tempo == "hear" and beats_agree(pulse, own) else pulse

    heard = ear.finish_analysis(context.check, own if params.tempo == "project" else None, settled)
    yield TaskReport(report_values(heard, source, request.timeline, by_project=heard.pulse is own))
    yield from (Remark(sentence) for sentence in _analysis_remarks(heard))


def _read_blocks(source: AudioInput, start: int, stop: int) -> Iterator[Any]:
    while start < stop:
        samples = source.read(start, stop - start)
        if not len(samples):
            raise RequestError(
                ErrorCode.INPUT_UNUSABLE,
                say(
                    "The source ends after {start} of its {frames} frames.", start=start, frames=source.frames
                ),
                "Wait until the file is complete, and send it again.",
            )
        yield samples
        start += len(samples)


def report_values(
    heard: MusicAnalysis, source: AudioInput, timeline: Timeline, *, by_project: bool
) -> dict[str, Any]:
    """The values of the report, positions in frames of the project; docs/analysis.md lists them."""
    rate, start = timeline.sample_rate, source.start_frame
    end = start + source.frames

    def frame(seconds: float) -> int:
        return min(max(nearest_frame(seconds * rate) + start, start), end)

    beats = [frame(beat) for beat in heard.beats.tolist()]
    firsts = [frame(beat) for beat in heard.downbeats.tolist()]
    points = _tempo_entries(heard, timeline, start, end, by_project=by_project)
    return {
        "listening": LISTENING_VERSION,
        "frames": source.frames,
        "sample_rate": rate,
        "start_frame": start,
        "tempo": points,
        "beats": beats[:MAX_MARKS],
        "downbeats": firsts[:MAX_MARKS],
        "tempo_source": "project" if by_project else "audio",
        "tempo_kind": _tempo_kind(heard, points) if beats and points else None,
        "median_bpm": _median_bpm(points, end) if beats and points else None,
        "metre": f"{heard.numerator}/{heard.denominator}" if len(firsts) or by_project else None,
        "key": heard.key,
        "key_confidence": _key_confidence(heard),
        "tuning_cents": heard.tuning_cents,
        "chords": [
            {"position": frame(chord.seconds), "symbol": chord.symbol} for chord in heard.chords[:MAX_MARKS]
        ],
        "sections": [
            {"start_frame": frame(one.start), "end_frame": frame(one.end), "label": one.label}
            for one in heard.sections
        ],
        "loudness": {
            "integrated_lufs": heard.levels.integrated_lufs,
            "range_lu": heard.levels.range_lu,
            "true_peak_dbtp": heard.levels.true_peak_dbtp,
            "short_term_lufs": heard.levels.short_term_lufs,
            "short_term_step_frames": heard.levels.short_term_step_frames,
        },
        "overview": {
            "step_frames": heard.levels.overview_step_frames,
            "low": heard.levels.low,
            "high": heard.levels.high,
        },
    }


def _key_confidence(heard: MusicAnalysis) -> float:
    """The confidence in the key; low where neither a tuning nor a change of harmony tells notes from drums."""
    changes = 60 * heard.fitted_changes / max(heard.seconds, 1.0)
    if heard.tuning_cents is None and changes < _FEW_CHANGES:
        return min(heard.key_confidence, _LIKE_DRUMS)
    return heard.key_confidence


def _tempo_entries(
    heard: MusicAnalysis, timeline: Timeline, start: int, end: int, *, by_project: bool
) -> list[dict[str, Any]]:
    if by_project:
        inside = [point for point in timeline.tempo if point.position < end]
        after = [point for point in inside if point.position > start]
        held = [point for point in inside if point.position <= start][-1:]
        points = [(point.position, point.bpm, point.numerator, point.denominator) for point in held + after]
    else:
        rate = timeline.sample_rate
        points = [
            (start + max(change.seconds, 0.0) * rate, change.bpm, heard.numerator, heard.denominator)
            for change in heard.tempo
        ]
    return [
        {
            "position": round(float(position), 3),
            "bpm": round(float(bpm), 4),
            "numerator": numerator,
            "denominator": denominator,
        }
        for position, bpm, numerator, denominator in points
    ]


def _tempo_kind(heard: MusicAnalysis, points: list[dict[str, Any]]) -> str:
    """`unsure` where the beats slipped: then the tempo is no map to work by."""
    if not heard.sure:
        return "unsure"
    return "steady" if len(points) == 1 else "moving"


def _median_bpm(points: list[dict[str, Any]], end: int) -> float:
    """The tempo that half of the time is slower than."""
    ends = [*(point["position"] for point in points[1:]), float(end)]
    held = sorted(
        (point["bpm"], max(stop - point["position"], 0.0)) for point, stop in zip(points, ends, strict=True)
    )
    passed = np.cumsum([frames for _, frames in held])
    return float(held[int(np.searchsorted(passed, passed[-1] / 2))][0])


def _analysis_remarks(heard: MusicAnalysis) -> Iterator[str]:
    if heard.levels.true_peak_dbtp is None:
        yield "The recording is silent, so there is nothing to analyse."
        return
    if not len(heard.beats):
        yield "No beat was detected; chords are given per half second, sections by time."
    elif not heard.sure:
        yield "The beats are uncertain: treat the tempo as a hint."
    if len(heard.downbeats) and (heard.numerator, heard.denominator) in _RARE_METRES:
        yield say(
            "Few recordings are in {metre}, so the bars, and the tempo with them, may be counted wrongly.",
            metre=f"{heard.numerator}/{heard.denominator}",
        )
    if heard.key is None:
        yield "No key was detected: the notes are spread evenly, or there are none."
    elif _key_confidence(heard) < _UNSURE:
        yield say("The key, {key}, is little more than a guess.", key=heard.key)
    peak = heard.levels.true_peak_dbtp
    if peak > _MAX_DBTP:
        yield say("The recording exceeds full scale: its true peak is {peak:+.1f} dBTP.", peak=peak)
