"""Downloads a known SoundFont from an address that the user names; its hash tells whether it is the right one."""

from __future__ import annotations

import http.client
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from bandmate_plugins._models.access import proxy_hint
from bandmate_plugins._models.soundfont_files import add_soundfont, part_path
from bandmate_plugins._models.soundfonts import KnownSoundFont
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_protocol.version import __version__

HUB = "hub:"
_HUB_FILE = re.compile(r"([\w.-]+/[\w.-]+)/([^?#]+)")
_CHUNK = 1 << 18
_SILENT_SECONDS = 20.0
_NOTHING_LEFT = 416
_MAX_BYTES = 1_000_000_000
"""A package or archive may be larger than the SoundFont in it, but not by any amount."""


def download_address(place: str) -> str:
    """The address of `https://...` or `hub:OWNER/NAME/FILE`. Raises RequestError (`bad_params`)."""
    if place.startswith(HUB) and (found := _HUB_FILE.fullmatch(place.removeprefix(HUB))):
        endpoint = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
        return f"{endpoint}/{found[1]}/resolve/main/{quote(found[2])}"
    parts = urlsplit(place)
    if parts.scheme in ("https", "http") and parts.netloc:
        return place
    raise RequestError(
        ErrorCode.BAD_PARAMS,
        say("{place} is no address of a file.", place=place),
        "Write https://host/file.sf3, or hub:OWNER/NAME/FILE for a file of the Hugging Face hub.",
    )


def pull_soundfont(known: KnownSoundFont, address: str) -> Iterator[int]:
    """Downloads it into Bandmate's folder; yields how many more bytes came, and goes on where it stopped.

    The address may be that of a package or an archive that holds it. Raises RequestError: `engine_unavailable`
    (the address cannot be reached), `file_unusable` (another file came; nothing of it is kept), `disk_full`.
    """
    part = part_path(known)
    part.parent.mkdir(parents=True, exist_ok=True)
    with _explain_errors(known, address), part.open("ab") as file:
        yield from _stream_bytes(address, file)
    try:
        add_soundfont(part, known)
    finally:
        part.unlink(missing_ok=True)


def _stream_bytes(address: str, file: IO[bytes]) -> Iterator[int]:
    start = file.seek(0, 2)
    with _open_address(address, start) as answer:
        if start and answer.status != 206:
            # It sends all of it again.
            file.truncate(0)
        expected, came = int(answer.headers.get("Content-Length") or 0), 0
        while chunk := answer.read(_CHUNK):
            came += len(chunk)
            if file.tell() + len(chunk) > _MAX_BYTES:
                raise URLError(f"it sends more than {_MAX_BYTES // 1_000_000} MB")
            file.write(chunk)
            yield len(chunk)
    if came < expected:
        raise URLError(f"the connection ended after {came} of {expected} bytes")


def _open_address(address: str, start: int) -> Any:
    headers = {"User-Agent": f"bandmate/{__version__}", "Accept-Encoding": "identity"}
    resuming = headers | {"Range": f"bytes={start}-"} if start else headers
    try:
        return urlopen(Request(address, headers=resuming), timeout=_SILENT_SECONDS)  # noqa: S310 - http(s) only
    except HTTPError as error:
        if error.code != _NOTHING_LEFT or not start:
            raise
        error.close()
        return urlopen(Request(address, headers=headers), timeout=_SILENT_SECONDS)  # noqa: S310 - http(s) only


@contextmanager
def _explain_errors(known: KnownSoundFont, address: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if getattr(error, "errno", None) == 28:
            raise RequestError(
                ErrorCode.DISK_FULL,
                say("There is not enough space for {name}.", name=known.full_name),
                "Free some space and try again; the partial download is kept.",
            ) from error
        raise _unreachable(known, address, error) from error
    except http.client.HTTPException as error:
        raise _unreachable(known, address, error) from error


def _unreachable(known: KnownSoundFont, address: str, error: Exception) -> RequestError:
    reason = str(getattr(error, "reason", "") or error or type(error).__name__).rstrip(".")
    if isinstance(error, HTTPError):
        reason = f"the answer was {error.code} {error.reason}"
    host = urlsplit(address).netloc.rpartition("@")[2]
    return RequestError(
        ErrorCode.ENGINE_UNAVAILABLE,
        say(
            "{name} could not be downloaded from {host}: {reason}.{hint}",
            name=known.full_name, host=host, reason=reason, hint=proxy_hint(),
        ),
        "Try again, or name another address; the partial download is kept.",
    )  # fmt: skip


def where_to_get(known: KnownSoundFont) -> RequestError:
    """What to say when no address was named."""
    return RequestError(
        ErrorCode.BAD_PARAMS,
        say("Bandmate knows no fixed address of {file_name}.", file_name=known.file_name),
        say(
            "On Debian and Ubuntu, `apt install {package}` installs it. Elsewhere, name an address: `bandmate models "
            "pull {name} --from https://...`, or a file, also that package: `bandmate models add FILE`.",
            package=known.package, name=known.full_name,
        ),
    )  # fmt: skip
