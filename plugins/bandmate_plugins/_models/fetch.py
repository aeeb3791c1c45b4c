"""Downloads a large file into the hub's cache so that a later call goes on where this one stopped.

The hub's own library deletes what came of a file when its download ends early. Here it stays, beside the
blobs, as `HASH.incomplete`; whole, it is the blob that the library would have made.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from bandmate_plugins._models.place import hub_cache, repository_folder
from bandmate_plugins.model import Model
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_CHUNK = 1 << 18
"""Bytes at a time: a cancel and a slow line want it short."""
_SILENT_SECONDS = 10.0
_TRIES = 4
"""Calls in a row that bring nothing before it is given up."""


def blob_path(model: Model, digest: str) -> Path:
    """Where the cache keeps a file's bytes."""
    return repository_folder(model) / "blobs" / digest


def part_path(model: Model, digest: str) -> Path:
    """Where what came so far lies."""
    return repository_folder(model) / "blobs" / f"{digest}.incomplete"


def fetch_file(
    model: Model, name: str, commit: str, digest: str, size: int, *, token: bool | None = None
) -> Iterator[int]:
    """Fetches the file with that SHA-256; yields how many of its bytes are here, as they come.

    ``token``: False leaves out the user's.

    Raises RequestError (`engine_unavailable`) when another program is fetching it, and what the hub's
    library raises.
    """
    from huggingface_hub import hf_hub_url

    blob, part = blob_path(model, digest), part_path(model, digest)
    part.parent.mkdir(parents=True, exist_ok=True)
    url = hf_hub_url(model.hub_id, name, revision=commit)
    with _file_lock(model, digest):
        if not blob.is_file():
            with part.open("ab") as file:
                yield from _resume_file(url, file, size, token)
            part.replace(blob)


def _resume_file(url: str, file: IO[bytes], size: int, token: bool | None) -> Iterator[int]:
    if file.tell() > size:
        file.truncate(0)
    failures = 0
    while (before := file.seek(0, 2)) < size:
        try:
            yield from _stream_bytes(url, file, before, token)
        except Exception as error:
            failures = 0 if file.seek(0, 2) > before else failures + 1
            if failures == _TRIES or not is_connection_error(error):
                raise
            time.sleep(0.25 * 2**failures)
        yield file.seek(0, 2)


def _stream_bytes(url: str, file: IO[bytes], start: int, token: bool | None) -> Iterator[int]:
    from huggingface_hub import get_session
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

    headers = {**build_hf_headers(token=token), "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    with get_session().stream("GET", url, headers=headers, timeout=_SILENT_SECONDS) as answer:
        hf_raise_for_status(answer)
        if start and answer.status_code != 206:
            # It sends all of it again.
            file.truncate(0)
        for chunk in answer.iter_bytes(_CHUNK):
            file.write(chunk)
            file.flush()
            yield file.seek(0, 2)


def is_connection_error(error: Exception) -> bool:
    """Whether an error is that of the line, and may be gone the next time."""
    kinds: tuple[Any, ...] = type(error).__mro__
    return any("httpx" in kind.__module__ and kind.__name__ == "TransportError" for kind in kinds)


@contextmanager
def _file_lock(model: Model, digest: str) -> Iterator[None]:
    """Nobody else writes to the file meanwhile; the lock is the one that the hub's library takes."""
    from filelock import FileLock, Timeout

    folder = hub_cache() / ".locks" / repository_folder(model).name
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{digest}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say("{hub_id} is already being downloaded.", hub_id=model.hub_id),
            "Wait until it is installed; `bandmate models list` shows when it is.",
        ) from error
    try:
        yield
    finally:
        lock.release()
