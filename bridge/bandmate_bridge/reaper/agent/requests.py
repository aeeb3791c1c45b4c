"""From what a musician asks for in REAPER to jobs: one for each selected item, or one for the range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bandmate_bridge.client import Client
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.outputs.into_item import ItemSpot
from bandmate_bridge.progress import ProgressCallback
from bandmate_bridge.reaper.agent.facts import TimeSpan, build_project, music_range, selected_ranges
from bandmate_bridge.reaper.mailbox_messages import ReaperFacts, TaskRequest
from bandmate_bridge.requests.audio_jobs import TaskOptions, check_selected
from bandmate_bridge.requests.given_notes import (
    notes_in_project,
    place_notes,
    plays_notes,
    project_notes_range,
)
from bandmate_bridge.requests.sections import new_music_range, with_sections
from bandmate_bridge.requests.selection import SelectedItems, select_each_item, select_items
from bandmate_bridge.requests.surroundings import SurroundingMusic, gather_song
from bandmate_bridge.requests.target_ranges import target_ranges
from bandmate_bridge.requests.task_info import result_title
from bandmate_bridge.rpp import Item, PlayableItem, Project, Track, resolve_item
from bandmate_bridge.runs.on_audio import prepare_item_job, spot_of_job
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.forms import task_schemas
from bandmate_protocol.messages import JobTarget, TaskInfo, Timeline
from bandmate_protocol.unknown_names import unknown_task_error

_SELECT_ITEM = "Select one or more items in REAPER, and run the action again."


@dataclass(frozen=True)
class JobPlan:
    """One job that is yet to be asked for."""

    ask: TaskRequest
    task: TaskInfo
    project: Project
    title: str
    """Names the folder track and the files."""
    selected: SelectedItems | None = None
    """The item that it works on; none for new music."""
    onto: str = ""
    """The id of the track that takes new music, where one was named."""

    @property
    def item_id(self) -> str:
        """The item's id."""
        return self.selected.heard.item.guid if self.selected else ""

    @property
    def item_ids(self) -> list[str]:
        """The ids of all items that it works on."""
        return [piece.item.guid for piece in self.selected.all_items] if self.selected else []

    @property
    def track_id(self) -> str:
        """The id of the item's track."""
        return self.selected.heard.track.guid if self.selected else self.onto

    def prepare_job(self, client: Client, progress: ProgressCallback) -> tuple[JobRequest, ItemSpot | None]:
        """The job, with its audio sent, and where it belongs in the item. Raises RequestError."""
        params = _task_params(self.ask, self.task, self.selected.heard if self.selected else None)
        if self.selected is None:
            return self._new_music_request(client, params, progress), None
        laying = prepare_item_job(client, self.selected, _task_options(self.ask, self.task, params), progress)
        return laying.order, spot_of_job(self.project, laying, self.title) if self.ask.takes else None

    def _new_music_request(
        self, client: Client, params: dict[str, Any], progress: ProgressCallback
    ) -> JobRequest:
        ask, project = self.ask, self.project
        where = ask.where or JobTarget()
        source = notes_in_project(project, where.midi_track) if plays_notes(params) else None
        if source is None:
            timeline = _music_timeline(ask, project)
        else:
            timeline, _ = project_notes_range(project, source, target_ranges(where), where.key)
        around = SurroundingMusic()
        if self.task.listens and not (ask.where and ask.where.alone):
            around = gather_song(client, self.project, timeline, params, progress)
            timeline = around.apply_to(timeline)
        said: list[str] = []
        if source is not None:
            timeline, said = place_notes(source, timeline, project.tempo_map)
        remarks = (*said, *around.remarks)
        return JobRequest(ask.task, timeline, params, around.inputs, ask.engine, ask.seed, remarks=remarks)


def plan_jobs(ask: TaskRequest, tasks: Sequence[TaskInfo]) -> list[JobPlan]:
    """The jobs that an ask comes to. Raises RequestError that says what to select or to change."""
    task = next((task for task in tasks if task.name == ask.task), None)
    if task is None:
        raise unknown_task_error(ask.task, [task.name for task in tasks])
    project = build_project(ask.facts)
    if task.source != "required":
        named = project.find_track(ask.where.track).guid if ask.where and ask.where.track else ""
        return [JobPlan(ask, task, project, str(ask.params.get("prompt") or task.title), onto=named)]
    if ask.where is not None:
        return _plan_routed_jobs(ask, ask.where, task, project)
    return [
        _plan_selected_item(ask, task, project, track, item) for track, item in _selected_items(ask, project)
    ]


def _music_timeline(ask: TaskRequest, project: Project) -> Timeline:
    """What new music fills."""
    if ask.where is None:
        return with_sections(music_range(ask.facts, project, ask.bars), project)
    return new_music_range(project, target_ranges(ask.where), ask.where.key)


def _plan_routed_jobs(ask: TaskRequest, where: JobTarget, task: TaskInfo, project: Project) -> list[JobPlan]:
    """As a command works on a project's file: items by a track and positions."""
    ranges = target_ranges(where)
    if task.takes_ranges and ask.takes:
        chosen = select_each_item(project, where.track, ranges)
    else:
        chosen = [
            select_items(
                project, where.track, ranges, needs_range=task.takes_ranges, several=not ask.takes,
                whole=task.whole_items,
            )
        ]  # fmt: skip
    for selected in chosen:
        check_selected(selected, _task_options(ask, task, ask.params))
    return [
        JobPlan(ask, task, project, _job_title(ask, task, selected.heard.track), selected)
        for selected in chosen
    ]


def describe_plan(ask: TaskRequest, tasks: Sequence[TaskInfo]) -> str:
    """Where an ask would work, in a line for the panel. Raises RequestError as `plan_jobs`."""
    plans = plan_jobs(ask, tasks)
    project = plans[0].project
    rate = project.sample_rate
    if plans[0].selected is None:
        timeline = music_range(ask.facts, project, ask.bars)
        start, end = timeline.start_frame, timeline.end_frame
        if plays_notes(ask.params) and project.time_selection is None:
            start, end = _selected_bars(project) or (start, end)
    else:
        spans = [plan.selected.whole_span for plan in plans if plan.selected]
        start, end = (round(edge * rate) for edge in (min(spans)[0], max(end for _, end in spans)))
    count = f", {len(plans)} items" if len(plans) > 1 else ""
    numerator, denominator = project.tempo_map.metre_at(start)
    tempo = f"{project.tempo_map.bpm_at(start):.4g} bpm, {numerator}/{denominator}"
    return f"{_bar_text(project, start)} to {_bar_text(project, end)}{count}  {tempo}  {(end - start) / rate:.2f} s"


def _selected_bars(project: Project) -> tuple[int, int] | None:
    """The whole bars that the selected items fill; None where none is selected."""
    items = [item for track in project.tracks for item in track.items if item.selected]
    if not items:
        return None
    tempo = project.tempo_map
    first, _ = tempo.bar_beat_at(min(item.start_frame for item in items))
    last, beat = tempo.bar_beat_at(max(item.end_frame for item in items))
    return round(tempo.position_of(first)), round(tempo.position_of(last + (beat > 0)))


def _bar_text(project: Project, frame: int) -> str:
    bar, beat = project.tempo_map.bar_beat_at(frame)
    return f"{bar}.{round(beat + 1, 2):g}"


def _plan_selected_item(
    ask: TaskRequest, task: TaskInfo, project: Project, track: Track, item: Item
) -> JobPlan:
    heard = resolve_item(track, item, project.tempo_map)
    times = [] if task.whole_items else _item_ranges(ask.facts, heard)
    if task.takes_ranges and not times:
        raise RequestError(
            ErrorCode.BAD_POSITION,
            "No range of the item was given.",
            "Select the time in REAPER (drag in the ruler), or make a razor edit, and run the action again.",
        )
    selected = SelectedItems(project, heard, tuple(times))
    check_selected(selected, _task_options(ask, task, ask.params))
    return JobPlan(ask, task, project, _job_title(ask, task, track), selected)


def _task_options(ask: TaskRequest, task: TaskInfo, params: dict[str, Any]) -> TaskOptions:
    """The task as the project-file bridge asks for it."""
    where = ask.where or JobTarget()
    return TaskOptions(
        ask.task,
        params,
        engine=ask.engine,
        seed=ask.seed,
        key=where.key,
        in_place=ask.takes,
        ranged=task.takes_ranges,
        listens=task.listens and not where.alone,
        follows_chords=task.follows_chords and not where.alone,
    )


def _job_title(ask: TaskRequest, task: TaskInfo, track: Track) -> str:
    return result_title(task, track, ask.params.get("prompt"))


def _selected_items(ask: TaskRequest, project: Project) -> list[tuple[Track, Item]]:
    """The selected items; where a range touches some of them, only these."""
    pairs = [(track, item) for track in project.tracks for item in track.items if item.selected]
    if not pairs:
        raise RequestError(ErrorCode.INPUT_MISSING, "No item is selected.", _SELECT_ITEM)
    touched = [(track, item) for track, item in pairs if _is_touched(ask.facts, track, item)]
    return touched or pairs


def _is_touched(facts: ReaperFacts, track: Track, item: Item) -> bool:
    begin = item.chunk.number("POSITION")
    return bool(
        _clip_ranges(_track_ranges(facts, track.guid), begin, begin + item.chunk.number("LENGTH"), facts)
    )


def _item_ranges(facts: ReaperFacts, heard: PlayableItem) -> list[TimeSpan]:
    return _clip_ranges(_track_ranges(facts, heard.track.guid), heard.position, heard.end, facts)


def _track_ranges(facts: ReaperFacts, track: str) -> Sequence[TimeSpan]:
    """A track's own razor edits, else what is selected for all tracks."""
    own = next((fact.razor_seconds for fact in facts.tracks if fact.guid == track and fact.razor_seconds), ())
    if own or any(fact.razor_seconds for fact in facts.tracks):
        return own
    return selected_ranges(facts)


def _clip_ranges(ranges: Sequence[TimeSpan], begin: float, end: float, facts: ReaperFacts) -> list[TimeSpan]:
    frame = 1.0 / facts.project.sample_rate
    return [
        (max(first, begin), min(last, end))
        for first, last in sorted(ranges)
        if first < end - frame and last > begin + frame
    ]


def _task_params(ask: TaskRequest, task: TaskInfo, heard: PlayableItem | None) -> dict[str, Any]:
    """The parameters, with what REAPER knows and the musician need not say."""
    known = task_schemas(task)
    params = dict(ask.params)
    if "mix" in known and ask.mixed:
        params["mix"] = True
    if "part" in known and not params.get("part") and heard is not None:
        params["part"] = heard.track.name
    return params
