"""From what was asked to results in their place: connects, runs each job, hands it to the output."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bandmate_bridge.client import Client
from bandmate_bridge.client.requests import accepted_from_summary
from bandmate_bridge.display import ProgressDisplay
from bandmate_bridge.jobs.receive import ReceivedStem, StemReceiver
from bandmate_bridge.jobs.run_job import FinishedJob, run_job
from bandmate_bridge.outputs.output import ReceivedJob, ResultOutput
from bandmate_bridge.requests.audio_jobs import JobRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Accepted, Input, JobSummary, Timeline
from bandmate_protocol.texts import say

_SEED_COUNT = 2**32
_ENGINE = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class GenerateRequest:
    """What is asked for, wherever it goes."""

    prompt: str
    seed: int
    engine: str | None = None
    variations: int = 1
    context: Path | None = None
    reference: Path | None = None
    beside: tuple[Input, ...] = ()
    """What was sent already and plays at the same time."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Of the task, besides the prompt."""


@dataclass
class RunResult:
    """What came of it."""

    lines: list[str] = field(default_factory=list)
    """What is where, for people."""
    decided: list[str] = field(default_factory=list)
    """Sentences on what was decided before any job ran."""
    accepted: list[Accepted] = field(default_factory=list)
    outcomes: list[FinishedJob] = field(default_factory=list)
    received: list[list[ReceivedStem]] = field(default_factory=list)
    """The stems of each job."""
    files: list[Path] = field(default_factory=list)
    """With audio and notes, where they stay."""
    project_file: Path | None = None
    """The project that was written, if the result went into one."""
    again: str = ""
    """What makes another try, if anything does."""

    @property
    def remarks(self) -> list[str]:
        """What the engine wants the musician to know, and what there is to say of the files, each once."""
        of_jobs = [remark for outcome in self.outcomes for remark in outcome.done.remarks]
        of_files = [remark for stems in self.received for one in stems for remark in one.remarks]
        return list(dict.fromkeys(of_jobs + of_files))


def connect_client(display: ProgressDisplay) -> Client:
    """The command line's client; starting a server is shown as a stage."""
    display.stage("Connecting")
    return Client.connect(role="cli", name="bandmate", notify=display.stage, warn=display.say)


def check_engine(client: Client, name: str | None) -> None:
    """Raises RequestError (`no_such_engine`) for what cannot even be an engine's name."""
    if name is None or _ENGINE.fullmatch(name):
        return
    there = ", ".join(engine.name for engine in client.describe().engines)
    raise RequestError(
        ErrorCode.NO_SUCH_ENGINE,
        say("There is no engine {name!r}.", name=name),
        say("There are: {there}.", there=there),
    )


def generate_variations(
    client: Client, ask: GenerateRequest, timeline: Timeline, output: ResultOutput, display: ProgressDisplay
) -> RunResult:
    """Generates as often as was asked and puts the results in their place.

    Raises RequestError; then nothing is left of what was not finished.
    """
    with _collect_results(output) as result:
        inputs = _upload_inputs(client, ask, timeline, display)
        for number in range(1, ask.variations + 1):
            which = number if ask.variations > 1 else None
            display.about(f"{number} of {ask.variations}" if which else "")
            begun = time.monotonic()
            accepted = client.submit(
                "generate",
                timeline,
                _generate_params(ask, output),
                engine=ask.engine,
                seed=(ask.seed + number - 1) % _SEED_COUNT,
                inputs=inputs,
                origin=output.origin | ({"number": str(which)} if which else {}),
            )
            receive_job(client, accepted, timeline, output, display, result, number=which, begun=begun)
    return result


def run_request(
    client: Client, order: JobRequest, output: ResultOutput, display: ProgressDisplay
) -> RunResult:
    """Runs one job on audio that was sent, and puts the result in its place. Raises as `generate` does."""
    with _collect_results(output) as result:
        result.decided += order.remarks
        begun = time.monotonic()
        accepted = client.submit(
            order.task,
            order.timeline,
            dict(order.params),
            engine=order.engine,
            seed=order.seed,
            inputs=order.inputs,
            origin=output.origin,
        )
        receive_job(client, accepted, order.timeline, output, display, result, begun=begun)
    return result


def rerun_job(
    client: Client,
    job: str,
    seed: int | None,
    timeline: Timeline,
    output: ResultOutput,
    display: ProgressDisplay,
) -> RunResult:
    """Runs a job again and puts the result in its place. Raises as `generate` does."""
    with _collect_results(output) as result:
        begun = time.monotonic()
        accepted = client.redo(job, seed)
        receive_job(client, accepted, timeline, output, display, result, begun=begun)
    return result


def fetch_job(client: Client, job: JobSummary, output: ResultOutput, display: ProgressDisplay) -> RunResult:
    """Takes up a job, whatever its state, and puts the result in its place. Raises as `generate` does."""
    assert job.timeline is not None, "a job with audio has one"
    with _collect_results(output) as result:
        client.attach(job.job)
        receive_job(client, accepted_from_summary(job), job.timeline, output, display, result, cancels=False)
    return result


@contextmanager
def _collect_results(output: ResultOutput) -> Iterator[RunResult]:
    """What comes of the jobs within; then the output is finished, or abandoned when something was raised."""
    result = RunResult()
    try:
        yield result
        result.lines += output.finish()
    except BaseException:
        output.abandon()
        raise
    result.files, result.project_file = output.files, output.project_file
    result.again = f"bandmate redo {result.accepted[-1].job}"


def receive_job(
    client: Client,
    accepted: Accepted,
    timeline: Timeline,
    output: ResultOutput,
    display: ProgressDisplay,
    result: RunResult,
    *,
    number: int | None = None,
    begun: float | None = None,
    cancels: bool = True,
) -> None:
    """Follows one accepted job into the output. Raises RequestError, also when no audio came.

    ``cancels``: whether a command that is broken off ends the job.
    """
    receiver = StemReceiver(output.folder, output.named)
    outcome = run_job(client, accepted, receiver, display, begun=begun, cancels=cancels)
    if not receiver.stems:
        raise RequestError(
            ErrorCode.ENGINE_FAILED, "The engine made no audio.", "Try other words, or another --engine."
        )
    if output.mixed:
        receiver.mix()
    if not output.audio_format.is_float:
        display.stage(f"Writing {output.audio_format.title}")
    received = output.add(
        ReceivedJob(job=accepted.job, seed=accepted.seed, number=number, timeline=timeline, receiver=receiver)
    )
    result.accepted.append(accepted)
    result.outcomes.append(outcome)
    result.received.append(received)


def _generate_params(ask: GenerateRequest, output: ResultOutput) -> dict[str, Any]:
    params = {"prompt": ask.prompt, **ask.params}
    return params | {"mix": True} if output.mixed else params


def _upload_inputs(
    client: Client, ask: GenerateRequest, timeline: Timeline, display: ProgressDisplay
) -> tuple[Input, ...]:
    given = {"context": ask.context, "reference": ask.reference}
    files = (
        Input(role=role, sha256=_upload_file(client, path, display), at_frame=timeline.start_frame)
        for role, path in given.items()
        if path is not None
    )
    return (*ask.beside, *files)


def _upload_file(client: Client, path: Path, display: ProgressDisplay) -> str:
    name = f"Sending {path.name}"
    return client.upload(path, lambda done, total: display.transferred(name, done, total))
