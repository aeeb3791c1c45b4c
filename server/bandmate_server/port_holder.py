"""Which program has a port that cannot be listened on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Literal

import psutil


def port_holder(port: int, kind: Literal["tcp", "udp"] = "tcp") -> str:
    """The program that has a port, such as `nginx (process 812)`; empty where the system does not tell."""
    for pid in _holder_pids(port, kind):
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            words = process.cmdline()
            ours = "serve" in words and any("bandmate" in word for word in words)
            name = "another Bandmate server" if ours else process.name()
            return f"{name} (process {pid})"
    return ""


def taken_by_text(port: int, kind: Literal["tcp", "udp"] = "tcp") -> str:
    """The end of a sentence on a port: ` by nginx (process 812)`, or nothing where nobody can be named."""
    holder = port_holder(port, kind)
    return f" by {holder}" if holder else ""


def _holder_pids(port: int, kind: str) -> Iterator[int]:
    try:
        found = psutil.net_connections(kind)
    except (psutil.Error, OSError):
        # macOS shows the whole table to root alone, and everybody the sockets of their own processes.
        yield from _own_holder_pids(port, kind)
        return
    yield from (each.pid for each in found if each.pid and _listens_on(each, port))


def _own_holder_pids(port: int, kind: str) -> Iterator[int]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if any(_listens_on(each, port) for each in process.net_connections(kind)):
                yield process.pid


def _listens_on(socket: Any, port: int) -> bool:
    """Whether a socket waits on the port; UDP sockets have no state."""
    waits = socket.status in (psutil.CONN_LISTEN, psutil.CONN_NONE)
    return bool(waits and socket.laddr and socket.laddr.port == port)
