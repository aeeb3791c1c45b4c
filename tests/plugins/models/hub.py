"""A stand-in for the model hub: its HTTP interface as the library uses it, with faults on demand."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from tests.running import RunningServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NEWER = "fedcba9876543210fedcba9876543210fedcba98"


_PIECE = 100_000


def _sibling(file: str, data: bytes, size: int) -> dict[str, Any]:
    """A file as the hub describes it; of large ones it tells the hash."""
    said: dict[str, Any] = {"rfilename": file, "size": size}
    if file.endswith(".safetensors"):
        said["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": size, "pointerSize": 134}
    return said


class Hub:
    """Repositories by name, each a map of files; the large ones are addressed by SHA-256, as LFS has it."""

    def __init__(self) -> None:
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.licences: dict[str, str] = {}
        self.sizes: dict[str, int] = {}
        """What it says of a file's length, where that is not the truth."""
        self.commit = COMMIT
        self.gated: set[str] = set()
        self.refuses_tokens = False
        """Answer whoever sends a token as the hub answers one that has expired."""
        self.private: set[str] = set()
        """Without a token these are as if they were not there."""
        self.break_after: int | None = None
        """Cut the next download of a large file after so many bytes."""
        self.gone_after_break = False
        """And have nothing to do with it any more after that cut."""
        self.pause_seconds = 0.0
        """Wait so long after each 100 kB of a large file."""
        self.corrupt = False
        """Send large files with wrong bytes in them."""
        self.sent: list[tuple[str, int]] = []
        """What was fetched, and from which byte on."""
        handler = type("Handler", (_Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def environ(self, home: Path) -> dict[str, str]:
        """What makes a process fetch from here, into a cache below a folder."""
        return {
            "HF_HOME": str(home / "hf"),
            "HF_ENDPOINT": self.address,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }

    @contextmanager
    def server(self, home: Path) -> Iterator[RunningServer]:
        """A server that pulls from here, and has no models in folders of its own; it must end well."""
        environ = self.environ(home) | {"BANDMATE_MODELS": str(home / "none")}
        running = RunningServer(home, environ=environ).start()
        yield running
        assert running.stop() == 0, running.log

    def __enter__(self) -> Hub:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: ClassVar[Hub]
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        path = self.path.split("?")[0].strip("/")
        if self.hub.refuses_tokens and self.headers.get("Authorization"):
            self._refuse(401, "", "Invalid credentials in Authorization header")
            return
        if path.startswith("api/models/"):
            self._describe(path.removeprefix("api/models/"))
            return
        name, _, rest = path.partition("/resolve/")
        commit, _, file = rest.partition("/")
        data = self.hub.repositories.get(name, {}).get(file)
        if name in self.hub.gated:
            self._refuse(403, "GatedRepo")
        elif name not in self.hub.repositories:
            self._refuse(404, "RepoNotFound")
        elif data is None:
            self._refuse(404, "EntryNotFound")
        else:
            self._send_file(file, data, commit, with_body=with_body)

    def _describe(self, path: str) -> None:
        name = path.split("/revision/")[0]
        if name in self.hub.private and not self.headers.get("Authorization"):
            self._refuse(401, "RepoNotFound")
            return
        if name not in self.hub.repositories:
            self._refuse(404, "RepoNotFound")
            return
        siblings = [
            _sibling(file, data, self.hub.sizes.get(file, len(data)))
            for file, data in self.hub.repositories[name].items()
        ]
        said: dict[str, Any] = {"id": name, "modelId": name, "sha": self.hub.commit, "siblings": siblings}
        if name in self.hub.licences:
            said["cardData"] = {"license": self.hub.licences[name]}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_file(self, file: str, data: bytes, commit: str, *, with_body: bool) -> None:
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        etag = hashlib.sha256(data).hexdigest()
        if not file.endswith(".safetensors"):
            etag = hashlib.sha1(f"blob {len(data)}\0".encode() + data).hexdigest()
        self.send_response(206 if start else 200)
        self.send_header("ETag", f'"{etag}"')
        self.send_header("X-Repo-Commit", commit)
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        if not with_body:
            return
        self.hub.sent.append((file, start))
        body = data[start:]
        if self.hub.corrupt and file.endswith(".safetensors"):
            body = bytes(len(body))
        if self.hub.break_after is not None and file.endswith(".safetensors"):
            body, self.hub.break_after = body[: self.hub.break_after], None
            self.close_connection = True
            if self.hub.gone_after_break:
                self.hub.gated |= set(self.hub.repositories)
        for at in range(0, len(body), _PIECE):
            if self.hub.pause_seconds:
                time.sleep(self.hub.pause_seconds)
            try:
                self.wfile.write(body[at : at + _PIECE])
            except OSError:
                # Whoever asked has hung up.
                self.close_connection = True
                return

    def _refuse(self, status: int, code: str, message: str = "") -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", message or code)
        self.send_header("Content-Length", "0")
        self.end_headers()
