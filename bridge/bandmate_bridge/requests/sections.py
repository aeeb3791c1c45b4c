"""Sections by name: a project's regions, and its markers up to the next one, as ranges and on timelines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from bandmate_bridge.projects import load_project
from bandmate_bridge.requests.chord_markers import chord_named
from bandmate_bridge.requests.ranges import GivenRanges, TimeSpan
from bandmate_bridge.rpp import Marker, Project
from bandmate_plugins._theory.section_names import NamedSection, find_sections, unknown_section_error
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import JobTarget, SectionMark, Timeline
from bandmate_protocol.tempo import nearest_frame
from bandmate_protocol.texts import say
from bandmate_protocol.units import one_line, shorten_text

_MAX_SECTIONS = 1_024
_MOST_SHOWN = 12
_ACTION_MARKERS = ("!", "=")
"""How markers begin that are commands, such as `=START` of renders and `!40044` of actions."""
_NO_SECTIONS = (
    "The project has no regions and no named markers. `bandmate analyse --into song.rpp --track NAME` detects sections "
    "and writes them as regions, or give positions with --from and --to."
)


def project_sections(project: Project) -> list[NamedSection]:
    """The form of a project, in seconds: its regions; also its markers where there is at most one region.

    A marker's section ends at the next marker, the last one's with the last item. What names chords is left out.
    """
    regions, markers = _region_sections(project), _marker_sections(project)
    found = regions if len(regions) > 1 else [*regions, *markers]
    return sorted(found, key=lambda one: (one.start, one.end))


def project_ranges(project: Project, ranges: GivenRanges, *, several: bool) -> GivenRanges:
    """Ranges with the positions of the sections that they name, as the project's ruler shows them.

    `several`: whether more than one range is possible. Raises RequestError (`bad_position`) for a name that no
    section has, and for one that means more than one range where only one is possible.
    """
    if not ranges.sections:
        return ranges
    sections = project_sections(project)

    def shown(seconds: float) -> str:
        bar, beat = project.tempo_map.bar_beat_at(seconds * project.sample_rate)
        return f"{bar}.{beat + 1:.4g}"

    others = _marker_sections(project)
    spans = section_spans(
        ranges.sections, sections, others, several=several, shown=shown, no_sections=_NO_SECTIONS
    )
    return _position_ranges(spans, project.ruler_start)


def new_music_range(project: Project, ranges: GivenRanges, key: str | None) -> Timeline:
    """The one range that new music fills, with the project's sections; without any, the time selection.

    Raises RequestError (`bad_position`).
    """
    ranges = project_ranges(project, ranges, several=False)
    if ranges.spans:
        begin, end = ranges.spans[0]
        return with_sections(project.range(begin, end=end, key=key), project)
    length = ranges.length
    if ranges.at is not None and length.is_open:
        length = length.or_default()
    timeline = project.range(ranges.at, bars=length.bars, beats=length.beats, seconds=length.seconds, key=key)
    return with_sections(timeline, project)


def section_target(
    target: JobTarget, path: Path, names: Sequence[str], *, new_music: bool = False, several: bool = False
) -> JobTarget:
    """A target in REAPER that names sections, with their positions in the saved project for agents that know no names.

    Without positions where the saved project has no such sections: the one that is open may.
    """
    if not names:
        return target
    target = msgspec.structs.replace(target, sections=tuple(names))
    try:
        project = load_project(path)
        ranges = project_ranges(project, GivenRanges(sections=tuple(names)), several=several)
        times = ranges.times(project.tempo_map, project.ruler_start)
    except RequestError:
        return target
    begins, ends = (tuple(span[side] for span in ranges.spans) for side in (0, 1))
    if new_music:
        return msgspec.structs.replace(target, at=begins[0], seconds=times[0][1] - times[0][0])
    return msgspec.structs.replace(target, begins=begins, ends=ends)


def recording_ranges(
    ranges: GivenRanges,
    sections: Sequence[NamedSection],
    *,
    several: bool,
    shown: Callable[[float], str],
    ruler_start: float = 0.0,
) -> GivenRanges:
    """The same for a recording whose sections were detected, in seconds; its ruler begins at `ruler_start`."""
    if not ranges.sections:
        return ranges
    spans = section_spans(
        ranges.sections,
        sections,
        several=several,
        shown=shown,
        no_sections="No sections were detected in the recording. Give positions with --from and --to.",
    )
    return _position_ranges(spans, ruler_start)


def section_spans(
    names: Sequence[str],
    sections: Sequence[NamedSection],
    others: Sequence[NamedSection] = (),
    *,
    several: bool,
    shown: Callable[[float], str],
    no_sections: str,
) -> list[TimeSpan]:
    """Where named sections are; those that follow one another directly are one span.

    `others` are searched for names that `sections` do not have.
    """
    found: list[NamedSection] = []
    for name in names:
        named = find_sections(name, sections) or find_sections(name, others)
        if not named:
            raise unknown_section_error(name, sections, no_sections)
        found += named
    spans: list[TimeSpan] = []
    for start, end in sorted({(one.start, one.end) for one in found}):
        if spans and start <= spans[-1][1] + 1e-9:
            spans[-1] = spans[-1][0], max(spans[-1][1], end)
        else:
            spans.append((start, end))
    if len(spans) > 1 and not several:
        raise _several_ranges_error(names, found, shown)
    return spans


def with_sections(
    timeline: Timeline, project: Project, frame_at: Callable[[float], float] | None = None
) -> Timeline:
    """A timeline with the sections of the project that overlap it, and the one that begins at its end.

    `frame_at` gives the timeline's frame of a second, where those are not the project's own.
    """
    return mark_sections(timeline, project_sections(project), frame_at)


def mark_sections(
    timeline: Timeline, sections: Sequence[NamedSection], frame_at: Callable[[float], float] | None = None
) -> Timeline:
    """The same for sections in seconds from the first frame, wherever they come from."""
    marks = []
    for one in sections:
        edges = (frame_at(edge) if frame_at else edge * timeline.sample_rate for edge in (one.start, one.end))
        start, end = (max(nearest_frame(edge), 0) for edge in edges)
        if start <= timeline.end_frame + 1 and end > timeline.start_frame and end > start:
            marks.append(SectionMark(start_frame=start, end_frame=end, name=one_line(one.name, 256)))
    return msgspec.structs.replace(timeline, sections=tuple(marks[:_MAX_SECTIONS])) if marks else timeline


def _region_sections(project: Project) -> list[NamedSection]:
    chords, rate = chord_named(project), project.sample_rate
    return [
        NamedSection(marker.name, marker.frame / rate, marker.end_frame / rate)
        for marker in project.markers
        if marker.end_frame is not None and marker.end_frame > marker.frame and marker not in chords
    ]


def _marker_sections(project: Project) -> list[NamedSection]:
    """From one marker to the next; the last one's reaches to the end of the last item."""
    chords, rate = chord_named(project), project.sample_rate
    named = [marker for marker in project.markers if _names_section(marker) and marker not in chords]
    named.sort(key=lambda marker: marker.frame)
    last = max((item.end_frame for track in project.tracks for item in track.items), default=0)
    ends = [marker.frame for marker in named[1:]] + [last] * bool(named)
    return [
        NamedSection(marker.name, marker.frame / rate, end / rate)
        for marker, end in zip(named, ends, strict=True)
        if end > marker.frame
    ]


def _names_section(marker: Marker) -> bool:
    name = marker.name.strip()
    return marker.end_frame is None and bool(name) and not name.startswith(_ACTION_MARKERS)


def _position_ranges(spans: Sequence[TimeSpan], ruler_start: float) -> GivenRanges:
    return GivenRanges(
        tuple((f"{start + ruler_start:.9f}s", f"{end + ruler_start:.9f}s") for start, end in spans)
    )


def _several_ranges_error(
    names: Sequence[str], found: Sequence[NamedSection], shown: Callable[[float], str]
) -> RequestError:
    """That one of them has to be named; the remedy lists how."""
    ordered = sorted(dict.fromkeys(found), key=lambda one: one.start)
    if len(names) > 1:
        remedy = "Name sections that follow one another, or one at a time."
    else:
        base = shorten_text(names[0].strip(), 40)
        listed = [
            f"'{base}:{number}' ({one.name.strip()} at {shown(one.start)})"
            for number, one in enumerate(ordered, 1)
        ]
        more = ", ..." if len(listed) > _MOST_SHOWN else ""
        remedy = say("Name one of them: {listed}.", listed=", ".join(listed[:_MOST_SHOWN]) + more)
    return RequestError(
        ErrorCode.BAD_POSITION,
        say(
            "'{names}' means {count} separate sections, but one range is needed.",
            names=shorten_text(", ".join(names), 80),
            count=len(ordered),
        ),
        remedy,
    )
