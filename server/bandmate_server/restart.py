"""Starting the server again in the same process, so that settings apply which a running server cannot change."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NoReturn

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


class RestartSwitch:
    """Says whether the command that runs a server shall run it again once it has ended."""

    def __init__(self) -> None:
        self.is_wanted = False
        self.end_server: Callable[[], None] = lambda: None
        """Ends the server in order; set by who runs it."""

    def ask(self, running_jobs: int, *, confirmed: bool) -> None:
        """Ends the server, to be started again. Raises RequestError (`not_confirmed`) while jobs run."""
        if running_jobs > 0 and not confirmed:
            raise RequestError(
                ErrorCode.NOT_CONFIRMED,
                "A job is being made: it begins again after a restart."
                if running_jobs == 1
                else say(
                    "{count} jobs are being made: they begin again after a restart.", count=running_jobs
                ),
                "Wait for it to end, or confirm the restart.",
            )
        self.is_wanted = True
        self.end_server()


def make_switch() -> RestartSwitch | None:
    """None on Windows, where a process cannot become another one and keep its terminal."""
    return None if sys.platform == "win32" else RestartSwitch()


def restart_process(port: int | None) -> NoReturn:
    """Becomes the same command again, in the same process; `port` replaces one that the system had chosen."""
    options = () if port is None else ("--port", str(port))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:], *options])  # noqa: S606 - its own command
