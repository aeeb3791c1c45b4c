"""The finished audio of a job as a file in the form that a client asks for."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Literal

import msgspec

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import JobStem, Submit
from bandmate_protocol.texts import say
from bandmate_server.audio.child_process import ask_program
from bandmate_server.audio.export_order import ExportOrder, ExportSlice, ExportSource
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.decode_process import DecodeAnswer, DecodeOrder
from bandmate_server.services import Services
from bandmate_server.web.downloads import (
    MEDIA_TYPES,
    DownloadMix,
    DownloadOrder,
    DownloadSlice,
    export_files,
    make_download,
    missing_error,
)
from bandmate_server.workers.link import InputFile

Container = Literal["wav", "flac", "mp3"]
Bits = Literal[16, 24, 32]


def media_type(container: Container) -> str:
    """Of a file in it."""
    return MEDIA_TYPES[f".{container}"]


async def make_audio(
    context: CompatContext, job: str, stem: int, container: Container, bits: Bits = 24
) -> Path:
    """A stem of a finished job as a file, in a folder of its own that the caller deletes; `bits` where it has any.

    Raises RequestError: `no_such_job`, `input_missing`, `file_unusable`.
    """
    order = DownloadOrder(job=job, stem=stem, container=container, bits=bits)
    async with context.exports:
        return await make_download(context.services, order)


async def make_placed_audio(
    context: CompatContext, job: str, frames: int, container: Container, bits: Bits = 24
) -> Path:
    """As `make_audio` of the first stem, at its place in silence of so many frames from the timeline's 0."""
    services = context.services
    start = services.desk.events_of(job).job.submit.timeline.start_frame
    stem = _stem_of(services, job)
    piece = DownloadSlice(sha256=stem.sha256, start_frame=0, frames=stem.frames, at_frame=start)
    mix = DownloadMix(name=stem.name, frames=frames, slices=(piece,))
    order = DownloadOrder(job=job, stem=0, container=container, bits=bits, mixes=(mix,))
    async with context.exports:
        return await make_download(services, order)


async def make_take(
    context: CompatContext, job: str, frames: int, container: Container, bits: Bits = 24
) -> Path:
    """The source of a `repaint` with the repainted range in it, so many frames long. Raises as `make_audio`."""
    services = context.services
    submit = services.desk.events_of(job).job.submit
    stem = _stem_of(services, job)
    async with context.exports:
        folder = Path(tempfile.mkdtemp(prefix="bandmate-"))
        scratch = Path(tempfile.mkdtemp(prefix="bandmate-"))
        try:
            source = await _decoded_source(services, submit, scratch / "source.f32")
            take = await _take_source(services, submit, stem, source, frames, scratch)
            order = ExportOrder(
                sources=(msgspec.structs.replace(take, file_name=f"take.{container}"),),
                container=container,
                bits=bits,
                folder=str(folder),
            )
            return await export_files(order)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _stem_of(services: Services, job: str) -> JobStem:
    stems = services.store.stems_of(job)
    if not stems:
        raise missing_error()
    return stems[0]


async def _decoded_source(services: Services, submit: Submit, target: Path) -> DecodeAnswer:
    given = submit.inputs[0]
    found = await services.shelf.find(given.sha256)
    if found is None:
        raise missing_error()
    services.store.mark_used([given.sha256])
    kind, path = found
    layout = services.store.stem_layout(given.sha256) if kind == "stem" else None
    rate, channels = layout or (None, None)
    order = DecodeOrder(
        given=given,
        file=InputFile(str(path), rate, channels),
        sample_rate=submit.timeline.sample_rate,
        most_frames=round(services.settings.range_seconds * submit.timeline.sample_rate),
        target=str(target),
    )
    _, said = await ask_program("bandmate_server.compat.decode_process", given=msgspec.json.encode(order))
    answer = msgspec.json.decode(said, type=DecodeAnswer) if said else DecodeAnswer(error="it ended early")
    if answer.error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE, say("The source cannot be read again: {reason}", reason=answer.error)
        )
    return answer


async def _take_source(
    services: Services, submit: Submit, stem: JobStem, source: DecodeAnswer, frames: int, scratch: Path
) -> ExportSource:
    """The pieces of the whole: the source up to the range, the range, the rest of the source."""
    layout, path = services.store.stem_layout(stem.sha256), services.shelf.stem_path(stem.sha256)
    if layout is None or not await services.shelf.is_intact(path):
        raise missing_error()
    first = int(submit.params["ranges"][0]["start_frame"])
    last = first + stem.frames
    before = _source_slice(
        source, scratch, source.start_frame, min(first, source.start_frame + source.frames)
    )
    after = _source_slice(source, scratch, max(last, source.start_frame), source.start_frame + source.frames)
    repainted = ExportSlice(
        path=str(path), channels=layout[1], start_frame=0, frames=stem.frames, at_frame=first
    )
    return ExportSource(
        path="",
        file_name="",
        sha256=stem.sha256,
        sample_rate=layout[0],
        channels=max(layout[1], source.channels),
        frames=frames,
        slices=tuple(piece for piece in (before, repainted, after) if piece.frames > 0),
    )


def _source_slice(source: DecodeAnswer, scratch: Path, first: int, last: int) -> ExportSlice:
    return ExportSlice(
        path=str(scratch / "source.f32"),
        channels=source.channels,
        start_frame=first - source.start_frame,
        frames=last - first,
        at_frame=first,
    )
