"""Bodies: one request or several as JSON, or a form with them and with recordings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.multipart import read_multipart
from bandmate_server.compat.reading import MAX_JSON_BYTES, read_body
from bandmate_server.compat.songs.planning import SourceAudio
from bandmate_server.compat.songs.preparation import measure
from bandmate_server.compat.sources import store_audio
from bandmate_server.rest.reading import BadBodyError, check_encoding, decode_json, too_large_error

MOST_REQUESTS = 8
"""Of one body."""
_LATENTS = {"src_latents": "audio", "ref_latents": "ref_audio"}


@dataclass(frozen=True)
class Body:
    """What a client sent."""

    requests: tuple[dict[str, Any], ...]
    form: FormData = field(default_factory=FormData)

    async def audio(self, context: CompatContext, name: str) -> SourceAudio | None:
        """The recording of a part of the form, stored; None where there is none.

        Raises RequestError (`input_unusable`) where it is none that can be read.
        """
        file = self.form.get(name)
        return (
            await measure(context, await store_audio(context.services, file.file))
            if isinstance(file, UploadFile)
            else None
        )


@asynccontextmanager
async def read_requests(request: Request, context: CompatContext) -> AsyncIterator[Body]:
    """The body; its files last as long as the context.

    Raises BadBodyError (400, 408, 413, 415), RequestError (`bad_params`) for latents, ClientDisconnect.
    """
    check_encoding(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        # Its clients are not exact about the type of JSON.
        yield Body(_read_objects(await read_body(request)))
        return
    form = await read_multipart(request, context.services.uploads.most_bytes + MAX_JSON_BYTES)
    try:
        _check_latents(form)
        yield Body(_read_objects(await _read_part(form)), form)
    finally:
        await form.close()


async def _read_part(form: FormData) -> bytes:
    """The part `request`, which clients send as a field or as a file; without one, an empty request."""
    part = form.get("request")
    if not isinstance(part, UploadFile):
        return (part or "{}").encode("utf-8", "replace")
    if (part.size or 0) > MAX_JSON_BYTES:
        raise too_large_error(MAX_JSON_BYTES)
    return await part.read()


def _read_objects(data: bytes) -> tuple[dict[str, Any], ...]:
    found = decode_json(data)
    objects = found if isinstance(found, list) else [found]
    if len(objects) > MOST_REQUESTS:
        raise BadBodyError(413, say("One body holds at most {most} requests.", most=MOST_REQUESTS))
    if not objects or not all(isinstance(each, dict) for each in objects):
        raise BadBodyError(400, "The body is not a request.", 'Send {"caption": "..."}, or a list of such.')
    return tuple(objects)


def _check_latents(form: FormData) -> None:
    for latents, audio in _LATENTS.items():
        if latents in form and audio not in form:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say("Bandmate takes no latents over this API, so `{name}` cannot be read.", name=latents),
                say("Send the recording itself as `{name}`.", name=audio),
            )
