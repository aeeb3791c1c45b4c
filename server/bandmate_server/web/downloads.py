"""Files that a browser takes away: one stem as WAV or FLAC, or all stems of a job in a zip."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

import msgspec
from msgspec import Meta
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import JobStem
from bandmate_protocol.texts import say
from bandmate_protocol.units import JobId
from bandmate_server.audio.child_process import ask_program
from bandmate_server.audio.export_order import ExportAnswer, ExportOrder, ExportSource
from bandmate_server.services import Services

_EXPORTER = "bandmate_server.audio.export_process"
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_MAX_NAME_LENGTH = 80
_MEDIA_TYPES = {".wav": "audio/wav", ".flac": "audio/flac", ".zip": "application/zip"}


class DownloadOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page asks for."""

    job: JobId
    stem: Annotated[int, Meta(ge=0, le=65_535)] | None = None
    """None for all stems, in a zip."""
    container: Literal["wav", "flac"] = "wav"
    bits: Literal[16, 24, 32] = 24
    """32 are floats, which only WAV has."""


def name_download(services: Services, order: DownloadOrder) -> str:
    """The file's name. Raises RequestError (`no_such_job`, `input_missing`, `bad_params`)."""
    if order.bits == 32 and order.container != "wav":
        raise RequestError(ErrorCode.BAD_PARAMS, "FLAC stores at most 24 bits.", "Use WAV for 32-bit floats.")
    job = services.desk.events_of(order.job).job
    stems = _chosen_stems(services, order)
    title = _safe_name(str(job.submit.params.get("prompt") or job.submit.task))
    if order.stem is None:
        return f"{title} {job.id}.zip"
    return f"{title} - {_safe_name(stems[0].name)} {job.id}.{order.container}"


async def answer_download(services: Services, order: DownloadOrder) -> Response:
    """The file itself, made for this answer. Raises RequestError (`input_missing`, `file_unusable`)."""
    name = name_download(services, order)
    sources = [await _source_of(services, stem, order) for stem in _chosen_stems(services, order)]
    services.store.mark_used([source.sha256 for source in sources])
    folder = Path(tempfile.mkdtemp(prefix="bandmate-"))
    try:
        file = await _export(
            ExportOrder(
                sources=tuple(sources),
                container=order.container,
                bits=order.bits,
                folder=str(folder),
                zip_name=name if order.stem is None else "",
            )
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(
        file,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "no-store",
        },
        media_type=_MEDIA_TYPES[file.suffix],
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


def _chosen_stems(services: Services, order: DownloadOrder) -> list[JobStem]:
    stems = [stem for stem in services.store.stems_of(order.job) if order.stem in (None, stem.stem)]
    if not stems:
        raise _missing_error()
    return stems


async def _source_of(services: Services, stem: JobStem, order: DownloadOrder) -> ExportSource:
    layout = services.store.stem_layout(stem.sha256)
    path = services.shelf.stem_path(stem.sha256)
    if layout is None or not await services.shelf.is_intact(path):
        raise _missing_error()
    return ExportSource(
        path=str(path),
        file_name=f"{stem.stem + 1:02} {_safe_name(stem.name)}.{order.container}",
        sha256=stem.sha256,
        sample_rate=layout[0],
        channels=layout[1],
        frames=stem.frames,
    )


async def _export(order: ExportOrder) -> Path:
    _, said = await ask_program(_EXPORTER, given=msgspec.json.encode(order))
    answer = msgspec.json.decode(said, type=ExportAnswer) if said else ExportAnswer(error="it ended early")
    if answer.error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("The file for download could not be made: {reason}.", reason=answer.error),
            "Free some space in the folder for temporary files, and try again.",
        )
    return Path(answer.file)


def _safe_name(text: str) -> str:
    return _UNSAFE.sub("_", text).strip(". ")[:_MAX_NAME_LENGTH] or "stem"


def _missing_error() -> RequestError:
    return RequestError(
        ErrorCode.INPUT_MISSING,
        "The audio of this job is no longer on the server, or not there yet.",
        "Run the job again with the same seed.",
    )
