"""Work in a REAPER project file: results become tracks and takes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from bandmate.arguments import (
    PathLike,
    Position,
    SectionNames,
    check_section_alone,
    given_ranges,
    music_length,
    position_text,
    section_names,
    without_none,
)
from bandmate.progress import ProgressListener, listen_to_progress
from bandmate_bridge.analysis.report import AnalysisReport
from bandmate_bridge.client import Client
from bandmate_bridge.outputs.into_project import ProjectOutput, TrackLayout
from bandmate_bridge.progress import ProgressCallback
from bandmate_bridge.projects import load_project
from bandmate_bridge.requests.audio_jobs import TaskOptions
from bandmate_bridge.requests.given_notes import (
    ONLY,
    NotesSource,
    file_notes,
    note_params,
    place_notes,
    project_notes_range,
    track_notes,
)
from bandmate_bridge.requests.placement import placement_remarks, project_remarks
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.sections import new_music_range, project_sections, section_target
from bandmate_bridge.requests.selection import SelectedItems, select_each_item, select_items
from bandmate_bridge.requests.surroundings import SurroundingMusic, gather_song
from bandmate_bridge.rpp import Project as ProjectFile
from bandmate_bridge.runs.analyse import analyse_item, mark_project
from bandmate_bridge.runs.detected_sections import detected_ranges, needs_detection
from bandmate_bridge.runs.engine_names import check_engine
from bandmate_bridge.runs.generate import GenerateRequest, generate_variations
from bandmate_bridge.runs.on_audio import ProjectTarget, check_item, run_item_jobs
from bandmate_bridge.runs.project_targets import (
    accompany_target,
    cover_target,
    extend_target,
    loop_target,
    repaint_target,
    separate_target,
)
from bandmate_bridge.runs.run_result import RunResult
from bandmate_bridge.watch.routed import ReaperRoute, run_through_reaper
from bandmate_protocol.messages import JobTarget, Timeline


@dataclass(frozen=True)
class ProjectResult:
    """What came into a project."""

    project: Path
    """The file that was written: the project, or a copy beside it while REAPER may have it open."""
    files: tuple[Path, ...]
    """New audio in the project's media folder; empty where REAPER took the result."""
    lines: tuple[str, ...]
    """Sentences that say what is where."""
    remarks: tuple[str, ...]
    """What the engine, or Bandmate, says about the result."""
    job: str
    """The job's id."""
    engine: str
    seed: int
    report: Mapping[str, Any]
    """Values that the task reports."""


@dataclass(frozen=True)
class Section:
    """A section of a project: a region, or a marker up to the next one."""

    name: str
    start: float
    """In seconds, as the project's ruler shows them; a position for other calls."""
    end: float


class Project:
    """A REAPER project file. Each method waits until its result is in the project, which is read each time.

    Where REAPER has the project open and Bandmate's actions are installed, the result goes in there. Ranges
    are positions such as `"11.1"` (bar and beat), or sections by name (`section="chorus"`); without one, the time
    selection or the whole item counts,
    and without ``track`` the selected one. Raises BandmateError as the session does, and `no_such_track`,
    `bad_position`, `project_changed`, ...; then the project is as it was.
    """

    def __init__(
        self,
        client: Client,
        path: PathLike,
        progress: ProgressListener | None = None,
        *,
        token: str | None = None,
    ) -> None:
        self._client = client
        self._token = token
        self._path = Path(path)
        self._listener = progress
        load_project(self._path)

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def sections(self) -> tuple[Section, ...]:
        """The regions and markers of the saved file that are sections, in order; see `--section`."""
        project = load_project(self._path)
        return tuple(
            Section(one.name, one.start + project.ruler_start, one.end + project.ruler_start)
            for one in project_sections(project)
        )

    def generate(
        self,
        /,
        prompt: str,
        *,
        at: Position | None = None,
        bars: float | None = None,
        beats: float | None = None,
        seconds: float | None = None,
        section: SectionNames = (),
        track: str | None = None,
        key: str | None = None,
        flat: bool = False,
        midi: bool = False,
        alone: bool = False,
        midi_in: PathLike | None = None,
        midi_track: str | None = None,
        midi_as: str = ONLY,
        variations: int = 1,
        engine: str | None = None,
        seed: int | None = None,
        force: bool = False,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> ProjectResult:
        """Makes new parts that follow what plays there, unless ``alone``; on new tracks, or as a mix on one.

        Fills the time selection unless a place is given. ``flat`` leaves out the folder track.

        Plays the notes of a MIDI file, ``midi_in``, or of the MIDI items of the track ``midi_track``, as
        `Session.generate` does.
        """
        tell = self._tell(progress)
        length = music_length(bars, beats, seconds)
        names = section_names(section)
        if names:
            check_section_alone(at, bars, beats, seconds)
        start = None if at is None else position_text(at)
        if midi_in is not None or midi_track is not None:
            params = note_params(midi_as) | params
        if variations == 1 and not force and midi_in is None:
            target = JobTarget(
                track=track,
                at=start,
                bars=bars,
                beats=beats,
                seconds=seconds,
                key=key,
                alone=alone,
                flat=flat,
                midi=midi,
                midi_track=midi_track,
            )
            target = section_target(target, self._path, names, new_music=True)
            values = {"prompt": prompt, **params}
            routed = self._route("generate", values, target, engine, seed, tell)
            if routed is not None:
                return routed
        project = load_project(self._path)
        source = None
        if midi_in is not None:
            source = file_notes(Path(midi_in), midi_track)
        elif midi_track is not None:
            source = track_notes(project, midi_track)
        timeline, origin = _music_range(project, source, GivenRanges((), start, length, names), key)
        layout = TrackLayout(prompt, track=track, flat=flat, midi=midi)
        output = ProjectOutput(project, layout, force=force)
        output.check(variations)
        check_engine(self._client, engine)
        said = placement_remarks(project, timeline)
        around = SurroundingMusic()
        if not alone:
            around = gather_song(self._client, project, timeline, params, tell)
            timeline = around.apply_to(timeline)
        told: list[str] = []
        if source is not None:
            timeline, told = place_notes(source, timeline, project.tempo_map, origin)
        ask = GenerateRequest(
            prompt,
            secrets.randbits(31) if seed is None else seed,
            engine=engine,
            variations=variations,
            beside=around.inputs,
            params=dict(params),
        )
        result = generate_variations(self._client, ask, timeline, output, tell)
        result.decided += [*told, *said, *around.remarks]
        return self._result(result)

    def repaint(
        self,
        /,
        prompt: str = "",
        *,
        track: str | None = None,
        start: Position | None = None,
        end: Position | None = None,
        ranges: Sequence[tuple[Position, Position]] = (),
        section: SectionNames = (),
        part: str | None = None,
        alone: bool = False,
        engine: str | None = None,
        seed: int | None = None,
        key: str | None = None,
        force: bool = False,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> ProjectResult:
        """Makes a range of an item again, as a new take; the old one stays. A range may lie in several items."""
        wanted = TaskOptions(
            "repaint",
            {"prompt": prompt, "part": part or "", **params},
            engine=engine,
            seed=seed,
            key=key,
            in_place=True,
            ranged=True,
            listens=not alone,
        )
        call = _Call(wanted, track, given_ranges(start, end, ranges, section), force, JobTarget(alone=alone))
        routed = self._route_call(call, self._tell(progress))
        if routed is not None:
            return routed
        selected, *further = self._select_each(call)
        named = {"prompt": prompt, "part": part or selected.heard.track.name, **params}
        call = replace(call, wanted=replace(wanted, params=named))
        onto = repaint_target(selected, prompt)
        return self._run(call, selected, onto, self._tell(progress), further=further)

    def cover(
        self,
        /,
        prompt: str,
        *,
        strength: float = 0.5,
        track: str | None = None,
        start: Position | None = None,
        end: Position | None = None,
        section: SectionNames = (),
        take: bool = False,
        stems: bool = False,
        midi: bool = False,
        alone: bool = False,
        engine: str | None = None,
        seed: int | None = None,
        key: str | None = None,
        force: bool = False,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> ProjectResult:
        """Plays items again in another style: one new track, one for each part (``stems``), or a ``take``.

        Key and chords follow the other tracks too, unless ``alone``.
        """
        values = {"prompt": prompt, "strength": strength, "mix": not stems, **params}
        wanted = TaskOptions(
            "cover",
            values,
            engine=engine,
            seed=seed,
            key=key,
            in_place=take,
            listens=not alone,
            follows_chords=not alone,
        )
        placement = JobTarget(take=take, stems=stems, midi=midi, alone=alone)
        call = _Call(wanted, track, given_ranges(start, end, section=section), force, placement)
        onto = cover_target(prompt, take=take, stems=stems, midi=midi)
        return self._run_unless_routed(call, lambda _: onto, progress)

    def accompany(
        self,
        /,
        prompt: str,
        *,
        track: str | None = None,
        start: Position | None = None,
        end: Position | None = None,
        section: SectionNames = (),
        flat: bool = False,
        midi: bool = False,
        alone: bool = False,
        engine: str | None = None,
        seed: int | None = None,
        key: str | None = None,
        force: bool = False,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> ProjectResult:
        """Makes a backing for a voice or a solo, or a layer for a mix, on new tracks.

        Level, key and chords follow the other tracks too, unless ``alone``.
        """
        values = {"prompt": prompt, "mix": False, **params}
        wanted = TaskOptions(
            "accompany",
            values,
            engine=engine,
            seed=seed,
            key=key,
            listens=not alone,
            follows_chords=not alone,
        )
        placement = JobTarget(flat=flat, midi=midi, alone=alone)
        call = _Call(wanted, track, given_ranges(start, end, section=section), force, placement)
        onto = accompany_target(prompt, flat=flat, midi=midi)
        return self._run_unless_routed(call, lambda _: onto, progress)

    def extend(
        self,
        /,
        prompt: str = "",
        *,
        after: float | None = None,
        before: float | None = None,
        track: str | None = None,
        start: Position | None = None,
        end: Position | None = None,
        section: SectionNames = (),
        engine: str | None = None,
        seed: int | None = None,
        key: str | None = None,
        force: bool = False,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> ProjectResult:
        """Adds bars after an item, or before it, on a track below; the item is muted."""
        lengths = {"after": 4.0 if after is None and not before else after or 0.0, "before": before or 0.0}
        values = {"prompt": prompt, **lengths, **params}
        wanted = TaskOptions("extend", values, engine=engine, seed=seed, key=key)
        call = _Call(
            wanted, track, given_ranges(start, end, section=section), force, JobTarget(mute_source=True)
        )
        return self._run_unless_routed(
            call, lambda selected: extend_target(selected, prompt), progress, whole=True
        )

    def loop(
        self,
        /,
        prompt: str = "",
        *,
        seam: float | None = None,
        track: str | None = None,
        start: Position | None = None,
        end: Position | None = None,
        section: SectionNames = (),
        engine: str | None = None,
        seed: int | None = None,
        key: str | None = None,
        force: bool = False,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> ProjectResult:
        """Makes an item repeat without a seam, as a new take."""
        values = {"prompt": prompt, **without_none({"seam": seam}), **params}
        wanted = TaskOptions("loop", values, engine=engine, seed=seed, key=key, in_place=True)
        call = _Call(wanted, track, given_ranges(start, end, section=section), force, JobTarget(take=True))
        return self._run_unless_routed(call, lambda selected: loop_target(selected, prompt), progress)

    def separate(
        self,
        /,
        *,
        mode: str = "four",
        stems: str = "",
        track: str | None = None,
        start: Position | None = None,
        end: Position | None = None,
        section: SectionNames = (),
        mute_source: bool = False,
        engine: str | None = None,
        seed: int | None = None,
        force: bool = False,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> ProjectResult:
        """Takes items apart into stems, in a folder of tracks below the source."""
        values = {"mode": mode, "stems": stems, **params}
        wanted = TaskOptions("separate", values, engine=engine, seed=seed)
        call = _Call(
            wanted,
            track,
            given_ranges(start, end, section=section),
            force,
            JobTarget(mute_source=mute_source),
        )
        return self._run_unless_routed(
            call, lambda selected: separate_target(selected, mute_source=mute_source), progress
        )

    def analyse(
        self,
        *,
        track: str | None = None,
        start: Position | None = None,
        end: Position | None = None,
        section: SectionNames = (),
        mark: bool = True,
        tempo_map: bool = False,
        engine: str | None = None,
        force: bool = False,
        progress: ProgressListener | None = None,
    ) -> ProjectResult:
        """Detects chords, sections, tempo and key; the report has them, in the project's frames.

        ``mark`` writes chords as markers and sections as regions into the project file, ``tempo_map`` also the
        detected tempo.
        """
        wanted = TaskOptions("analyse", {"tempo": "audio"}, engine=engine)
        call = _Call(wanted, track, given_ranges(start, end, section=section), force, JobTarget())
        selected = self._select(call)
        check_engine(self._client, engine)
        outcome, said = analyse_item(self._client, selected, wanted, self._tell(progress))
        lines: list[str] = []
        if mark or tempo_map:
            report = AnalysisReport.from_values(outcome.done.report)
            lines = mark_project(selected.project, report, tempo_map=tempo_map, force=force)
        known = self._client.job(outcome.job)
        return ProjectResult(
            project=selected.project.path,
            files=(),
            lines=tuple(lines),
            remarks=(*said, *outcome.done.remarks),
            job=outcome.job,
            engine=known.engine,
            seed=known.seed,
            report=outcome.done.report,
        )

    def _run_unless_routed(
        self,
        call: _Call,
        target_of: Callable[[SelectedItems], ProjectTarget],
        progress: ProgressListener | None,
        *,
        whole: bool = False,
    ) -> ProjectResult:
        tell = self._tell(progress)
        routed = self._route_call(call, tell)
        if routed is not None:
            return routed
        selected = self._select(call, whole=whole)
        return self._run(call, selected, target_of(selected), tell)

    def _select(self, call: _Call, *, needs_range: bool = False, whole: bool = False) -> SelectedItems:
        project, ranges = self._project_and_ranges(call, several=needs_range)
        several = not call.wanted.in_place
        return select_items(
            project, call.track, ranges, needs_range=needs_range, several=several, whole=whole
        )

    def _select_each(self, call: _Call) -> list[SelectedItems]:
        project, ranges = self._project_and_ranges(call, several=True)
        return select_each_item(project, call.track, ranges)

    def _project_and_ranges(self, call: _Call, *, several: bool) -> tuple[ProjectFile, GivenRanges]:
        project = load_project(self._path)
        if not needs_detection(project, call.ranges):
            return project, call.ranges
        found = detected_ranges(
            self._client, project, call.track, call.ranges, self._tell(None), several=several
        )
        return project, found

    def _run(
        self,
        call: _Call,
        selected: SelectedItems,
        onto: ProjectTarget,
        tell: ProgressCallback,
        *,
        further: Sequence[SelectedItems] = (),
    ) -> ProjectResult:
        onto = replace(onto, force=call.force)
        for one in (selected, *further):
            check_item(one, call.wanted, onto)
        check_engine(self._client, call.wanted.engine)
        result = run_item_jobs(self._client, [selected, *further], call.wanted, onto, tell)
        if not call.wanted.in_place:
            result.decided = [*project_remarks(selected.project), *result.decided]
        return self._result(result)

    def _route_call(self, call: _Call, tell: ProgressCallback) -> ProjectResult | None:
        """Has REAPER take the result, where that has the project open."""
        if call.force:
            return None
        begins, ends = (tuple(span[side] for span in call.ranges.spans) for side in (0, 1))
        wanted = call.wanted
        target = msgspec.structs.replace(
            call.placement, track=call.track, key=wanted.key, begins=begins, ends=ends
        )
        target = section_target(target, self._path, call.ranges.sections, several=wanted.ranged)
        return self._route(wanted.task, wanted.params, target, wanted.engine, wanted.seed, tell)

    def _route(
        self,
        task: str,
        params: Mapping[str, Any],
        target: JobTarget,
        engine: str | None,
        seed: int | None,
        tell: ProgressCallback,
    ) -> ProjectResult | None:
        route = ReaperRoute(self._path, task, params, target, engine, seed)
        # On a connection of its own, as this one may carry the events of jobs that run.
        routed = run_through_reaper(route, tell, address=self._client.address, token=self._token)
        return None if routed is None else self._result(routed)

    def _result(self, result: RunResult) -> ProjectResult:
        accepted, outcome = result.accepted[-1], result.outcomes[-1]
        return ProjectResult(
            project=result.project_file or self._path,
            files=tuple(result.files),
            lines=tuple(result.lines),
            remarks=(*result.decided, *result.remarks),
            job=accepted.job,
            engine=accepted.engine,
            seed=accepted.seed,
            report=outcome.done.report,
        )

    def _tell(self, progress: ProgressListener | None) -> ProgressCallback:
        return listen_to_progress(progress or self._listener)


def _music_range(
    project: ProjectFile, source: NotesSource | None, ranges: GivenRanges, key: str | None
) -> tuple[Timeline, float]:
    """What new music fills, and where the quarter 0 of its notes lies."""
    if source is None:
        return new_music_range(project, ranges, key), 0.0
    return project_notes_range(project, source, ranges, key)


@dataclass(frozen=True)
class _Call:
    """What a call asks for on items."""

    wanted: TaskOptions
    track: str | None
    ranges: GivenRanges
    force: bool
    placement: JobTarget
    """How the result is placed, as the agent in REAPER reads it."""
