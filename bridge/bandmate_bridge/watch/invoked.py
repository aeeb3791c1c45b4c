"""What a surface asks of a watched project: which job that is, and where its result goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bandmate_bridge.analysis.report import AnalysisReport
from bandmate_bridge.client import Client
from bandmate_bridge.display import ProgressDisplay
from bandmate_bridge.jobs.receive import StemReceiver
from bandmate_bridge.outputs.into_item import ItemOutput
from bandmate_bridge.outputs.into_project import ProjectOutput, TrackLayout
from bandmate_bridge.outputs.output import ReceivedJob, ResultOutput
from bandmate_bridge.requests.audio_jobs import JobRequest, TaskOptions
from bandmate_bridge.requests.selection import GivenRanges, SelectedItems, select_items
from bandmate_bridge.requests.surroundings import SurroundingMusic, add_song_context
from bandmate_bridge.rpp import Project
from bandmate_bridge.runs.analyse import mark_project
from bandmate_bridge.runs.on_audio import ProjectTarget, check_item, prepare_item_job, spot_of_job
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Accepted, Done, Invoke, TaskInfo, Timeline

GENERATE, REPAINT, SEPARATE, ANALYSE = "generate", "repaint", "separate", "analyse"


@dataclass(frozen=True)
class ProjectJob:
    """A job for a project, and how its result goes into the project as that is by then."""

    order: JobRequest
    output: Callable[[Project], ResultOutput]
    reports: bool = False
    """The result is a report, which becomes marks."""

    def submit(self, client: Client, project: Project) -> Accepted:
        """Asks for it."""
        order = self.order
        return client.submit(
            order.task,
            order.timeline,
            order.params,
            engine=order.engine,
            seed=order.seed,
            inputs=order.inputs,
            origin=self.output(project).origin if not self.reports else None,
        )

    def insert_result(
        self, project: Project, accepted: Accepted, receiver: StemReceiver, done: Done, *, force: bool
    ) -> list[str]:
        """Puts the result into the project; returns what to say. Raises RequestError."""
        if not receiver.stems:
            if not self.reports:
                raise RequestError(ErrorCode.ENGINE_FAILED, "The engine made no audio.")
            return mark_project(
                project, AnalysisReport.from_values(done.report), tempo_map=False, force=force
            )
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
    client: Client, project: Project, invoke: Invoke, timeline: Timeline, *, force: bool
) -> ProjectJob:
    """A task that needs no audio, over a range: new tracks. `generate` goes with what plays there."""
    layout = TrackLayout(_folder_title(invoke))
    around, params = SurroundingMusic(), invoke.params
    if invoke.task == GENERATE:
        around, params = add_song_context(client, project, timeline, params, ProgressDisplay(terminal=False))
        timeline = around.apply_to(timeline)
    order = JobRequest(invoke.task, timeline, params, around.inputs, invoke.engine, remarks=around.remarks)
    return ProjectJob(order, lambda project: ProjectOutput(project, layout, force=force))


def prepare_audio_job(
    client: Client, project: Project, task: TaskInfo, invoke: Invoke, ranges: GivenRanges, *, force: bool
) -> ProjectJob:
    """A task that works on audio, on the selected item or track. Raises RequestError that says why not."""
    repaints = task.name == REPAINT
    selected = select_items(project, None, ranges, needs_range=repaints, several=not repaints)
    wanted = _task_options(selected, invoke)
    onto = _project_target(selected, invoke)
    check_item(selected, wanted, onto)
    laying = prepare_item_job(client, selected, wanted, ProgressDisplay(terminal=False))
    if onto.layout is not None:
        layout = onto.layout
        return ProjectJob(
            laying.order,
            lambda now: ProjectOutput(now, layout, force=force),
            reports=task.ability == ANALYSE,
        )
    spot = spot_of_job(project, laying, onto.title)
    return ProjectJob(laying.order, lambda now: ItemOutput(now, spot, force=force))


def _task_options(selected: SelectedItems, invoke: Invoke) -> TaskOptions:
    params = dict(invoke.params)
    in_place = invoke.task == REPAINT
    if in_place:
        params.setdefault("part", selected.heard.track.name)
    return TaskOptions(
        invoke.task, params, engine=invoke.engine, in_place=in_place, ranged=in_place, listens=in_place
    )


def _project_target(selected: SelectedItems, invoke: Invoke) -> ProjectTarget:
    track = selected.heard.track
    if invoke.task == REPAINT:
        return ProjectTarget(str(invoke.params.get("prompt") or f"{track.title} repainted"))
    if invoke.task == SEPARATE:
        return ProjectTarget(
            "", TrackLayout(f"{track.title} stems", below=track.guid, like=selected.model_place)
        )
    return ProjectTarget("", TrackLayout(_folder_title(invoke)))


def _folder_title(invoke: Invoke) -> str:
    return str(invoke.params.get("prompt") or invoke.task)
