"""The agent: a small process beside REAPER that speaks with the server, and with the scripts by a mailbox."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bandmate_bridge.client import Client
from bandmate_bridge.reaper.agent.mailbox import TO_REAPER, Mailbox
from bandmate_bridge.reaper.agent.worker import HANDLED_TYPES, AgentWorker
from bandmate_plugins._platform import home
from bandmate_plugins._platform.private import make_private
from bandmate_protocol.errors import BandmateError
from bandmate_protocol.version import __version__

ALIVE_SECONDS = 1.0
BUSY_SECONDS = 0.004
IDLE_SECONDS = 0.03
SILENCE_SECONDS = 600.0
"""Without a word of the scripts for so long, REAPER is gone. A render or an open dialog may take minutes."""
SILENCE_BUSY_SECONDS = 3600.0

_ORPHAN_SECONDS = 24 * 3600
_REPLACEABLE = ("alive", "progress", "pulling", "grown", "sending")
"""What is left out while nobody reads: a later one says the same."""


def mailboxes_folder() -> Path:
    """The folder with a mailbox for each REAPER that runs."""
    return home.state_dir() / "reaper"


class ReaperAgent:
    """Serves one mailbox until REAPER says goodbye or is silent for long."""

    def __init__(
        self, folder: Path, connect: Callable[[Callable[[str], None]], Client] | None = None
    ) -> None:
        make_private(folder.parent)
        self._box = Mailbox(folder)
        self._work = AgentWorker(self._send_message, connect or _connect_client)
        self._heard = time.monotonic()
        self._said_alive = 0.0
        self._error: BaseException | None = None

    def run(self) -> None:
        """Works until the end. Raises what ended the work, if that was no order."""
        self._box.sweep()
        self._send_message({"type": "hello", "version": __version__, "pid": os.getpid()})
        worker = threading.Thread(target=self._run_worker, name="bandmate-work", daemon=True)
        worker.start()
        try:
            while worker.is_alive() and self._handle_mailbox():
                time.sleep(BUSY_SECONDS if self._work.is_busy else IDLE_SECONDS)
        finally:
            self._work.put(None)
            worker.join(10)
        if self._error is not None:
            raise self._error

    def _run_worker(self) -> None:
        try:
            self._work.run()
        except BaseException as error:  # noqa: BLE001 - it is raised again in the main thread
            self._error = error

    def _handle_mailbox(self) -> bool:
        now = time.monotonic()
        for message in self._box.receive():
            self._heard = now
            kind = message.get("type")
            if kind == "bye":
                return False
            if kind == "hello":
                self._answer_hello(message)
            elif kind in HANDLED_TYPES:
                self._work.put(message)
        if now - self._said_alive > ALIVE_SECONDS:
            self._said_alive = now
            self._send_message({"type": "alive"})
        return now - self._heard < (SILENCE_BUSY_SECONDS if self._work.is_busy else SILENCE_SECONDS)

    def _answer_hello(self, message: dict[str, Any]) -> None:
        """Answers the scripts' first message; scripts of another version are told how to get up to date."""
        version = str(message.get("version", ""))
        answer = {"type": "hello", "re": message.get("id"), "version": __version__, "pid": os.getpid()}
        if version != __version__:
            answer["stale"] = f"The scripts in REAPER have version {version}, but Bandmate has {__version__}."
            answer["remedy"] = "Run `bandmate install reaper`, then run the action again."
        self._send_message(answer)

    def _send_message(self, message: dict[str, Any]) -> None:
        try:
            if message["type"] in _REPLACEABLE and self._box.is_full():
                return
            self._box.send(message)
        except FileNotFoundError:
            # The scripts took the mailbox away: REAPER is gone.
            self._heard = -SILENCE_BUSY_SECONDS


def sweep_mailboxes(own: Path) -> None:
    """Removes the mailboxes beside ours that nobody has used for a day: of a REAPER that crashed."""
    for folder in own.parent.iterdir():
        with contextlib.suppress(OSError):
            unused = time.time() - (folder / TO_REAPER).stat().st_mtime > _ORPHAN_SECONDS
            if folder != own and unused:
                shutil.rmtree(folder)


def _connect_client(notify: Callable[[str], None]) -> Client:
    return Client.connect(role="reaper", name="REAPER", notify=notify, warn=notify)


def main(arguments: list[str] | None = None) -> int:
    """`python -m bandmate_bridge.reaper --box FOLDER`: serves that mailbox, unless somebody does already."""
    import argparse

    from bandmate_bridge.reaper.agent.single_agent import SingleAgent

    parser = argparse.ArgumentParser(prog="bandmate agent reaper")
    parser.add_argument("--box", type=Path, required=True, help="the mailbox that REAPER's scripts made")
    folder: Path = parser.parse_args(arguments).box.absolute()
    make_private(folder.parent)
    make_private(folder)
    with SingleAgent(folder / "agent.lock") as alone:
        if not alone.is_first:
            return 0
        sweep_mailboxes(folder)
        try:
            ReaperAgent(folder).run()
        except BandmateError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    # The scripts said goodbye: a mailbox is used by one run of them.
    shutil.rmtree(folder, ignore_errors=True)
    return 0
