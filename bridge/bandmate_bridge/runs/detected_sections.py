"""Sections of a project that has no regions and no markers: those that are detected in a track."""

from __future__ import annotations

from bandmate_bridge.analysis.report import AnalysisReport
from bandmate_bridge.client import Client
from bandmate_bridge.progress import ProgressCallback, SubjectChanged
from bandmate_bridge.requests.audio_jobs import TaskOptions
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.sections import project_sections, recording_ranges
from bandmate_bridge.requests.selection import select_items
from bandmate_bridge.rpp import Project, time_text
from bandmate_bridge.runs.analyse import analyse_item


def needs_detection(project: Project, ranges: GivenRanges) -> bool:
    """Whether sections are named in a project that has none."""
    return bool(ranges.sections) and not any(one.name.strip() for one in project_sections(project))


def detected_ranges(
    client: Client,
    project: Project,
    track: str | None,
    ranges: GivenRanges,
    progress: ProgressCallback,
    *,
    several: bool,
) -> GivenRanges:
    """Ranges with the positions of the sections that they name, as `analyse` detects them in all of a track.

    Raises RequestError as `select_items`, and `bad_position` for a name that no section has.
    """
    selected = select_items(project, track, GivenRanges(), needs_range=False, several=True)
    progress(SubjectChanged("Detecting the sections"))
    outcome, _ = analyse_item(client, selected, TaskOptions("analyse", {"tempo": "hear"}), progress)
    progress(SubjectChanged(""))
    start = project.ruler_start
    return recording_ranges(
        ranges,
        AnalysisReport.from_values(outcome.done.report).named_sections(),
        several=several,
        shown=lambda seconds: time_text(seconds + start),
        ruler_start=start,
    )
