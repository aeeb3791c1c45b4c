"""What a surface asks of a watched project: which job that is, and where its result goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bandmate_bridge.analysis.report import read_analysis, report_lines
from bandmate_bridge.client import Client
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.jobs.receive import StemReceiver
from bandmate_bridge.outputs.into_item import ItemOutput
from bandmate_bridge.outputs.into_project import ProjectOutput, TrackLayout
from bandmate_bridge.outputs.output import ReceivedJob, ResultOutput
from bandmate_bridge.progress import ignore_progress
from bandmate_bridge.requests.audio_jobs import TaskOptions
from bandmate_bridge.requests.given_notes import (
    place_notes,
    plays_notes,
    project_notes_range,
    selected_notes,
)
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.sections import with_sections
from bandmate_bridge.requests.selection import SelectedItems, select_items
from bandmate_bridge.requests.surroundings import SurroundingMusic, gather_song
from bandmate_bridge.requests.task_info import has_param, result_title
from bandmate_bridge.rpp import Project
from bandmate_bridge.runs.analyse import mark_project
from bandmate_bridge.runs.on_audio import ProjectTarget, check_item, prepare_item_job, spot_of_job
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Accepted, Done, Invoke, JobTarget, TaskInfo, Timeline


@dataclass(frozen=True)
class ProjectJob:
    """A job for a project, and how its result goes into the project as that is by then."""

    order: JobRequest
    output: Callable[[Project], ResultOutput]
    reports: bool = False
    """The result is a report: of an analysis it becomes marks, and of anything else it is said."""

    def submit(self, client: Client, project: Project) -> Accepted:
        """Asks for it."""
        return self.order.submit(client, None if self.reports else self.output(project).origin)

    def insert_result(
        self, project: Project, accepted: Accepted, receiver: StemReceiver, done: Done, *, force: bool
    ) -> list[str]:
        """Puts the result into the project; returns what to say. Raises RequestError."""
        if not receiver.stems:
            if not self.reports:
                raise RequestError(ErrorCode.ENGINE_FAILED, "The engine produced no audio.")
            analysis = read_analysis(done.report)
            if analysis is None:
                return report_lines(done.report)
            return mark_project(project, analysis, tempo_map=False, force=force)
        output = self.output(project)
        try:
            if output.mixed:
                receiver.mix()
            output.add(
                ReceivedJob(
                    job=accepted.job,
                    seed=accepted.seed,
                    number=None,
                    timeline=self.order.timeline,
                    receiver=receiver,
                )
            )
            return output.finish()
        except BaseException:
            output.abandon()
            raise


def prepare_track_job(
    client: Client, project: Project, task: TaskInfo, invoke: Invoke, timeline: Timeline, *, force: bool
) -> ProjectJob:
    """A task that needs no audio, over a range: new tracks. One that listens goes with what plays there."""
    where = invoke.where or JobTarget()
    if where.track is not None:
        project.find_track(where.track)
    layout = TrackLayout(_folder_title(invoke), track=where.track, flat=where.flat)
    timeline = with_sections(timeline, project)
    around = SurroundingMusic()
    source = selected_notes(project) if plays_notes(invoke.params) else None
    if source is not None:
        timeline, _ = project_notes_range(project, source, GivenRanges(), timeline.key)
    if task.listens and not where.alone:
        around = gather_song(client, project, timeline, invoke.params, ignore_progress)
        timeline = around.apply_to(timeline)
    said: list[str] = []
    if source is not None:
        timeline, said = place_notes(source, timeline, project.tempo_map)
    remarks = (*said, *around.remarks)
    order = JobRequest(
        invoke.task, timeline, invoke.params, around.inputs, invoke.engine, invoke.seed, remarks=remarks
    )
    return ProjectJob(
        order,
        lambda project: ProjectOutput(project, layout, force=force),
        reports=task.result == "report",
    )


def prepare_audio_job(
    client: Client, project: Project, task: TaskInfo, invoke: Invoke, ranges: GivenRanges, *, force: bool
) -> ProjectJob:
    """A task that works on audio, on the track that is named, else the selected item or track.

    Raises RequestError that says why not.
    """
    in_place = task.result == "take"
    where = invoke.where or JobTarget()
    selected = select_items(
        project,
        where.track,
        ranges,
        needs_range=task.takes_ranges,
        several=not in_place,
        whole=task.whole_items,
    )
    wanted = _task_options(selected, task, invoke)
    onto = _project_target(selected, task, invoke)
    check_item(selected, wanted, onto)
    laying = prepare_item_job(client, selected, wanted, ignore_progress)
    if onto.layout is not None:
        layout = onto.layout
        return ProjectJob(
            laying.order,
            lambda now: ProjectOutput(now, layout, force=force),
            reports=task.result == "report",
        )
    spot = spot_of_job(project, laying, onto.title)
    return ProjectJob(laying.order, lambda now: ItemOutput(now, spot, mixed=onto.mixed, force=force))


def _task_options(selected: SelectedItems, task: TaskInfo, invoke: Invoke) -> TaskOptions:
    where = invoke.where or JobTarget()
    params = dict(invoke.params)
    if has_param(task, "part"):
        params.setdefault("part", selected.heard.track.name)
    return TaskOptions(
        invoke.task,
        params,
        engine=invoke.engine,
        seed=invoke.seed,
        key=where.key,
        in_place=task.result == "take",
        ranged=task.takes_ranges,
        listens=task.listens and not where.alone,
        follows_chords=task.follows_chords and not where.alone,
    )


def _project_target(selected: SelectedItems, task: TaskInfo, invoke: Invoke) -> ProjectTarget:
    track, prompt = selected.heard.track, invoke.params.get("prompt")
    if task.result == "take":
        return ProjectTarget(result_title(task, track, prompt), mixed=not task.takes_ranges)
    if task.result == "stems":
        title = result_title(task, track, prompt)
        return ProjectTarget("", TrackLayout(title, below=track.guid, like=selected.model_place))
    return ProjectTarget("", TrackLayout(_folder_title(invoke)))


def _folder_title(invoke: Invoke) -> str:
    return str(invoke.params.get("prompt") or invoke.task)
