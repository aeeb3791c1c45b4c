"""A session with a server: what it can be asked for."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bandmate.arguments import (
    PathLike,
    Position,
    SectionNames,
    audio_file,
    check_ranges_given,
    given_ranges,
    metre_pair,
    music_length,
    without_none,
)
from bandmate.job import Job
from bandmate.progress import ProgressListener, listen_to_progress
from bandmate.project import Project
from bandmate.result import SourceFile
from bandmate_bridge.client import Client
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.progress import Notice, StageStarted
from bandmate_bridge.requests.audio_jobs import TaskOptions, upload_and_probe
from bandmate_bridge.requests.given_chart import chart_decides_key
from bandmate_bridge.requests.given_notes import ONLY, file_notes, note_params
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.task_info import has_param
from bandmate_bridge.requests.timing import TempoMetreKey
from bandmate_bridge.runs.any_task import find_server_task
from bandmate_bridge.runs.engine_names import check_engine
from bandmate_bridge.runs.generate import upload_inputs
from bandmate_bridge.runs.new_music import NewMusic
from bandmate_bridge.runs.new_notes import notes_timeline
from bandmate_bridge.runs.on_audio import GivenTempo, prepare_file_job
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.messages import Catalogue
from bandmate_protocol.texts import say

_POLL_SECONDS = 5.0
Metre = str | tuple[int, int]
"""Such as `"7/8"` or `(7, 8)`."""


def connect(
    address: str | None = None,
    *,
    token: str | None = None,
    start: bool = True,
    progress: ProgressListener | None = None,
) -> Session:
    """Connects to this user's server, or to the one at an address; starts one where none runs.

    ``address`` is `host:port`, and ``token`` its secret, where that is not this user's own. ``start=False``
    only connects. ``progress`` hears about everything that takes time, for jobs without a listener of their
    own. Use the session in one thread, as a context manager.

    Raises BandmateError: `no_server`, `not_allowed`, `unsupported_protocol`, `port_busy`.
    """
    tell = listen_to_progress(progress)
    client = Client.connect(
        address,
        role="cli",
        name="python",
        token=token,
        start=start,
        notify=lambda stage: tell(StageStarted(stage)),
        warn=lambda sentence: tell(Notice(sentence)),
    )
    return Session(client, progress, token=token)


class Session:
    """A connection to a server. Jobs run at the same time; closing cancels those that have not ended.

    Every method that asks for a job raises BandmateError as the server refuses it (`bad_params`,
    `no_such_engine`, ...), and for files that cannot be used (`file_unusable`, `input_unusable`). Further
    keyword arguments are parameters of the task, as `bandmate plugins --task` lists them.
    """

    def __init__(
        self, client: Client, progress: ProgressListener | None = None, *, token: str | None = None
    ) -> None:
        self._client = client
        self._token = token
        self._listener = progress
        self._jobs: dict[str, Job] = {}

    def generate(
        self,
        /,
        prompt: str,
        *,
        bars: float | None = None,
        beats: float | None = None,
        seconds: float | None = None,
        bpm: float | None = None,
        metre: Metre | None = None,
        key: str | None = None,
        sample_rate: int = 48_000,
        context: PathLike | None = None,
        reference: PathLike | None = None,
        midi_in: PathLike | None = None,
        midi_track: str | None = None,
        midi_as: str = ONLY,
        engine: str | None = None,
        seed: int | None = None,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> Job:
        """Makes new parts from words; 8 bars unless a length is given.

        ``context`` is an audio file that plays at the same time, ``reference`` one that the result should sound
        like. Tempo (quarter notes a minute), metre and key that are left out are detected in ``context``, else they
        follow from the prompt.

        ``midi_in`` is a MIDI file whose notes, or those of its track ``midi_track``, are played in its own tempo and
        metre unless these are given. ``midi_as`` is `only`, or `melody`, `chords`, `bass` or `drums` for a band
        that plays around them; ``humanise=True`` plays them with small differences.
        """
        tell = listen_to_progress(progress or self._listener)
        length, pair = music_length(bars, beats, seconds), metre_pair(metre)
        files = {"context": context, "reference": reference}
        given = {role: audio_file(path) for role, path in files.items() if path is not None}
        check_engine(self._client, engine)
        seed = secrets.randbits(31) if seed is None else seed
        tempo = TempoMetreKey(bpm, pair, key)
        song = given.get("context")
        follows = bool(given) or chart_decides_key(params)
        asked = NewMusic(prompt, tempo, length, sample_rate, engine, seed, song, key_follows=follows)
        remarks: tuple[str, ...] = ()
        if midi_in is not None:
            source = file_notes(Path(midi_in), midi_track)
            placed = notes_timeline(self._client, asked, source, tell)
            timeline, remarks = placed.timeline, tuple(placed.remarks)
            params = note_params(midi_as) | params
        else:
            timeline, _ = asked.timeline(self._client, tell)
        inputs = upload_inputs(self._client, given, timeline, tell)
        values = {"prompt": prompt, **params}
        request = JobRequest("generate", timeline, values, inputs, engine, seed, remarks=remarks)
        return self._start(request, progress)

    def cover(
        self,
        /,
        file: PathLike,
        prompt: str,
        *,
        strength: float = 0.5,
        start: Position | None = None,
        end: Position | None = None,
        section: SectionNames = (),
        bpm: float | None = None,
        metre: Metre | None = None,
        key: str | None = None,
        context: PathLike | None = None,
        engine: str | None = None,
        seed: int | None = None,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> Job:
        """Plays a recording again in another style. ``strength``, 0 to 1: how far it may leave the original.

        ``context`` is an audio file that plays at the same time, from the start of ``file``. Tempo, metre and key
        that are left out are detected in it, else in ``file``, here and below.
        """
        wanted = TaskOptions(
            "cover",
            {"prompt": prompt, "strength": strength, "mix": False, **params},
            engine=engine,
            seed=seed,
            key=key,
            context=None if context is None else audio_file(context),
        )
        tempo = GivenTempo(bpm, metre_pair(metre))
        return self._start_on_file(file, wanted, given_ranges(start, end, section=section), tempo, progress)

    def accompany(
        self,
        /,
        file: PathLike,
        prompt: str,
        *,
        start: Position | None = None,
        end: Position | None = None,
        section: SectionNames = (),
        bpm: float | None = None,
        metre: Metre | None = None,
        key: str | None = None,
        context: PathLike | None = None,
        engine: str | None = None,
        seed: int | None = None,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> Job:
        """Makes a backing for a voice or a solo, or a layer for a mix."""
        values = {"prompt": prompt, "mix": False, **params}
        heard = None if context is None else audio_file(context)
        wanted = TaskOptions("accompany", values, engine=engine, seed=seed, key=key, context=heard)
        tempo = GivenTempo(bpm, metre_pair(metre))
        return self._start_on_file(file, wanted, given_ranges(start, end, section=section), tempo, progress)

    def repaint(
        self,
        /,
        file: PathLike,
        prompt: str = "",
        *,
        start: Position | None = None,
        end: Position | None = None,
        ranges: Sequence[tuple[Position, Position]] = (),
        section: SectionNames = (),
        part: str = "",
        bpm: float | None = None,
        metre: Metre | None = None,
        key: str | None = None,
        engine: str | None = None,
        seed: int | None = None,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> Job:
        """Makes a range of a recording again, or several ``ranges``, fitted to what is around.

        ``part`` says what plays there, such as `drums`. Saved as a file, the result is the recording with the
        new ranges in it; outside of them no byte differs.
        """
        where = given_ranges(start, end, ranges, section)
        check_ranges_given(where)
        wanted = TaskOptions(
            "repaint",
            {"prompt": prompt, "part": part, **params},
            engine=engine,
            seed=seed,
            key=key,
            in_place=True,
            ranged=True,
            listens=True,
        )
        tempo = GivenTempo(bpm, metre_pair(metre))
        return self._start_on_file(file, wanted, where, tempo, progress, patches=True)

    def extend(
        self,
        /,
        file: PathLike,
        prompt: str = "",
        *,
        after: float | None = None,
        before: float | None = None,
        start: Position | None = None,
        end: Position | None = None,
        section: SectionNames = (),
        bpm: float | None = None,
        metre: Metre | None = None,
        key: str | None = None,
        engine: str | None = None,
        seed: int | None = None,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> Job:
        """Adds bars ``after`` a recording, or ``before`` it; 4 after it when neither is given."""
        lengths = {"after": 4.0 if after is None and not before else after or 0.0, "before": before or 0.0}
        values = {"prompt": prompt, **lengths, **params}
        wanted = TaskOptions("extend", values, engine=engine, seed=seed, key=key)
        tempo = GivenTempo(bpm, metre_pair(metre))
        return self._start_on_file(file, wanted, given_ranges(start, end, section=section), tempo, progress)

    def loop(
        self,
        /,
        file: PathLike,
        prompt: str = "",
        *,
        seam: float | None = None,
        start: Position | None = None,
        end: Position | None = None,
        section: SectionNames = (),
        bpm: float | None = None,
        metre: Metre | None = None,
        key: str | None = None,
        engine: str | None = None,
        seed: int | None = None,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> Job:
        """Makes a recording repeat without a seam; ``seam`` is how many beats at its end are made again."""
        values = {"prompt": prompt, **without_none({"seam": seam}), **params}
        wanted = TaskOptions("loop", values, engine=engine, seed=seed, key=key, in_place=True)
        tempo = GivenTempo(bpm, metre_pair(metre))
        return self._start_on_file(file, wanted, given_ranges(start, end, section=section), tempo, progress)

    def separate(
        self,
        /,
        file: PathLike,
        *,
        mode: str = "four",
        stems: str = "",
        start: Position | None = None,
        end: Position | None = None,
        section: SectionNames = (),
        engine: str | None = None,
        seed: int | None = None,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> Job:
        """Takes a mix apart into stems that add up to it.

        ``mode`` is `four` (drums, bass, vocals, other), `six`, `two`, `drums` or `tracks`; ``stems`` keeps
        only some, such as `"drums,bass"`.
        """
        wanted = TaskOptions("separate", {"mode": mode, "stems": stems, **params}, engine=engine, seed=seed)
        where = given_ranges(start, end, section=section)
        return self._start_on_file(file, wanted, where, GivenTempo(needs_music=_in_bars(where)), progress)

    def analyse(
        self,
        /,
        file: PathLike,
        *,
        start: Position | None = None,
        end: Position | None = None,
        section: SectionNames = (),
        engine: str | None = None,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> Job:
        """Detects tempo, metre, key, chords, sections and loudness; they are in the job's `report`."""
        wanted = TaskOptions("analyse", {"tempo": "audio", **params}, engine=engine)
        where = given_ranges(start, end, section=section)
        return self._start_on_file(file, wanted, where, GivenTempo(needs_music=_in_bars(where)), progress)

    def write(
        self,
        /,
        idea: str = "",
        *,
        lyrics: str = "",
        tidy: bool = False,
        instrumental: bool = False,
        engine: str | None = None,
        seed: int | None = None,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> Job:
        """Writes a song in words: its prompt, lyrics, tempo, metre and key are in the job's `report`.

        ``language``, ``bpm``, ``key``, ``metre`` and ``seconds`` stay as they are given. With ``tidy``, the idea is
        a prompt that is put into shape together with ``lyrics``.
        """
        check_engine(self._client, engine)
        told = {"prompt": idea, "lyrics": lyrics, "tidy": tidy, "instrumental": instrumental, **params}
        timeline = TempoMetreKey().timeline(music_length(None, None, None), 48_000)
        return self._start(JobRequest("write", timeline, told, (), engine, seed), progress)

    def run(
        self,
        /,
        task: str,
        file: PathLike | None = None,
        *,
        start: Position | None = None,
        end: Position | None = None,
        ranges: Sequence[tuple[Position, Position]] = (),
        section: SectionNames = (),
        bars: float | None = None,
        beats: float | None = None,
        seconds: float | None = None,
        bpm: float | None = None,
        metre: Metre | None = None,
        key: str | None = None,
        sample_rate: int = 48_000,
        engine: str | None = None,
        seed: int | None = None,
        progress: ProgressListener | None = None,
        **params: Any,
    ) -> Job:
        """Runs any task that the server has, such as one of a plugin, on a file or over a length."""
        info = find_server_task(self._client.describe(), task)
        if file is not None:
            values = {"mix": False, **params} if has_param(info, "mix") else params
            wanted = TaskOptions(task, values, engine=engine, seed=seed, key=key, ranged=info.takes_ranges)
            tempo = GivenTempo(bpm, metre_pair(metre))
            return self._start_on_file(
                file, wanted, given_ranges(start, end, ranges, section), tempo, progress
            )
        if info.source == "required":
            raise RequestError(
                ErrorCode.INPUT_MISSING,
                say("The task {task} works on audio.", task=task),
                say('Give a file: run("{task}", "mix.wav").', task=task),
            )
        check_engine(self._client, engine)
        feel = TempoMetreKey(bpm, metre_pair(metre), key)
        timeline = feel.timeline(music_length(bars, beats, seconds), sample_rate)
        return self._start(JobRequest(task, timeline, params, (), engine, seed), progress)

    def open(self, path: PathLike) -> Project:
        """A REAPER project file to work in. Raises BandmateError (`not_a_project`, `file_unusable`)."""
        return Project(self._client, path, self._listener, token=self._token)

    def describe(self) -> Catalogue:
        """The tasks, engines and plugins of the server."""
        return self._client.describe()

    def close(self) -> None:
        """Cancels the jobs that have not ended, and leaves the server."""
        try:
            for job in self._jobs.values():
                job.stop()
        except BandmateError:
            # The server is gone, and its jobs with it.
            pass
        finally:
            self._jobs.clear()
            self._client.close()

    def pump(self, seconds: float = _POLL_SECONDS) -> None:
        """Reads one event for the jobs of this session, or none in that time.

        `Job.wait` and `Job.progress` do it. Raises BandmateError (`no_server`) when the server is gone.
        """
        event = self._client.poll(seconds)
        job = self._jobs.get(getattr(event, "job", ""))
        if event is None or job is None:
            return
        job.take(event)
        if job.done:
            self._jobs.pop(job.id, None)

    def fail_jobs(self, error: Exception) -> None:
        """Ends every job that runs with an error, as its events will not come."""
        for job in self._jobs.values():
            job.fail(error)
        self._jobs.clear()

    @property
    def running_jobs(self) -> tuple[Job, ...]:
        """The jobs that have not ended, as far as events were read."""
        return tuple(self._jobs.values())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start_on_file(
        self,
        path: PathLike,
        wanted: TaskOptions,
        ranges: GivenRanges,
        tempo: GivenTempo,
        progress: ProgressListener | None,
        *,
        patches: bool = False,
    ) -> Job:
        tell = listen_to_progress(progress or self._listener)
        file = audio_file(path)
        check_engine(self._client, wanted.engine)
        probed = upload_and_probe(self._client, file, tell)
        request = prepare_file_job(self._client, file, probed, ranges, wanted, tempo, tell)
        source = SourceFile(file.absolute(), probed.sha256) if patches else None
        return self._start(request, progress, source)

    def _start(
        self, request: JobRequest, progress: ProgressListener | None, source: SourceFile | None = None
    ) -> Job:
        accepted = request.submit(self._client)
        listener = progress or self._listener
        job = Job(self, self._client, accepted, request, listener=listener, source=source)
        self._jobs[job.id] = job
        return job


def _in_bars(ranges: GivenRanges) -> bool:
    """Whether positions are bars and beats, so that the tempo has to be known."""
    return any(text.replace(".", "").isdigit() for span in ranges.spans for text in span)
