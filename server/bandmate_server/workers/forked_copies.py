"""Copies of the worker, which a plugin makes with `os.fork`: they report nothing, and end with the worker."""

from __future__ import annotations

import os
import threading
import time

_CHECK_SECONDS = 1.0

_worker = os.getpid()
_here = _worker
"""This process, and in a copy that has just been made the one that it was made of."""


def watch_copies() -> None:
    """Lets every copy of this process that runs on in Python end soon after the process it was made of.

    A copy has no thread that reads from the server, and no process group reaches it once it has made a
    session of its own. Windows has no fork.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_watch_parent)


def end_if_copy() -> None:
    """Ends this process if it is a copy: it shares the worker's files, and would write into the same job."""
    if os.getpid() != _worker:
        os._exit(0)


def _watch_parent() -> None:
    global _here
    parent, _here = _here, os.getpid()
    threading.Thread(target=_end_with_parent, args=(parent,), name="watch parent", daemon=True).start()


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_CHECK_SECONDS)
    os._exit(0)
