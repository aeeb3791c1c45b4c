"""Ends a process together with everything that it started.

A plugin may start programs (ffmpeg, a loader's processes) or fork. They outlive the process that loaded the
plugin, hold its pipes open and keep its memory, unless they are ended with it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import NoReturn


def kill_group(leader: int, *, collected: bool = False) -> None:
    """Kills a process that was started with `start_new_session=True`, and what is left of its group.

    `collected` says that the leader has ended and its exit status was taken. A process that made a session of
    its own is out of reach.
    """
    if sys.platform == "win32":
        kill_tree(leader)
        return
    if collected and _process_exists(leader):
        # The system gives a number away again only once its group is empty: this is somebody else.
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def kill_tree(root: int) -> None:
    """Kills a process and its descendants; the way on Windows, which has no process groups to kill.

    A job object would also reach descendants whose parents have ended, but neither the standard library nor
    psutil has one. Without psutil nothing but the process itself is ended.
    """
    try:
        import psutil
    except ImportError:
        with contextlib.suppress(OSError):
            os.kill(root, signal.SIGTERM)
        return
    try:
        parent = psutil.Process(root)
        family = [*parent.children(recursive=True), parent]
    except psutil.Error:
        # On Windows children keep the number of a parent that has ended.
        family = [process for process in psutil.process_iter(["ppid"]) if process.info["ppid"] == root]
    for process in family:
        with contextlib.suppress(psutil.Error):
            process.kill()


def end_own_group() -> NoReturn:
    """Ends this process at once, and its whole group if it leads one."""
    if sys.platform == "win32":
        kill_tree(os.getpid())
    elif os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
