"""The audio of jobs and files, for previews and comparisons."""

from __future__ import annotations

from pathlib import Path

from bandmate_bridge.audiofiles.mixdown import write_mixdown
from bandmate_bridge.jobs.job_run import JobRun
from bandmate_bridge.jobs.receive import ReceivedStem, StemReceiver
from bandmate_bridge.runs.fetch import job_to_fetch
from bandmate_mcp.calls import ToolCall
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Stem
from bandmate_protocol.texts import say


def receive_stems(call: ToolCall, prefix: str, folder: Path) -> list[ReceivedStem]:
    """The stems of a job as WAV files in a folder; waits for one that runs.

    Raises RequestError: `no_such_job`, `interrupted` for one that failed, `engine_failed` for one without audio.
    """
    job = job_to_fetch(call.client, prefix)
    call.client.attach(job.job)
    receiver = StemReceiver(folder)
    JobRun(call.client, job.job, receiver, call.progress, cancels=False).finish()
    if not receiver.stems:
        raise RequestError(
            ErrorCode.ENGINE_FAILED, say("Job {job} made no audio.", job=job.job), "get_job has its report."
        )

    def place(stem: Stem) -> Path:
        return folder / f"{stem.stem + 1}.wav"

    return receiver.keep(place)


def mixed_file(received: list[ReceivedStem], folder: Path) -> Path:
    """All stems in one file."""
    if len(received) == 1:
        return received[0].path
    mix = folder / "mix.wav"
    write_mixdown([(one.stem, one.path) for one in received], mix)
    return mix


def named_stem(received: list[ReceivedStem], wanted: str) -> ReceivedStem:
    """The stem of that name or role. Raises RequestError (`bad_params`) that lists them."""
    for one in received:
        if wanted.casefold() in (one.stem.name.casefold(), one.stem.role.casefold()):
            return one
    names = ", ".join(one.stem.name for one in received)
    raise RequestError(
        ErrorCode.BAD_PARAMS,
        say("There is no stem {wanted}.", wanted=wanted),
        say("There are: {names}.", names=names),
    )


def take_file(call: ToolCall, take: str, folder: Path) -> Path:
    """The audio of a take: a path of a file, or a job's id, whose stems are mixed. Raises RequestError."""
    if Path(take).is_file():
        return Path(take)
    if "/" in take or "\\" in take or "." in take:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE, say("There is no file {take}.", take=take), "Give a path or a job's id."
        )
    folder.mkdir(parents=True, exist_ok=True)
    return mixed_file(receive_stems(call, take, folder), folder)
