"""Bodies of `/release_task` and its like: JSON, forms, and forms with files, within bounds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.texts import say
from bandmate_server.compat.access import UNAUTHORISED, CompatAccess
from bandmate_server.compat.multipart import MAX_FIELDS, read_multipart
from bandmate_server.compat.reading import MAX_JSON_BYTES, read_body
from bandmate_server.compat.songs.values import as_text
from bandmate_server.rest.reading import BadBodyError, check_encoding, decode_json

TOKEN_FIELD = "ai_token"  # noqa: S105 - the name of a field
REFERENCE_FILES = ("ref_audio", "reference_audio")
SOURCE_FILES = ("ctx_audio", "src_audio")
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


@dataclass
class Body:
    """What a request says, and the files that came with it."""

    values: Mapping[str, Any]
    files: Mapping[str, UploadFile] = field(default_factory=dict)
    form: FormData | None = None
    """What holds the files."""

    def file(self, names: tuple[str, ...]) -> UploadFile | None:
        """The file under the first of some names; None where there is none, or an empty one."""
        found = next((self.files[name] for name in names if name in self.files), None)
        return found if found is not None and found.size else None


@asynccontextmanager
async def read_request(request: Request, access: CompatAccess, most_file_bytes: int) -> AsyncIterator[Body]:
    """The body, once the token was shown in the headers or in it; its files last as long as the context.

    Raises BadBodyError (400, 401, 408, 413, 415), ClientDisconnect.
    """
    check_encoding(request)
    is_known = access.has_token(request.headers)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _MULTIPART:
        # Nobody unknown fills the disk.
        most_bytes = most_file_bytes + MAX_JSON_BYTES if is_known else MAX_JSON_BYTES
        body = await _read_multipart(request, most_bytes)
    else:
        body = Body(_read_values(kind, await read_body(request)))
    try:
        shown = body.values.get(TOKEN_FIELD)
        if not access.may_enter(request.headers, None if shown is None else as_text(shown)):
            raise BadBodyError(401, UNAUTHORISED, code=ErrorCode.NOT_ALLOWED)
        yield body
    finally:
        if body.form is not None:
            await body.form.close()


def _read_values(kind: str, data: bytes) -> Mapping[str, Any]:
    if not kind:
        kind = _guess_kind(data)
    if kind == _FORM:
        return _form_values(data)
    if kind == "application/json" or kind.endswith("+json"):
        found = decode_json(data or b"{}")
        if not isinstance(found, dict):
            raise BadBodyError(400, "The body is not a JSON object.")
        return found
    raise BadBodyError(
        415,
        say("A body of type {kind} is not understood here.", kind=ascii(kind[:80] or "none")),
        "Send JSON, a form, or a form with files.",
    )


def _guess_kind(data: bytes) -> str:
    start = data.lstrip()[:1]
    if start in (b"{", b"[", b""):
        return "application/json"
    return _FORM if b"=" in data else ""


def _form_values(data: bytes) -> Mapping[str, Any]:
    try:
        pairs = parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise BadBodyError(413, say("The form has more than {most} fields.", most=MAX_FIELDS)) from error
    return dict(pairs)


async def _read_multipart(request: Request, most_bytes: int) -> Body:
    form = await read_multipart(request, most_bytes)
    items = form.multi_items()
    return Body(
        {name: value for name, value in items if isinstance(value, str)},
        {name: value for name, value in items if isinstance(value, UploadFile)},
        form,
    )
