"""The jobs behind one request: what has to be known first, then one for each audio, and their files."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bandmate_plugins._host.loading.records import PluginCatalogue
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Done, Input, Probe, Probed, Submit, Suggest, Timeline
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.audio_files import make_audio, make_take
from bandmate_server.compat.chat.content import MadeMusic
from bandmate_server.compat.chat.data_url import audio_data_url
from bandmate_server.compat.chat.errors import FieldError
from bandmate_server.compat.chat.models import ChosenModel, choose_model
from bandmate_server.compat.chat.music_order import MusicOrder
from bandmate_server.compat.chat.song import Song, reported_song, song_of, suggested_song
from bandmate_server.compat.chat.source_timeline import listening_timeline, source_timeline
from bandmate_server.compat.chat.tasks import (
    WantedTask,
    choose_task,
    choose_writer,
    music_params,
    with_range,
    write_params,
)
from bandmate_server.compat.client_jobs import ClientJobs
from bandmate_server.compat.making import check_done, open_timeline, wait_for_end, watch
from bandmate_server.compat.sources import store_audio
from bandmate_server.jobs.events import JobEvents
from bandmate_server.sessions import requests

OWNER = "chat"
"""Whose quota of jobs every client of this API shares."""
REQUEST_ID = "chat"
_NO_WRITER = (ErrorCode.NO_SUCH_TASK, ErrorCode.NO_SUCH_ENGINE, ErrorCode.ENGINE_UNAVAILABLE)

SayProgress = Callable[[Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class MadeAudio:
    """One audio of an answer."""

    url: str
    seed: int
    job: str
    seconds: float

    def part(self) -> dict[str, Any]:
        """As `message.audio` has it: upstream's fields, then ours."""
        return {
            "type": "audio_url",
            "audio_url": {"url": self.url},
            "seed": self.seed,
            "job": self.job,
            "seconds": self.seconds,
        }


@dataclass
class _Source:
    """The recording that a task works on."""

    probed: Probed
    timeline: Timeline


@dataclass
class Making:
    """One request on its way. `start` finds out whether it can be done; `finish` waits for it.

    Its jobs are those of `jobs`, whose context has to last until the end.
    """

    context: CompatContext
    jobs: ClientJobs
    order: MusicOrder
    chosen: ChosenModel
    plugins: PluginCatalogue
    song: Song
    engine: str = ""
    _inputs: list[Input] = field(default_factory=list)
    _source: _Source | None = None
    _range: tuple[int, int] | None = None
    _before: JobEvents | None = None
    """The job that has to end before the music can be asked for."""
    _feeds: list[JobEvents] = field(default_factory=list)
    _remarks: list[str] = field(default_factory=list)

    @property
    def model(self) -> str:
        """The model that makes it."""
        return self.chosen.id

    @classmethod
    async def start(cls, context: CompatContext, jobs: ClientJobs, order: MusicOrder) -> Making:
        """Submits the first job of a request. Raises RequestError where it cannot be done."""
        plugins = await context.services.catalogue.plugins()
        making = cls(context, jobs, order, choose_model(plugins, order.model), plugins, song_of(order))
        if making.chosen.remark:
            making._remarks.append(making.chosen.remark)
        choose_task(plugins, order, making.chosen)
        await making._take_audio()
        # Megabytes that nobody needs any more.
        making.order = replace(order, wish=replace(order.wish, audio=()))
        await making._submit_first()
        return making

    async def finish(self, say_progress: SayProgress) -> tuple[MadeMusic, list[MadeAudio]]:
        """The music. Raises BandmateError."""
        if self._before is not None:
            await self._take_report(await self._end_of(self._before, say_progress, 0))
        made = []
        for number, feed in enumerate(self._feeds):
            done = await self._end_of(feed, say_progress, number)
            self._note_done(done)
            made.append(await self._encode(feed))
        return self._described(), made

    async def _take_audio(self) -> None:
        """Stores the audio of the message: the first is what a task works on, or the reference of `generate`."""
        roles = ("reference",) if self.order.task == "text2music" else ("source", "reference")
        for role, part in zip(roles, self.order.wish.audio, strict=False):
            try:
                sha256 = await store_audio(self.context.services, part.data)
                probed = await requests.probe_audio(
                    self.context.services, Probe(request=REQUEST_ID, sha256=sha256)
                )
            except RequestError as error:
                if error.code not in (ErrorCode.INPUT_UNUSABLE, ErrorCode.INPUT_MISSING):
                    raise
                raise FieldError(part.param, error.sentence, error.remedy) from error
            self._inputs.append(Input(role=role, sha256=sha256))
            if role == "source":
                self._source = _Source(probed, listening_timeline(probed))

    async def _submit_first(self) -> None:
        if self._source is not None:
            if self.song.bpm is None and self.order.task != "extract":
                self._before = await self.jobs.submit(
                    Submit(
                        request=REQUEST_ID,
                        task="analyse",
                        timeline=self._source.timeline,
                        params={"tempo": "audio"},
                        inputs=(self._inputs[0],),
                        origin={"api": "chat"},
                    )
                )
                return
        elif self.order.is_idea or self.order.tidies:
            writer = self._writer()
            if writer is not None:
                params = write_params(self.order, self.song)
                self._before = await self.jobs.submit(writer.submit(requests.OPEN_TIMELINE, params))
                return
        await self._submit_music({})

    def _writer(self) -> WantedTask | None:
        """The task that writes the song first; None where no engine can, and the words stay as they are."""
        try:
            return choose_writer(self.plugins, self.order, self.chosen)
        except RequestError as error:
            if error.code not in _NO_WRITER:
                raise
            self._remarks.append(f"The words were taken as they are: {error.sentence}")
            return None

    async def _take_report(self, done: Done) -> None:
        self._before = None
        found = reported_song(done.report)
        if self._source is None:
            self.song = replace(
                self.song,
                prompt=found.prompt or self.song.prompt,
                lyrics=found.lyrics or self.song.lyrics,
                language=found.language if self.song.language == "unknown" else self.song.language,
            )
            self._remarks += done.remarks
        self.song = self.song.with_music(replace(found, seconds=None if self._source else found.seconds))
        await self._submit_music(done.report)

    async def _submit_music(self, report: Mapping[str, Any]) -> None:
        task = choose_task(self.plugins, self.order, self.chosen)
        self.engine = task.engine.name if task.engine else ""
        timeline = await self._timeline(report)
        params = music_params(self.order, self.song, task)
        if self._range is not None:
            first, last = self._range
            params["ranges"] = [{"start_frame": first, "end_frame": last}]
        for seed in self.order.seeds:
            self._feeds.append(await self.jobs.submit(task.submit(timeline, params, self._inputs, seed)))

    async def _timeline(self, report: Mapping[str, Any]) -> Timeline:
        if self._source is not None:
            return self._source_timeline(self._source, report)
        if self.song.is_open and self.song.prompt:
            self.song = self.song.with_music(await self._suggestion())
        self.song = self.song.whole()
        numerator, denominator = self.song.metre or (4, 4)
        return open_timeline(
            self.song.seconds or 0.0, self.song.bpm or 0.0, numerator, denominator, self.song.key
        )

    def _source_timeline(self, source: _Source, report: Mapping[str, Any]) -> Timeline:
        probed = source.probed
        timeline = source_timeline(probed, self.song, report)
        self.song = replace(self.song, seconds=probed.frames / probed.sample_rate)
        if self.order.task != "repaint":
            return timeline
        start, end = self.order.repaint_seconds
        start_frame = round(start * probed.sample_rate)
        end_frame = probed.frames if end is None else min(round(end * probed.sample_rate), probed.frames)
        if start_frame >= end_frame:
            raise FieldError(
                "repainting_start",
                f"The range begins after the audio, which is {self.song.seconds:.2f} s long.",
            )
        self._range = start_frame, end_frame
        return with_range(timeline, start_frame, end_frame)

    async def _suggestion(self) -> Song:
        message = Suggest(
            request=REQUEST_ID,
            prompt=self.song.prompt,
            engine=self.chosen.engine,
            seed=next((seed for seed in self.order.seeds if seed is not None), 0),
        )
        try:
            with self.context.limits.place("questions"):
                return suggested_song(await requests.suggest_music(self.context.services, message))
        except RequestError as error:
            if error.code not in _NO_WRITER:
                raise
            return Song("", "")

    async def _end_of(self, feed: JobEvents, say_progress: SayProgress, number: int) -> Done:
        said: dict[str, Any] = {}
        async for _ in watch(feed):
            news = _progress_of(feed, number, len(self.order.seeds))
            if news != said:
                said = news
                await say_progress(news)
        return check_done(await wait_for_end(feed))

    def _note_done(self, done: Done) -> None:
        self._remarks += [remark for remark in done.remarks if remark not in self._remarks]
        if self.song.key is None:
            self.song = self.song.with_music(replace(reported_song(done.report), seconds=None))

    async def _encode(self, feed: JobEvents) -> MadeAudio:
        job, container = feed.job, self.order.container
        if self._source is not None and self._range is not None:
            file = await make_take(self.context, job.id, self._source.probed.frames, container, 16)
        else:
            file = await make_audio(self.context, job.id, 0, container, 16)
        try:
            url = await asyncio.to_thread(lambda: audio_data_url(file.read_bytes(), container))
        finally:
            await asyncio.to_thread(shutil.rmtree, file.parent, ignore_errors=True)
        return MadeAudio(url, job.seed, job.id, round(self.song.seconds or 0.0, 6))

    def _described(self) -> MadeMusic:
        song = self.song
        return MadeMusic(
            caption=song.prompt,
            bpm=song.bpm,
            seconds=song.seconds,
            key=song.key,
            metre=song.metre_text,
            lyrics=song.lyrics,
            engine=self.engine,
            seeds=tuple(feed.job.seed for feed in self._feeds),
            remarks=tuple(self._remarks),
        )


async def ignore_progress(_: Mapping[str, Any]) -> None:
    """For those who wait for the whole answer."""


def _progress_of(feed: JobEvents, number: int, audios: int) -> dict[str, Any]:
    """How far a job is, for the clients that want to know it exactly."""
    said: dict[str, Any] = {"state": feed.job.state, "task": feed.job.submit.task}
    said |= {"audio": number + 1, "audios": audios}
    progress = feed.progress
    if progress is not None and feed.job.state == "running":
        said |= {"stage": progress.stage, "step": progress.step, "steps": progress.steps}
        if progress.seconds_left is not None:
            said["seconds_left"] = progress.seconds_left
    return said
