"""The jobs behind one request: what has to be known first, then one for each audio, and their files."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Done, Submit
from bandmate_protocol.texts import say
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.audio_files import Bits
from bandmate_server.compat.chat.content import MadeMusic
from bandmate_server.compat.chat.data_url import AudioPart, audio_data_url
from bandmate_server.compat.chat.errors import FieldError
from bandmate_server.compat.chat.models import check_model
from bandmate_server.compat.chat.music_order import MusicOrder
from bandmate_server.compat.client_jobs import ClientJobs
from bandmate_server.compat.making import check_done, wait_for_end, watch
from bandmate_server.compat.songs.music import metre_name, read_key
from bandmate_server.compat.songs.planning import SourceAudio
from bandmate_server.compat.songs.preparation import check_song, measure, needs_analysis, prepare_song
from bandmate_server.compat.songs.result_audio import make_result_audio
from bandmate_server.compat.songs.song import Song
from bandmate_server.compat.sources import store_audio
from bandmate_server.jobs.events import JobEvents

OWNER = "chat"
"""Whose quota of jobs every client of this API shares."""
_BITS: Bits = 16

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
class Making:
    """One request on its way. `start` finds out whether it can be done; `finish` waits for it.

    Its jobs are those of `jobs`, whose context has to last until the end.
    """

    context: CompatContext
    jobs: ClientJobs
    order: MusicOrder
    model: str
    """What makes it, as an answer says it."""
    source: SourceAudio | None = None
    reference: SourceAudio | None = None
    _song: Song = field(default_factory=lambda: Song(""))
    _feeds: list[JobEvents] = field(default_factory=list)
    _remarks: list[str] = field(default_factory=list)

    @classmethod
    async def start(cls, context: CompatContext, jobs: ClientJobs, order: MusicOrder) -> Making:
        """Submits the jobs of a request, unless something has to be made first. Raises RequestError where it cannot be
        done.
        """
        plugins = await context.services.catalogue.plugins()
        model, remark = check_model(plugins, order.model)
        making = cls(context, jobs, order, model)
        making._remark(remark)
        await making._take_audio()
        # Megabytes that nobody needs any more.
        making.order = replace(order, audio=())
        await check_song(context, order.request, making.source, making.reference)
        if not (order.request.is_to_be_written or needs_analysis(order.request)):
            await making._submit_music(ignore_progress)
        return making

    async def finish(self, say_progress: SayProgress) -> tuple[MadeMusic, list[MadeAudio]]:
        """The music. Raises BandmateError."""
        if not self._feeds:
            await self._submit_music(say_progress)
        made = []
        for number, feed in enumerate(self._feeds):
            done = await self._end_of(feed, say_progress, number)
            self._note_done(done)
            made.append(await self._encode(feed))
        return self._described(), made

    async def _take_audio(self) -> None:
        """Stores the audio of the message, by its order."""
        taken = [await self._store(part) for part in self.order.audio[:2]]
        if not self.order.request.needs_source:
            taken.insert(0, None)
        self.source, self.reference, *_ = (*taken, None, None)
        self._check_range()

    async def _store(self, part: AudioPart) -> SourceAudio | None:
        try:
            return await measure(self.context, await store_audio(self.context.services, part.data))
        except RequestError as error:
            if error.code not in (ErrorCode.INPUT_UNUSABLE, ErrorCode.INPUT_MISSING):
                raise
            raise FieldError(part.param, error.sentence, error.remedy) from error

    def _check_range(self) -> None:
        fields = self.order.request.fields
        start, end = fields.number("repainting_start") or 0.0, fields.number("repainting_end") or 0.0
        if self.order.request.task == "repaint" and self.source and end <= 0 and start >= self.source.seconds:
            raise FieldError(
                "repainting_start",
                say(
                    "The range begins after the audio, which is {seconds:.2f} s long.",
                    seconds=self.source.seconds,
                ),
            )

    async def _submit_music(self, say_progress: SayProgress) -> None:
        async def finish(message: Submit) -> Done:
            return await self._end_of(await self.jobs.submit(message), say_progress, 0)

        prepared = await prepare_song(self.context, finish, self.order.request, self.source, self.reference)
        for remark in prepared.remarks:
            self._remark(remark)
        self._song = prepared.described
        self._feeds += [await self.jobs.submit(plan) for plan in prepared.plans]

    async def _end_of(self, feed: JobEvents, say_progress: SayProgress, number: int) -> Done:
        said: dict[str, Any] = {}
        async for _ in watch(feed):
            news = _progress_of(feed, number, len(self.order.request.seeds))
            if news != said:
                said = news
                await say_progress(news)
        return check_done(await wait_for_end(feed))

    def _note_done(self, done: Done) -> None:
        for remark in done.remarks:
            self._remark(remark)
        self._song = replace(self._song, key=self._song.key or read_key(str(done.report.get("key") or "")))

    def _remark(self, sentence: str) -> None:
        if sentence and sentence not in self._remarks:
            self._remarks.append(sentence)

    async def _encode(self, feed: JobEvents) -> MadeAudio:
        job, container = feed.job, self.order.container
        file = await make_result_audio(self.context, job.id, 0, container, _BITS)
        try:
            url = await asyncio.to_thread(lambda: audio_data_url(file.read_bytes(), container))
        finally:
            await asyncio.to_thread(shutil.rmtree, file.parent, ignore_errors=True)
        return MadeAudio(url, job.seed, job.id, round(self._song.seconds or 0.0, 6))

    def _described(self) -> MadeMusic:
        song = self._song
        return MadeMusic(
            caption=song.caption,
            bpm=song.bpm,
            seconds=song.seconds,
            key=song.key,
            metre=metre_name(song.metre) if song.metre else "",
            lyrics=song.lyrics,
            engine=self._feeds[0].job.engine,
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
