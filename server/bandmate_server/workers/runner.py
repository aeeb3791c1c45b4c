"""Runs jobs in the worker: loads the engine, conducts the task, writes its output to the spool."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bandmate_plugins._host.check_params import check_options, check_params
from bandmate_plugins._host.checked_run import run_checked
from bandmate_plugins._host.engine_choice import find_task, route_request
from bandmate_plugins._host.loading import BUILT_IN, PluginCatalogue, load_engine, load_task, read_catalogue
from bandmate_plugins._platform.devices import choose_device
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Remark, StageProgress
from bandmate_plugins.request import JobCancelled, NoOptions, TaskContext, TaskRequest, WatchedRequest
from bandmate_plugins.task import Task
from bandmate_protocol.codec import SERVER_FRAMES, encode_message
from bandmate_protocol.errors import BandmateError, ErrorCode, RemoteProtocolError
from bandmate_protocol.forms import RoutedValues, unused_option_remarks
from bandmate_protocol.messages import Cancelled, Done, Failed
from bandmate_protocol.texts import fault_fields, say
from bandmate_server.faults import disk_error, is_disk_full
from bandmate_server.spool import JobSpool, SpoolWriter
from bandmate_server.workers.forked_copies import end_if_copy
from bandmate_server.workers.inputs.job_inputs import DecodedInput, open_inputs
from bandmate_server.workers.link import AttemptFinished, RunJob, WorkerRenewal, WorkerReport
from bandmate_server.workers.recorder import OutputRecorder, ReportRecorder

_log = logging.getLogger(__name__)


class JobRunner:
    """One worker's engines and the job that it runs."""

    def __init__(
        self, lane: str, report: Callable[[WorkerReport], None], stopped: Callable[[str], bool]
    ) -> None:
        self._report = report
        self._stopped = stopped
        self._engines: dict[tuple[str, str], LoadedEngine] = {}
        self._readers: dict[str, LoadedEngine | None] = {}
        self._plugins = read_catalogue()
        self._outsiders = _third_party_names(self._plugins)
        self._met_outsider = False
        choice = choose_device() if lane == "device" else None
        self.device = choice.name if choice else "cpu"
        self.sentence = choice.sentence if choice else ""

    def run_job(self, run: RunJob) -> AttemptFinished:
        """Runs one attempt; returns the encoded `done`, `failed` or `cancelled`. Raises nothing."""
        started = time.perf_counter()
        try:
            recorder = self._open_recorder(run)
            try:
                self._run_task(run, recorder)
                return AttemptFinished(
                    run.job, _encode_done(recorder.done_message(time.perf_counter() - started))
                )
            finally:
                recorder.close()
        except JobCancelled:
            return AttemptFinished(run.job, encode_message(Cancelled(job=run.job, attempt=run.attempt)))
        except BaseException as error:  # noqa: BLE001 - whatever a plugin raises, SystemExit too, ends its job alone
            failed = self._failed_message(run, error)
            return AttemptFinished(run.job, encode_message(failed), self._renewal_after(run, failed))

    def _open_recorder(self, run: RunJob) -> ReportRecorder:
        """What takes the output: the job's spool, or for a question only its report."""
        if run.spool is None:
            return ReportRecorder(run, self._report)
        with _server_disk_errors():
            writer = SpoolWriter(JobSpool(Path(run.spool)), run.attempt)
        return OutputRecorder(run, writer, self._report)

    def _run_task(self, run: RunJob, recorder: ReportRecorder) -> None:
        context = _JobContext(lambda: self._stopped(run.job))
        self._met_outsider |= self._uses_third_party(run)
        task = load_task(self._plugins, run.submit.task)
        engine = load_engine(self._plugins, run.engine) if run.engine else None
        routed = self._route_values(run)
        params = check_params(task, routed.params)
        options = check_options(engine.name, engine.Options, routed.used_options) if engine else NoOptions()
        with ExitStack() as stack:
            inputs = open_inputs(run, context.check, stack)
            stack.callback(end_if_copy)
            request = WatchedRequest(params, run.submit.timeline, run.seed, inputs, options)
            said: set[str] = set()
            for sentence in unused_option_remarks(routed, run.engine):
                recorder.record_output(Remark(sentence))
            _record_remarks(inputs, recorder, said)
            self._record_outputs(run, recorder, task, request, context)
            _record_remarks(inputs, recorder, said)
            recorder.seed_used = bool(request.reads)

    def _route_values(self, run: RunJob) -> RoutedValues:
        """The values of a job, which an earlier version may have put into the table before options were."""
        info = find_task(self._plugins, run.submit.task)
        engine = next((each for each in self._plugins.engines if each.name == run.engine), None)
        return route_request(self._plugins, info, engine, run.submit.params, run.submit.options)

    def _record_outputs(
        self,
        run: RunJob,
        recorder: ReportRecorder,
        task: Task[Any],
        request: TaskRequest[Any],
        context: TaskContext,
    ) -> None:
        engine = self._engine_for(run, recorder) if run.engine else None
        outputs = run_checked(task, request, engine, context, engine_name=run.engine or None)
        for output in outputs:
            end_if_copy()
            with _server_disk_errors():
                recorder.record_output(output)
            if self._stopped(run.job):
                outputs.close()
                raise JobCancelled

    def _engine_for(self, run: RunJob, recorder: ReportRecorder) -> LoadedEngine:
        """The engine in memory, or only its reader of prompts, where a question needs no more."""
        if run.reads_prompt:
            if run.engine not in self._readers:
                self._readers[run.engine] = load_engine(self._plugins, run.engine).load_prompt_reader()
            reader = self._readers[run.engine]
            if reader is not None:
                return reader
        return self._loaded_engine(run.engine, run.tier, recorder)

    def _loaded_engine(self, name: str, tier: str, recorder: ReportRecorder) -> LoadedEngine:
        """The engine in memory; another tier of it makes room first."""
        key = (name, tier)
        if key not in self._engines:
            recorder.report_progress(StageProgress(say("Loading {name}", name=name), 0, 1))
            for other in [other for other in self._engines if other[0] == name]:
                del self._engines[other]
            self._engines[key] = load_engine(self._plugins, name).load(self.device, tier)
        return self._engines[key]

    def _failed_message(self, run: RunJob, error: BaseException) -> Failed:
        code, sentence, remedy = describe_error(error, run.engine or run.submit.task)
        # Where the server keeps its files is nobody's business; the log has the whole error.
        for folder in filter(None, (run.spool, run.shelf)):
            sentence = sentence.replace(folder, "...")
        if code in (ErrorCode.ENGINE_FAILED, ErrorCode.FILE_UNUSABLE):
            _log.error("job %s failed", run.job, exc_info=error)
        if code is ErrorCode.OUT_OF_MEMORY:
            # The next attempt uses the smaller tier, and the broken engine's memory must be free for it.
            self._engines.clear()
        return Failed(
            job=run.job,
            attempt=run.attempt,
            code=code.value,
            **fault_fields(sentence, remedy, error.models if isinstance(error, BandmateError) else ()),
        )

    def _uses_third_party(self, run: RunJob) -> bool:
        """Whether a plugin that did not come with Bandmate does any of the job."""
        owners = {task.plugin for task in self._plugins.tasks if task.name == run.submit.task}
        owners |= {engine.info.plugin for engine in self._plugins.engines if engine.name == run.engine}
        return bool(owners & self._outsiders)

    def _renewal_after(self, run: RunJob, failed: Failed) -> WorkerRenewal:
        """Code from outside may have changed anything in this process: a parser, a limit, a random state."""
        if not self._met_outsider or failed.code != ErrorCode.ENGINE_FAILED:
            return "none"
        return "after" if self._uses_third_party(run) else "retry"


@contextmanager
def _server_disk_errors() -> Iterator[None]:
    """What the server's own files raise is no fault of the plugin's. Raises RequestError."""
    try:
        yield
    except OSError as error:
        raise disk_error(error) from error


class _JobContext(TaskContext):
    def __init__(self, stopped: Callable[[], bool]) -> None:
        self._is_stopped = stopped

    def check(self) -> None:
        if self._is_stopped():
            raise JobCancelled


def describe_error(error: BaseException, who: str) -> tuple[ErrorCode, str, str]:
    """Code, sentence and remedy for whatever a task, an engine or the disk raised."""
    if isinstance(error, BandmateError):
        return error.code, *error.texts
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return ErrorCode.OUT_OF_MEMORY, f"{who} ran out of memory.", "Choose a shorter range."
    if isinstance(error, OSError) and is_disk_full(error):
        full = disk_error(error)
        return full.code, full.sentence, full.remedy
    # The text of an OSError has a path in it, its `strerror` has none.
    text = (isinstance(error, OSError) and error.strerror) or _error_text(error)
    reason = text.strip().splitlines()
    detail = f": {reason[0]}" if reason else ""
    sentence = f"{who} failed with {type(error).__name__}{detail}."
    return ErrorCode.ENGINE_FAILED, sentence, "The server's log has the details."


def _record_remarks(inputs: Iterable[DecodedInput], recorder: ReportRecorder, said: set[str]) -> None:
    """Says once what is missing in the files: what shows at once, and later what only reading them shows."""
    for sentence in dict.fromkeys(remark for each in inputs for remark in each.remarks):
        if sentence not in said:
            said.add(sentence)
            recorder.record_output(Remark(sentence))


def _error_text(error: BaseException) -> str:
    """What an error says of itself; not every class of a plugin can."""
    try:
        return str(error)
    except BaseException as worse:  # noqa: BLE001 - the first error is the one to report
        return f"(its text could not be read: {type(worse).__name__})"


def _encode_done(done: Done) -> bytes:
    """The frame of a job's end. Raises BandmateError (`engine_failed`) where no client would take it."""
    frame = encode_message(done)
    try:
        SERVER_FRAMES.decode(frame)
    except RemoteProtocolError as error:
        raise BandmateError(
            ErrorCode.ENGINE_FAILED,
            say("The task's report cannot be sent. {sentence}", sentence=error.sentence),
            "This is a fault of the plugin: a report holds a few values, and audio goes into stems.",
        ) from error
    return frame


def _third_party_names(plugins: PluginCatalogue) -> frozenset[str]:
    """The names of plugins that did not come with Bandmate."""
    return frozenset(plugin.name for plugin in plugins.plugins if plugin.distribution != BUILT_IN)
