"""Analyses a recording: a report, a picture, and marks in a project."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from bandmate_bridge.analysis.lyrics import lyric_texts
from bandmate_bridge.analysis.report import AnalysisReport
from bandmate_bridge.client import Client
from bandmate_bridge.files import STANDARD_OUTPUT, check_free, partial_path, put_in_place, write_whole
from bandmate_bridge.jobs.job_run import FinishedJob, ReportSink, run_job
from bandmate_bridge.outputs.save_project import save_in_place
from bandmate_bridge.progress import ProgressCallback
from bandmate_bridge.requests.audio_jobs import TaskOptions, upload_and_probe
from bandmate_bridge.requests.placement import project_remarks
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.selection import SelectedItems
from bandmate_bridge.rpp import Project
from bandmate_bridge.runs.on_audio import GivenTempo, prepare_file_job, prepare_item_job
from bandmate_plugins._platform.installation import how_to_add
from bandmate_protocol.errors import ErrorCode, RequestError


class ReportDrawer(Protocol):
    """What draws a report into a file."""

    def __call__(
        self, report: Mapping[str, Any], path: Path, *, title: str = "", begins: float = 0.0
    ) -> None:
        """Writes the picture."""
        ...


def analyse_file(
    client: Client,
    file: Path,
    ranges: GivenRanges,
    wanted: TaskOptions,
    said: GivenTempo,
    progress: ProgressCallback,
) -> FinishedJob:
    """Analyses a file, or a range of it. Raises RequestError."""
    probed = upload_and_probe(client, file, progress)
    order = prepare_file_job(client, file, probed, ranges, wanted, said, progress)
    return run_job(client, order, ReportSink(), progress)[1]


def measure_loudness(client: Client, file: Path, progress: ProgressCallback) -> float | None:
    """The integrated loudness of a file in LUFS; None for silence. Raises RequestError."""
    wanted = TaskOptions("analyse", engine="dsp")
    done = analyse_file(client, file, GivenRanges(), wanted, GivenTempo(needs_music=False), progress).done
    loudness = AnalysisReport.from_values(done.report).loudness
    return loudness.integrated_lufs if loudness else None


def analyse_item(
    client: Client, selected: SelectedItems, wanted: TaskOptions, progress: ProgressCallback
) -> tuple[FinishedJob, list[str]]:
    """Analyses items of a project, in the project's frames; also returns what to tell of what was sent.

    Raises RequestError.
    """
    order = prepare_item_job(client, selected, wanted, progress).order
    _, outcome = run_job(client, order, ReportSink(), progress)
    return outcome, [*project_remarks(selected.project), *order.remarks]


def mark_project(project: Project, report: AnalysisReport, *, tempo_map: bool, force: bool) -> list[str]:
    """Puts chords as markers, sections as regions and lyrics as text items into a project and saves it; returns
    what to say.

    ``tempo_map``: the tempo that was heard becomes the project's. Raises RequestError; then nothing changed.
    """
    lines: list[str] = []
    asked = project.path
    if tempo_map:
        lines.append(_write_tempo_map(project, report))
    markers = report.markers()
    project.insert_markers(markers)
    regions = sum(marker.end_frame is not None for marker in markers)
    texts = lyric_texts(report)
    if texts:
        project.insert_texts("Lyrics", texts)
    if not markers and not lines and not texts:
        return [f"Nothing to mark was detected; {asked.name} is unchanged."]
    saved = save_in_place(project, asked, force=force)
    lines.append(
        f"{project.path.name}: {len(markers) - regions} chords as markers, {regions} sections as regions."
    )
    if texts:
        lines.append(
            "The lyrics are text items on a new track. Check them: a planner mishears words, and it does not know "
            "when they are sung."
        )
    return lines + saved


def _write_tempo_map(project: Project, report: AnalysisReport) -> str:
    """Makes the detected tempo the project's, unless it is uncertain or known; returns what to say."""
    if not report.beats:
        raise RequestError(
            ErrorCode.BAD_TIMELINE, "No beat was detected, so there is no tempo map.", "Remove --tempo-map."
        )
    if report.tempo_source == "project":
        return "The project's own tempo fits the recording, so its tempo map is unchanged."
    if not report.has_usable_tempo:
        return (
            "No tempo map was written, because the beats are not reliable. Set the tempo by hand, or analyse a "
            "part with a clearer beat."
        )
    points = report.project_tempo()
    project.insert_tempo(points)
    if len(report.tempo) == 1:
        return (
            f"The project's tempo is now {report.tempo[0].bpm:.2f} bpm; a bar starts on the first downbeat."
        )
    return f"The tempo map has {len(points)} points; a bar starts on the first downbeat."


def write_json(values: Mapping[str, Any], path: Path, *, force: bool) -> None:
    """Writes the whole report; to `-` for standard output. Raises RequestError (`file_exists`, ...)."""
    data = msgspec.json.format(msgspec.json.encode(dict(values))) + b"\n"
    if path == STANDARD_OUTPUT:
        sys.stdout.write(data.decode())
    else:
        write_whole(path, data, replace=force)


def check_files(*paths: Path | None, force: bool) -> None:
    """Raises RequestError for a file that cannot be made."""
    for path in paths:
        if path is not None and path != STANDARD_OUTPUT:
            check_free(path, replace=force)


def load_drawer() -> ReportDrawer:
    """What draws the picture. Raises RequestError (`engine_unavailable`) when that is not installed."""
    try:
        importlib.import_module("PIL")
        found: ReportDrawer = importlib.import_module("bandmate_bridge.picture").draw
    except ImportError as error:
        raise RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            "A picture needs Pillow, which is not installed here; --json works without it.",
            how_to_add("server"),
        ) from error
    return found


def write_picture(
    draw: ReportDrawer, values: Mapping[str, Any], path: Path, *, title: str, begins: float, force: bool
) -> None:
    """Draws the report into a PNG file, which appears whole; ``begins`` is the time at its left, in seconds.

    Raises RequestError (`file_exists`, ...).
    """
    partial = partial_path(path).with_suffix(".png")
    try:
        draw(values, partial, title=title, begins=begins)
        put_in_place(partial, path, replace=force)
    finally:
        partial.unlink(missing_ok=True)
