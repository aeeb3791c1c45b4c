"""What a client of ACE-Step's API does: release a task, poll it, fetch its audio."""

from __future__ import annotations

import io
import json
import time
import uuid
from typing import Any

import numpy as np
import soundfile

from tests.patience import PATIENCE_SECONDS
from tests.server.compat.client import Answer, CompatClient

RATE = 48_000


def multipart(fields: dict[str, str], files: dict[str, bytes]) -> tuple[bytes, dict[str, str]]:
    """A form with files, and its headers, as a browser sends it."""
    boundary = f"----{uuid.uuid4().hex}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, data in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.wav"\r\n'
        parts.append(head.encode() + b"Content-Type: audio/wav\r\n\r\n" + data + b"\r\n")
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def release(client: CompatClient, body: Any, headers: dict[str, str] | None = None) -> str:
    """The id of a task that has to be taken in."""
    answer = client("POST", "/release_task", body, headers)
    assert answer.status == 200, answer.data
    said = answer.json
    assert (said["code"], said["error"], said["data"]["status"]) == (200, None, "queued")
    assert said["data"]["queue_position"] >= 1
    return said["data"]["task_id"]


def query(client: CompatClient, task: str) -> dict[str, Any]:
    """How a task is now."""
    answer = client("POST", "/query_result", {"task_id_list": [task]})
    assert answer.status == 200, answer.data
    (entry,) = answer.json["data"]
    assert entry["task_id"] == task
    return entry


def ended(client: CompatClient, task: str) -> tuple[int, list[dict[str, Any]]]:
    """Status and items of a task once it has ended."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (entry := query(client, task))["status"] == 0:
        (item,) = json.loads(entry["result"])
        assert 0.0 <= item["progress"] <= 1.0
        assert time.monotonic() < until, entry
        time.sleep(0.05)
    return entry["status"], json.loads(entry["result"])


def made(client: CompatClient, body: Any, headers: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """The items of a task that has to succeed."""
    status, items = ended(client, release(client, body, headers))
    assert status == 1, items
    return items


def fetch(client: CompatClient, item: dict[str, Any]) -> Answer:
    """The file of an item, without a header: its address is enough."""
    assert item["url"] == client.base + item["file"]
    answer = client.raw("GET", item["file"])
    assert answer.status == 200, answer.data
    return answer


def decoded(client: CompatClient, item: dict[str, Any]) -> np.ndarray:
    """The samples of an item's file, in the shape (frames, channels)."""
    samples, rate = soundfile.read(io.BytesIO(fetch(client, item).data), dtype="float32", always_2d=True)
    assert rate == RATE
    return samples


def wav_bytes(samples: np.ndarray, rate: int = RATE) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, "FLOAT", format="WAV")
    return file.getvalue()
