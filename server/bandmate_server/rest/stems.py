"""The audio of jobs: a stem as WAV, while it grows too, as FLAC or MP3, or all stems in a zip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec
from starlette.responses import Response

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_protocol.units import Index, JobId
from bandmate_server.rest.operation import Call, Operation
from bandmate_server.rest.ranges import RangedResponse, TemporaryFile
from bandmate_server.rest.stem_source import WavSource, open_stem
from bandmate_server.web.downloads import MEDIA_TYPES, DownloadOrder, make_download

_STEM = {"job": JobId, "stem": Index}
_RANGE = {
    "Range": "One range of bytes.",
    "If-Range": "The `ETag` of a file of which the rest is wanted.",
}
_AUDIO = ("audio/wav", "audio/flac", "audio/mpeg")


class AudioQuery(msgspec.Struct, frozen=True):
    """How audio is wanted."""

    format: Literal["wav", "flac", "mp3"] = "wav"
    bits: Literal[16, 24, 32] = 24
    """16, 24 or 32; 32 are floats, which only WAV has. MP3 ignores it."""


async def get_stem_audio(call: Call) -> Response:
    """The audio of a stem. As WAV of 24 or 32 bits it can be read, and any range of it, while the job still makes it.
    The answer then waits for what is not there yet, and is cut off when the job fails or starts another attempt. In
    any other form the job has to have ended (`not_ready`).
    """
    query: AudioQuery = call.query
    job, stem = call.path["job"], call.path["stem"]
    name = f"{job}-{stem}.{query.format}"
    call.limits.take("audio streams")
    try:
        if query.format == "wav" and query.bits != 16:
            layout, frames, sha256 = await open_stem(call.services, job, stem)
            source = WavSource(layout, query.bits, frames)
            tag = f"{sha256}-wav-{query.bits}" if sha256 else ""
            return RangedResponse(source, "audio/wav", name, tag=tag, release=_release(call))
        return await _converted(call, stem, query, name)
    except BaseException:
        call.limits.release("audio streams")
        raise


async def get_stems_zip(call: Call) -> Response:
    """All finished stems of a job in one zip."""
    call.limits.take("audio streams")
    try:
        return await _converted(call, None, call.query, f"{call.path['job']}.zip")
    except BaseException:
        call.limits.release("audio streams")
        raise


async def _converted(call: Call, stem: int | None, query: AudioQuery, name: str) -> Response:
    """A file that is made for this answer."""
    job = call.path["job"]
    if call.services.desk.events_of(job).job.is_active:
        raise RequestError(
            ErrorCode.NOT_READY,
            say("Job {job} is still making its audio.", job=job),
            "Wait for its end, or read each stem as WAV of 24 or 32 bits, which can be read while it grows.",
        )
    order = DownloadOrder(job=job, stem=stem, container=query.format, bits=query.bits)
    with call.limits.place("exports"):
        file = TemporaryFile(await make_download(call.services, order))
    media_type = MEDIA_TYPES[f".{query.format}" if stem is not None else ".zip"]
    return RangedResponse(file, media_type, name, release=_release(call))


def _release(call: Call) -> Callable[[], None]:
    return lambda: call.limits.release("audio streams")


OPERATIONS = (
    Operation(
        "GET",
        "/jobs/{job}/stems/{stem}/audio",
        get_stem_audio,
        "stems",
        {200: _AUDIO, 206: _AUDIO},
        _STEM,
        AudioQuery,
        problems=(409, 416, 429),
        headers=_RANGE,
    ),
    Operation(
        "GET",
        "/jobs/{job}/stems.zip",
        get_stems_zip,
        "stems",
        {200: ("application/zip",), 206: ("application/zip",)},
        {"job": JobId},
        AudioQuery,
        problems=(409, 416, 429),
        headers=_RANGE,
    ),
)
