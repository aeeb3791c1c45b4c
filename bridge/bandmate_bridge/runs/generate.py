"""From what was asked to results in their place: connects, runs each job, hands it to the output."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from bandmate_bridge.client import Client
from bandmate_bridge.client.requests import accepted_from_summary
from bandmate_bridge.jobs.job_origin import FileOrigin, FolderOrigin, JobOrigin, ProjectOrigin
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.jobs.job_run import JobRun
from bandmate_bridge.jobs.receive import StemReceiver
from bandmate_bridge.outputs.output import ReceivedJob, ResultOutput
from bandmate_bridge.progress import FileTransfer, ProgressCallback, StageStarted, SubjectChanged
from bandmate_bridge.runs.run_result import RunResult
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Accepted, Input, JobSummary, Timeline

_SEED_COUNT = 2**32


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


def generate_variations(
    client: Client, ask: GenerateRequest, timeline: Timeline, output: ResultOutput, progress: ProgressCallback
) -> RunResult:
    """Generates as often as was asked and puts the results in their place.

    Raises RequestError; then nothing is left of what was not finished.
    """
    with _collect_results(output) as result:
        files = {"context": ask.context, "reference": ask.reference}
        inputs = (*ask.beside, *upload_inputs(client, files, timeline, progress))
        for number in range(1, ask.variations + 1):
            which = number if ask.variations > 1 else None
            progress(SubjectChanged(f"{number} of {ask.variations}" if which else ""))
            seed = (ask.seed + number - 1) % _SEED_COUNT
            params = _generate_params(ask, output)
            request = JobRequest("generate", timeline, params, inputs, ask.engine, seed)
            begun = time.monotonic()
            accepted = request.submit(client, _numbered_origin(output.origin, which))
            receive_job(client, accepted, timeline, output, progress, result, number=which, begun=begun)
    return result


def _numbered_origin(origin: JobOrigin, number: int | None) -> JobOrigin:
    if isinstance(origin, FileOrigin | FolderOrigin | ProjectOrigin):
        return msgspec.structs.replace(origin, number=number)
    return origin


def run_request(
    client: Client, order: JobRequest, output: ResultOutput, progress: ProgressCallback
) -> RunResult:
    """Runs one job on audio that was sent, and puts the result in its place. Raises as `generate` does."""
    with _collect_results(output) as result:
        result.decided += order.remarks
        begun = time.monotonic()
        accepted = order.submit(client, output.origin)
        receive_job(client, accepted, order.timeline, output, progress, result, begun=begun)
    return result


def rerun_job(
    client: Client,
    job: str,
    seed: int | None,
    timeline: Timeline,
    output: ResultOutput,
    progress: ProgressCallback,
) -> RunResult:
    """Runs a job again and puts the result in its place. Raises as `generate` does."""
    with _collect_results(output) as result:
        begun = time.monotonic()
        accepted = client.redo(job, seed)
        receive_job(client, accepted, timeline, output, progress, result, begun=begun)
    return result


def fetch_job(client: Client, job: JobSummary, output: ResultOutput, progress: ProgressCallback) -> RunResult:
    """Takes up a job, whatever its state, and puts the result in its place. Raises as `generate` does."""
    assert job.timeline is not None, "a job with audio has one"
    with _collect_results(output) as result:
        client.attach(job.job)
        receive_job(client, accepted_from_summary(job), job.timeline, output, progress, result, cancels=False)
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
    progress: ProgressCallback,
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
    outcome = JobRun(client, accepted.job, receiver, progress, begun=begun, cancels=cancels).finish()
    if not receiver.stems:
        raise RequestError(
            ErrorCode.ENGINE_FAILED,
            "The engine produced no audio.",
            "Try another prompt, or another --engine.",
        )
    if output.mixed:
        receiver.mix()
    if not output.audio_format.is_float:
        progress(StageStarted(f"Writing {output.audio_format.title}"))
    received = output.add(
        ReceivedJob(job=accepted.job, seed=accepted.seed, number=number, timeline=timeline, receiver=receiver)
    )
    result.accepted.append(accepted)
    result.outcomes.append(outcome)
    result.received.append(received)


def _generate_params(ask: GenerateRequest, output: ResultOutput) -> dict[str, Any]:
    params = {"prompt": ask.prompt, **ask.params}
    return params | {"mix": True} if output.mixed else params


def upload_inputs(
    client: Client, files: Mapping[str, Path | None], timeline: Timeline, progress: ProgressCallback
) -> tuple[Input, ...]:
    """Sends files that go with new music, by their role; each begins where the range does."""
    return tuple(
        Input(role=role, sha256=_upload_file(client, path, progress), at_frame=timeline.start_frame)
        for role, path in files.items()
        if path is not None
    )


def _upload_file(client: Client, path: Path, progress: ProgressCallback) -> str:
    return client.upload(path, lambda done, total: progress(FileTransfer(path.name, done, total)))
