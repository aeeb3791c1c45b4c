"""The mailbox between REAPER's scripts and the agent: a folder of JSON files, each of them there as a whole.

A message is written under a name that ends with `.tmp` and then renamed to `SEQUENCE-WRITER.json`; whoever
reads it deletes it. Sequences are microseconds since 1970 that never repeat, so that messages stay in order
when a writer is started anew. A side that is not read for long stops being written to, except for what must
not be lost.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from bandmate_plugins._platform.private import make_private
from bandmate_protocol.texts import plain_text

TO_AGENT = "to-agent"
TO_REAPER = "to-reaper"
MAX_WAITING = 200
"""Messages in one direction, before those that a later one replaces are left out."""

_NAME = re.compile(r"[0-9]{16}-[0-9a-f]{8}\.json")
_MAX_BYTES = 32 << 20
_ORPHAN_SECONDS = 60
_PATIENCE_SECONDS = 1.0


class Mailbox:
    """The agent's end of a mailbox. Sending may be done from any thread."""

    def __init__(self, folder: Path, incoming: str = TO_AGENT, outgoing: str = TO_REAPER) -> None:
        self.folder = folder
        self._incoming = folder / incoming
        self._outgoing = folder / outgoing
        self._writer = secrets.token_hex(4)
        self._last = 0
        self._lock = threading.Lock()
        for path in (folder, self._incoming, self._outgoing):
            make_private(path)

    def send(self, message: Mapping[str, Any]) -> None:
        """Puts a message into the other side's folder. Raises OSError."""
        data = msgspec.json.encode(message, enc_hook=plain_text)
        with self._lock:
            self._last = max(self._last + 1, time.time_ns() // 1000)
            path = self._outgoing / f"{self._last:016d}-{self._writer}.json"
            fresh = path.with_suffix(".tmp")
            fresh.write_bytes(data)
            _retry_rename(lambda: os.replace(fresh, path))

    def receive(self) -> list[dict[str, Any]]:
        """All messages that are there, in order; they are gone afterwards. What is no message is dropped."""
        with os.scandir(self._incoming) as entries:
            names = sorted(entry.name for entry in entries if _NAME.fullmatch(entry.name))
        found: list[dict[str, Any]] = []
        for name in names:
            data = _take_bytes(self._incoming / name)
            # A message that nests deeply enough raises no DecodeError.
            with contextlib.suppress(msgspec.DecodeError, RecursionError):
                found.append(msgspec.json.decode(data, type=dict[str, Any]))
        return found

    def is_full(self) -> bool:
        """The other side has not read for so long that only what must not be lost should be sent."""
        with os.scandir(self._outgoing) as entries:
            return sum(1 for _ in entries) >= MAX_WAITING

    def sweep(self) -> None:
        """Removes what a writer that died left half-written."""
        for folder in (self._incoming, self._outgoing):
            for path in folder.glob("*.tmp"):
                with contextlib.suppress(OSError):
                    if time.time() - path.stat().st_mtime > _ORPHAN_SECONDS:
                        path.unlink()


def _take_bytes(path: Path) -> bytes:
    """The bytes of a message, which is gone before anybody looks into it; none if it is too large."""
    data = b""
    with contextlib.suppress(OSError):
        about = path.lstat()
        if stat.S_ISREG(about.st_mode) and about.st_size <= _MAX_BYTES:
            data = path.read_bytes()
    with contextlib.suppress(OSError):
        path.unlink()
    return data


def _retry_rename(act: Any) -> None:
    """Windows refuses to rename for the moment in which something else looks at the file."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            act()
        except PermissionError:
            if os.name != "nt" or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
