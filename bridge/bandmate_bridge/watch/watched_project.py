"""A bridge for a project file: says what is selected in it, and does what a surface asks for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from bandmate_bridge.client import Client, Event
from bandmate_bridge.jobs.job_run import JobEnd, JobRun
from bandmate_bridge.jobs.receive import StemReceiver, make_folder
from bandmate_bridge.path_text import printable_text
from bandmate_bridge.progress import ProgressCallback, ProgressEvent
from bandmate_bridge.projects import load_project
from bandmate_bridge.requests.placement import project_remarks
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.sections import new_music_range
from bandmate_bridge.requests.target_ranges import target_ranges
from bandmate_bridge.requests.timing import DEFAULT_BARS, MusicLength
from bandmate_bridge.runs.any_task import find_server_task
from bandmate_bridge.watch.invoked import ProjectJob, prepare_audio_job, prepare_track_job
from bandmate_protocol.errors import BandmateError, RequestError
from bandmate_protocol.messages import (
    Accepted,
    Cancelled,
    Context,
    Done,
    Error,
    Invoke,
    Invoked,
    ItemRef,
    JobTarget,
    Progress,
    Timeline,
    TrackRef,
    Transport,
)
from bandmate_protocol.session import StemStarted
from bandmate_protocol.units import shorten_text

_POLL_SECONDS = 1.0
_MAX_REFS = 1024
_LABEL_CHARS = 256


class WatchedProject:
    """The project file and what is selected in it, read again whenever it was saved.

    Raises RequestError when it cannot be read at first; later it stays as it was until it can be.
    """

    def __init__(self, path: Path, *, at: str | None = None, bars: float | None = None) -> None:
        self.path = path
        self._at = at
        self._bars = bars or DEFAULT_BARS
        self._stamp = self._file_stamp()
        self.project = load_project(path)
        if at is not None:
            self.timeline()

    def reload_if_saved(self) -> bool:
        """Reads the project again if it was saved since; whether it did."""
        stamp = self._file_stamp()
        if stamp == self._stamp:
            return False
        try:
            self.project = load_project(self.path)
        except RequestError:
            # It is being written just now, or is gone for a moment.
            return False
        self._stamp = stamp
        return True

    def timeline(self) -> Timeline:
        """The time selection, else the bars from the given position or the edit cursor's bar on."""
        if self._at is not None:
            return self.project.range(self._at, bars=self._bars)
        if self.project.time_selection:
            return self.project.range()
        return self.project.range_at_cursor(self._bars)

    def ranges(self) -> GivenRanges:
        """What a task on audio works on: the given bars; else the time selection or all of an item."""
        return (
            GivenRanges()
            if self._at is None
            else GivenRanges(at=self._at, length=MusicLength(bars=self._bars))
        )

    def context(self) -> Context:
        """What the server is told of it."""
        project = self.project
        selected = [track for track in project.tracks if track.selected][:_MAX_REFS]
        items = [
            ItemRef(
                id=item.guid,
                track=track.guid,
                start_frame=max(item.start_frame, 0),
                frames=item.frames,
                name=item.name[:_LABEL_CHARS],
            )
            for track in project.tracks
            for item in track.items
            if item.selected and item.guid
        ]
        return Context(
            project=hashlib.sha256(str(self.path.absolute()).encode("utf-8", "surrogateescape")).hexdigest(),
            project_name=printable_text(self.path.name)[:_LABEL_CHARS],
            timeline=self._shown_timeline(),
            transport=Transport(
                position=max(project.cursor, 0), bpm=project.tempo_map.bpm_at(project.cursor)
            ),
            tracks=tuple(
                TrackRef(
                    id=track.guid,
                    index=track.number - 1,
                    name=track.name[:_LABEL_CHARS],
                    colour=track.colour,
                )
                for track in selected
            ),
            items=tuple(items[:_MAX_REFS]),
            ruler_start=project.ruler_start,
        )

    def _shown_timeline(self) -> Timeline:
        """For the server, which is told of the project whatever its cursor and selection are."""
        return self.timeline() if self._at is not None else self.project.range_in_view(self._bars)

    def _file_stamp(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


@dataclass
class _WatchedJob:
    invoke: Invoke
    accepted: Accepted
    asked: ProjectJob
    run: JobRun[StemReceiver]


class ProjectWatcher:
    """Answers `invoke` for one project until Ctrl-C; what runs then is cancelled."""

    def __init__(
        self, client: Client, watched: WatchedProject, *, say: Callable[[str], None], force: bool = False
    ) -> None:
        self._client = client
        self._watched = watched
        self._say = say
        self._force = force
        self._running: dict[str, _WatchedJob] = {}
        self._told = 0

    def run(self) -> NoReturn:
        """Runs until it is interrupted, or the server is gone for good (RequestError)."""
        self._say(f"Watching {self._watched.path} on {self._client.address}. Ctrl-C ends it.")
        for remark in project_remarks(self._watched.project):
            self._say(remark)
        try:
            while True:
                self.step(_POLL_SECONDS)
        finally:
            self._stop_jobs()

    def step(self, seconds: float) -> None:
        """Takes one event, or none in that time, and says what changed."""
        saved = self._watched.reload_if_saved()
        if saved:
            self._say(f"{self._watched.path.name} was saved.")
        if saved or self._told != self._client.connections:
            self._client.send(self._watched.context())
            self._told = self._client.connections
        event = self._client.poll(seconds)
        if event is not None:
            self._take_event(event)

    def _take_event(self, event: Event) -> None:
        running = self._running.get(getattr(event, "job", ""))
        match event:
            case Invoke():
                self._answer_invoke(event)
            case Error():
                self._say(f"The server reports: {event.sentence} {event.remedy}".rstrip())
            case _ if running is not None:
                self._follow_job(running, event)

    def _answer_invoke(self, invoke: Invoke) -> None:
        try:
            running = self._start_job(invoke)
        except BandmateError as error:
            self._say(f"Request for {invoke.task}: {error}")
            self._client.send(Invoked(request=invoke.request, sentence=str(error)))
            return
        self._running[running.accepted.job] = running
        self._say(f"Request for {invoke.task}: job {running.accepted.job} on {running.accepted.engine}.")
        self._client.send(Invoked(request=invoke.request, job=running.accepted.job))

    def _start_job(self, invoke: Invoke) -> _WatchedJob:
        task = find_server_task(self._client.describe(), invoke.task)
        project = load_project(self._watched.path)
        where = invoke.where or JobTarget()
        named = target_ranges(where)
        # A length without a place is one at the selection, which decides.
        has_place = bool(named.spans or named.sections) or named.at is not None
        if task.source == "required":
            ranges = named if has_place else self._watched.ranges()
            asked = prepare_audio_job(self._client, project, task, invoke, ranges, force=self._force)
        else:
            timeline = new_music_range(project, named, where.key) if has_place else self._watched.timeline()
            asked = prepare_track_job(self._client, project, task, invoke, timeline, force=self._force)
        folder = project.media_folder()
        if not asked.reports:
            make_folder(folder)
        accepted = asked.submit(self._client, project)
        run = JobRun(self._client, accepted.job, StemReceiver(folder), self._stage_printer(accepted.job))
        return _WatchedJob(invoke, accepted, asked, run)

    def _stage_printer(self, job: str) -> ProgressCallback:
        """Prints each stage of a job once."""
        shown = ""

        def progress(event: ProgressEvent) -> None:
            nonlocal shown
            if isinstance(event, Progress) and event.stage != shown:
                shown = event.stage
                self._say(f"{job}: {shown}.")

        return progress

    def _follow_job(self, running: _WatchedJob, event: Event) -> None:
        job = running.accepted.job
        try:
            running.run.take(event)
            if isinstance(event, StemStarted):
                self._say(f"{job}: receiving {event.stem.name}.")
            elif running.run.end is not None:
                del self._running[job]
                self._end_job(running, running.run.end)
        except BandmateError as error:
            running.run.sink.abandon()
            self._running.pop(job, None)
            self._say(f"{job}: {error}")
            self._tell_outcome(running, str(error))

    def _end_job(self, running: _WatchedJob, message: JobEnd) -> None:
        job = running.accepted.job
        if not isinstance(message, Done):
            running.run.sink.abandon()
            said = "it was cancelled." if isinstance(message, Cancelled) else message.sentence
            self._say(f"{job}: {said}")
            return
        project = load_project(self._watched.path)
        for line in running.asked.insert_result(
            project, running.accepted, running.run.sink, message, force=self._force
        ):
            self._say(f"{job}: {line}")
        for remark in (*running.asked.order.remarks, *message.remarks):
            self._say(f"{job}: {remark}")
        self._tell_outcome(running, "")

    def _tell_outcome(self, running: _WatchedJob, problem: str) -> None:
        """Says whether the result is in the project, if the asker wants to know; `problem` is empty when it is."""
        if running.invoke.wants_outcome:
            request, job = running.invoke.request, running.accepted.job
            self._client.send(
                Invoked(request=request, job=job, sentence=shorten_text(problem), placed=not problem)
            )

    def _stop_jobs(self) -> None:
        for running in self._running.values():
            running.run.stop()
        # Said last: the terminal may be gone, which must not keep a job from being cancelled.
        for job in self._running:
            self._say(f"{job}: cancelled, because the watch ends.")
        self._running.clear()
