"""What `analyse` says of MIDI items: read from their notes and from the project, with nothing listened to."""

from __future__ import annotations

from collections.abc import Sequence

from bandmate_bridge.analysis.report import AnalysisReport, ReportChord, ReportTempo
from bandmate_bridge.requests.ranges import GivenRanges, TimeSpan
from bandmate_bridge.requests.sections import project_ranges
from bandmate_bridge.requests.selection import choose_track
from bandmate_bridge.requests.written_harmony import WrittenNotes
from bandmate_bridge.rpp import Item, Project, Track, overlapping_items
from bandmate_protocol.tempo import nearest_frame


def written_report(project: Project, track: str | None, ranges: GivenRanges) -> AnalysisReport | None:
    """The report on the MIDI items of a track in some ranges, or in all of it; None where it has audio.

    Raises RequestError (`no_such_track`, ...) as for audio, and UnheardError for notes that cannot be read.
    """
    chosen = choose_track(project, track)
    ranges = project_ranges(project, ranges, several=False)
    times = ranges.times(project.tempo_map, project.ruler_start)
    items = _chosen_items(project, chosen, times)
    if not items or not all(item.is_midi for item in items):
        return None
    begin = min(item.chunk.number("POSITION") for item in items)
    end = max(item.chunk.number("POSITION") + item.chunk.number("LENGTH") for item in items)
    span = (max(begin, times[0][0]), min(end, times[-1][1])) if times else (begin, end)
    notes = WrittenNotes(project, span)
    for item in items:
        notes.add(chosen, item)
    return _build_report(project, span, notes)


def _chosen_items(project: Project, track: Track, times: Sequence[TimeSpan]) -> list[Item]:
    sounding = [item for item in track.items if not item.muted]
    if times:
        return overlapping_items(sounding, times[0][0], times[-1][1], project.sample_rate)
    return [item for item in sounding if item.selected] or sounding


def _build_report(project: Project, span: TimeSpan, notes: WrittenNotes) -> AnalysisReport:
    rate, tempo = project.sample_rate, project.tempo_map
    start, end = (nearest_frame(edge * rate) for edge in span)
    found = notes.harmony(span, lambda seconds: seconds * rate)
    beats = list(tempo.beats(start, end))
    numerator, denominator = tempo.metre_at(start)
    inside = tempo.timeline_between(start, max(end, start + 1)).tempo
    return AnalysisReport(
        frames=end - start,
        sample_rate=rate,
        start_frame=start,
        tempo=tuple(
            ReportTempo(max(point.position, float(start)), point.bpm, point.numerator, point.denominator)
            for point in inside
            if point.position < end
        ),
        beats=tuple(nearest_frame(beat.position) for beat in beats),
        downbeats=tuple(nearest_frame(beat.position) for beat in beats if beat.index == 0),
        metre=f"{numerator}/{denominator}",
        key=found.key,
        key_confidence=1.0 if found.key else 0.0,
        chords=tuple(ReportChord(max(mark.position, start), mark.symbol) for mark in found.chords),
        loudness=None,
    )
