"""What a client of acestep.cpp does: post a request, poll its job, take the parts of its result."""

from __future__ import annotations

import io
import json
import re
import time
from typing import Any

import numpy as np
import soundfile

from tests.patience import PATIENCE_SECONDS
from tests.server.compat.client import Answer, CompatClient

RATE = 48_000
BOUNDARY = b"--ace-batch-boundary"


def asked(client: CompatClient, path: str, body: Any, headers: dict[str, str] | None = None) -> str:
    """The id of a job that has to be taken in."""
    answer = client("POST", path, body, headers)
    assert answer.status == 200, answer.data
    job: str = answer.json["id"]
    assert re.fullmatch(r"[0-9a-f]{16}", job)
    return job


def status(client: CompatClient, job: str) -> dict[str, Any]:
    """How a job is now."""
    answer = client("GET", f"/job?id={job}")
    assert answer.status == 200, answer.data
    found: dict[str, Any] = answer.json
    return found


def ended(client: CompatClient, job: str) -> dict[str, Any]:
    """How a job is once it has ended."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (found := status(client, job))["status"] == "running":
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


def result(client: CompatClient, job: str) -> Answer:
    """The result of a job that has to succeed."""
    found = ended(client, job)
    assert found == {"status": "done"}, found
    answer = client("GET", f"/job?id={job}&result=1")
    assert answer.status == 200, answer.data
    return answer


def parts(answer: Answer) -> list[tuple[str, bytes]]:
    """Type and bytes of each part, split as upstream's own page does: by the boundary, then at the empty line."""
    assert answer.headers["content-type"] == "multipart/mixed; boundary=ace-batch-boundary"
    first, *pieces, end = answer.data.split(BOUNDARY)
    assert (first, end) == (b"", b"--\r\n")
    found = []
    for piece in pieces:
        head, _, body = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        assert body.endswith(b"\r\n")
        found.append((head.decode().removeprefix("Content-Type: "), body[:-2]))
    return found


def tracks(
    client: CompatClient, body: Any, headers: dict[str, str] | None = None, media_type: str = "audio/wav"
) -> list[np.ndarray]:
    """The samples of each track that `/synth` makes, in the shape (frames, channels)."""
    found = []
    for kind, data in parts(result(client, asked(client, "/synth", body, headers))):
        assert kind == media_type
        samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
        assert rate == RATE
        found.append(samples)
    return found


def form(request: Any, files: dict[str, bytes], *, as_file: bool = True) -> tuple[bytes, dict[str, str]]:
    """A form as upstream's page sends it: the request as a file of JSON, and recordings."""
    name = '; filename="request.json"\r\nContent-Type: application/json' if as_file else ""
    given = [("request", name, json.dumps(request).encode())] if request is not None else []
    given += [
        (key, f'; filename="{key}"\r\nContent-Type: application/octet-stream', data)
        for key, data in files.items()
    ]
    body = b"".join(
        f'--form\r\nContent-Disposition: form-data; name="{key}"{rest}\r\n\r\n'.encode() + data + b"\r\n"
        for key, rest, data in given
    )
    return body + b"--form--\r\n", {"Content-Type": "multipart/form-data; boundary=form"}
