"""Carries out what surfaces ask for, on the project in focus, and shows what becomes of it."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable

from bandmate_protocol.errors import BandmateError
from bandmate_protocol.messages import Context, Error, Invoke, Invoked, ServerMessage, Slot
from bandmate_protocol.units import one_line
from bandmate_server.focus import FocusBoard
from bandmate_server.jobs.events import JobEvents
from bandmate_server.jobs.queue import JobQueue
from bandmate_server.slots import SlotStore
from bandmate_server.surfaces.control.actions import (
    CancelJob,
    RedoJob,
    RunTask,
    StoreLastAction,
    SurfaceAction,
)
from bandmate_server.surfaces.control.model import SHOWN_STEMS, ControlModel

_log = logging.getLogger(__name__)


class SurfaceController:
    """One for all surfaces of a server. `project` is the one that they act on; None: the one in focus."""

    def __init__(self, model: ControlModel, focus: FocusBoard, jobs: JobQueue, slots: SlotStore) -> None:
        self.model = model
        self.project: str | None = None
        self._focus = focus
        self._jobs = jobs
        self._slots = slots
        self._numbers = itertools.count(1)
        self._last: RunTask | None = None
        self._asked = 0
        """Requests that no bridge has answered yet."""
        self._cancelling = False
        """Cancel was pressed before the bridge had answered."""
        self._active: dict[str, asyncio.Task[None]] = {}
        """Jobs of surfaces that wait or run, the newest last: that one is shown."""

    def start(self) -> None:
        """Shows what there is, and everything that comes."""
        self._focus.add_listener(self._show_context)
        self._slots.add_listener(self._show_slots)
        self._show_slots()
        self._show_context()

    async def stop(self) -> None:
        """Lets go; the job goes on."""
        self._focus.remove_listener(self._show_context)
        self._slots.remove_listener(self._show_slots)
        self._focus.drop_connection(self)
        following = list(self._active.values())
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)

    def perform_action(self, action: SurfaceAction | None) -> None:
        """Does what was pressed; what goes wrong is shown as `error`."""
        try:
            match action:
                case RunTask():
                    self._run_task(action)
                case CancelJob():
                    self._cancel_jobs()
                case RedoJob():
                    self._redo_last()
                case StoreLastAction():
                    self._store_last(action.number)
        except BandmateError as error:
            self._show_failure(str(error))

    def _run_task(self, action: RunTask) -> None:
        self._last = action
        self.model.set_display("error", "")
        self.model.set_display("job/task", action.task)
        self._focus.pass_invoke(
            self,
            self._handle_answer,
            Invoke(
                request=f"surface-{next(self._numbers)}",
                task=action.task,
                params=action.params,
                engine=action.engine,
                project=self.project,
            ),
        )
        self._asked += 1
        self._cancelling = False
        self.model.set_display("job/state", "asked")

    def _redo_last(self) -> None:
        if self._last is None:
            self.model.set_display("error", "There is nothing to redo yet.")
        else:
            self._run_task(self._last)

    def _cancel_jobs(self) -> None:
        if not self._active and not self._asked:
            self.model.set_display("error", "No job of a surface is running.")
        self._cancelling = self._asked > 0
        for job in list(self._active):
            self._jobs.cancel(job)

    def _store_last(self, number: int) -> None:
        if self._last is None:
            self.model.set_display("error", "Run something first; a slot stores the last run.")
            return
        last = self._last
        self._slots.store(Slot(number=number, task=last.task, params=last.params, engine=last.engine))

    def _handle_answer(self, message: ServerMessage) -> None:
        if isinstance(message, Error | Invoked):
            self._asked -= 1
        if isinstance(message, Error):
            self._show_failure(f"{message.sentence} {message.remedy}".rstrip())
        elif isinstance(message, Invoked) and message.job is None:
            self._show_failure(message.sentence or "The project's bridge started nothing.")
        elif isinstance(message, Invoked) and message.job is not None:
            self._follow_job(message.job)

    def _show_failure(self, sentence: str) -> None:
        self.model.set_display("error", one_line(sentence))
        if not self._active:
            self.model.set_display("job/state", "failed")

    def _follow_job(self, job: str) -> None:
        if self._cancelling:
            self._jobs.cancel(job)
        self.model.set_display("job/id", job)
        self.model.set_display("job/stage", "")
        self.model.set_display("job/progress", 0.0)
        self.model.set_display("job/seconds_left", 0.0)
        for number in range(1, SHOWN_STEMS + 1):
            self.model.set_display(f"stem/{number}/name", "")
            self.model.set_display(f"stem/{number}/colour", "")
        self._active[job] = asyncio.create_task(self._show_job(job), name=f"surface job {job}")

    async def _show_job(self, job: str) -> None:
        """Shows a job for as long as it is the newest; when it has ended, it can no longer be cancelled."""
        news = asyncio.Event()
        feed = self._jobs.events_of(job)
        feed.add_follower(news)
        try:
            while True:
                news.clear()
                if self.model.value_of("job/id") == job:
                    self._show_state(feed)
                if not feed.job.is_active:
                    break
                await news.wait()
        finally:
            feed.remove_follower(news)
            self._active.pop(job, None)

    def _show_state(self, feed: JobEvents) -> None:
        show = self.model.set_display
        progress = feed.progress
        if progress is not None:
            show("job/stage", progress.stage)
            show("job/progress", progress.step / progress.steps if progress.steps else 0.0)
            show("job/seconds_left", progress.seconds_left or 0.0)
        for number, stem in enumerate(feed.stems[:SHOWN_STEMS], 1):
            show(f"stem/{number}/name", stem.name)
            show(f"stem/{number}/colour", stem.colour or "")
        if feed.job.state == "done":
            show("job/progress", 1.0)
            show("job/seconds_left", 0.0)
        if feed.job.sentence:
            show("error", one_line(feed.job.sentence))
        show("job/state", feed.job.state)

    def _show_slots(self) -> None:
        self.model.update_slots(self._slots.all_slots())

    def _show_context(self) -> None:
        contexts = self._focus.ranked_contexts()
        meant = [each for each in contexts if self.project in (None, each.project)]
        show_context(self.model.set_display, meant[0] if meant else None)

    def choose_project(self, project: str) -> None:
        """The project that surfaces act on from now on; the one in focus when empty."""
        self.project = project or None
        self._show_context()


def show_context(show: Callable[[str, float | int | bool | str], None], context: Context | None) -> None:
    """Puts what the musician looks at onto displays; nothing of it when no project is connected."""
    transport = context.transport if context else None
    timeline = context.timeline if context else None
    rate = timeline.sample_rate if timeline else None
    start = context.ruler_start if context else 0.0
    show("target/name", (context.project_name or context.project) if context else "")
    show("transport/playing", transport.playing if transport else False)
    show("transport/recording", transport.recording if transport else False)
    show("transport/seconds", transport.position / rate + start if transport and rate else 0.0)
    show("transport/bpm", (transport.bpm or 0.0) if transport else 0.0)
    show("selection/track", context.tracks[0].name if context and context.tracks else "")
    show("selection/items", float(len(context.items)) if context else 0.0)
    show("selection/start", timeline.start_frame / rate + start if timeline and rate else 0.0)
    show("selection/seconds", timeline.seconds if timeline else 0.0)
