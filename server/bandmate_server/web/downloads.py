"""Files that a browser or a program takes away: one stem as WAV, FLAC or MP3, or all stems of a job in a zip."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
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
from bandmate_server.audio.export_order import ExportAnswer, ExportOrder, ExportSlice, ExportSource
from bandmate_server.services import Services

_EXPORTER = "bandmate_server.audio.export_process"
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_MAX_NAME_LENGTH = 80
MEDIA_TYPES = {".wav": "audio/wav", ".flac": "audio/flac", ".mp3": "audio/mpeg", ".zip": "application/zip"}


_MAX_FRAMES = 1 << 40


class DownloadSlice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Frames of a finished stem, and where they go in a mix."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    start_frame: Annotated[int, Meta(ge=0, le=_MAX_FRAMES)]
    frames: Annotated[int, Meta(ge=1, le=_MAX_FRAMES)]
    at_frame: Annotated[int, Meta(ge=-_MAX_FRAMES, le=_MAX_FRAMES)]


class DownloadMix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stem that is put together from others, such as one in which a range was repainted."""

    name: Annotated[str, Meta(max_length=256)]
    frames: Annotated[int, Meta(ge=1, le=_MAX_FRAMES)]
    slices: Annotated[tuple[DownloadSlice, ...], Meta(min_length=1, max_length=1_024)]
    """Added up where they overlap."""


class DownloadOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page asks for."""

    job: JobId
    stem: Annotated[int, Meta(ge=0, le=65_535)] | None = None
    """None for all stems, in a zip."""
    container: Literal["wav", "flac", "mp3"] = "wav"
    bits: Literal[16, 24, 32] = 24
    """32 are floats, which only WAV has. MP3 has none of them."""
    mixes: Annotated[tuple[DownloadMix, ...], Meta(max_length=64)] = ()
    """These instead of the job's own stems; `stem` counts them from 0."""


def name_download(services: Services, order: DownloadOrder) -> str:
    """The file's name. Raises RequestError (`no_such_job`, `input_missing`, `bad_params`)."""
    if order.bits == 32 and order.container == "flac":
        raise RequestError(ErrorCode.BAD_PARAMS, "FLAC stores at most 24 bits.", "Use WAV for 32-bit floats.")
    job = services.desk.events_of(order.job).job
    chosen: Sequence[JobStem | DownloadMix] = (
        _chosen_mixes(order) if order.mixes else _chosen_stems(services, order)
    )
    title = _safe_name(str(job.submit.params.get("prompt") or job.submit.task))
    if order.stem is None:
        return f"{title} {job.id}.zip"
    return f"{title} - {_safe_name(chosen[0].name)} {job.id}.{order.container}"


async def answer_download(services: Services, order: DownloadOrder) -> Response:
    """The file itself, made for this answer. Raises RequestError (`input_missing`, `file_unusable`)."""
    name = name_download(services, order)
    file = await make_download(services, order)
    return FileResponse(
        file,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "no-store",
        },
        media_type=MEDIA_TYPES[file.suffix],
        background=BackgroundTask(shutil.rmtree, file.parent, ignore_errors=True),
    )


async def make_download(services: Services, order: DownloadOrder) -> Path:
    """The file, in a folder of its own that the caller deletes. Raises RequestError as `answer_download`."""
    name = name_download(services, order)
    sources = await _sources_of(services, order)
    folder = Path(tempfile.mkdtemp(prefix="bandmate-"))
    try:
        return await export_files(
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


async def _sources_of(services: Services, order: DownloadOrder) -> list[ExportSource]:
    if order.mixes:
        services.store.mark_used({piece.sha256 for mix in order.mixes for piece in mix.slices})
        return [
            await _mixed_source(services, mix, f"{number:02} {_safe_name(mix.name)}.{order.container}")
            for number, mix in enumerate(_chosen_mixes(order), 1)
        ]
    sources = [await _source_of(services, stem, order) for stem in _chosen_stems(services, order)]
    services.store.mark_used([source.sha256 for source in sources])
    return sources


def _chosen_mixes(order: DownloadOrder) -> Sequence[DownloadMix]:
    if order.stem is None:
        return order.mixes
    if order.stem >= len(order.mixes):
        raise RequestError(ErrorCode.BAD_PARAMS, "There is no such stem among the mixes.")
    return order.mixes[order.stem : order.stem + 1]


async def _mixed_source(services: Services, mix: DownloadMix, file_name: str) -> ExportSource:
    pieces, rates = [], set()
    for piece in mix.slices:
        layout = services.store.stem_layout(piece.sha256)
        path = services.shelf.stem_path(piece.sha256)
        if layout is None or not await services.shelf.is_intact(path):
            raise missing_error()
        if (piece.start_frame + piece.frames) * 4 * layout[1] > path.stat().st_size:
            raise RequestError(ErrorCode.BAD_PARAMS, "A slice ends after the stem that it is taken from.")
        rates.add(layout[0])
        pieces.append(
            ExportSlice(
                path=str(path),
                channels=layout[1],
                start_frame=piece.start_frame,
                frames=piece.frames,
                at_frame=piece.at_frame,
            )
        )
    channels = {piece.channels for piece in pieces}
    if len(rates) > 1 or len(channels - {1}) > 1:
        raise RequestError(ErrorCode.BAD_PARAMS, "These stems have different sample rates or channels.")
    rate = rates.pop()
    if mix.frames > services.settings.range_seconds * rate:
        raise RequestError(ErrorCode.BAD_PARAMS, "This mix is longer than any job may be.")
    return ExportSource(
        path="",
        file_name=file_name,
        sha256=mix.slices[0].sha256,
        sample_rate=rate,
        channels=max(channels),
        frames=mix.frames,
        slices=tuple(pieces),
    )


def _chosen_stems(services: Services, order: DownloadOrder) -> list[JobStem]:
    stems = [stem for stem in services.store.stems_of(order.job) if order.stem in (None, stem.stem)]
    if not stems:
        raise missing_error()
    return stems


async def _source_of(services: Services, stem: JobStem, order: DownloadOrder) -> ExportSource:
    layout = services.store.stem_layout(stem.sha256)
    path = services.shelf.stem_path(stem.sha256)
    if layout is None or not await services.shelf.is_intact(path):
        raise missing_error()
    return ExportSource(
        path=str(path),
        file_name=f"{stem.stem + 1:02} {_safe_name(stem.name)}.{order.container}",
        sha256=stem.sha256,
        sample_rate=layout[0],
        channels=layout[1],
        frames=stem.frames,
    )


async def export_files(order: ExportOrder) -> Path:
    """The file, in the order's folder. Raises RequestError (`file_unusable`)."""
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


def missing_error() -> RequestError:
    """The audio of a job was removed, or is still to come."""
    return RequestError(
        ErrorCode.INPUT_MISSING,
        "The audio of this job is no longer on the server, or not there yet.",
        "Run the job again with the same seed.",
    )
