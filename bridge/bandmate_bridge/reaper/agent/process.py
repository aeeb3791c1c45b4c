"""The agent: a small process beside REAPER that speaks with the server, and with the scripts by a mailbox."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bandmate_bridge.client import Client
from bandmate_bridge.reaper.agent.mailbox import TO_REAPER, Mailbox
from bandmate_bridge.reaper.agent.script_messages import failure_message
from bandmate_bridge.reaper.agent.worker import AgentWorker
from bandmate_bridge.reaper.mailbox_messages import (
    MAILBOX_VERSION,
    AgentAlive,
    AgentHello,
    AgentMessage,
    FileSending,
    FilesGrown,
    JobMoved,
    PullMoved,
    RefuseInvoke,
    ScriptsBye,
    ScriptsHello,
)
from bandmate_bridge.reaper.mailbox_messages.read_messages import message_values, read_script_message
from bandmate_plugins._platform import home
from bandmate_plugins._platform.private import make_private
from bandmate_protocol.errors import BandmateError, RequestError
from bandmate_protocol.version import __version__

ALIVE_SECONDS = 1.0
BUSY_SECONDS = 0.004
IDLE_SECONDS = 0.03
SILENCE_SECONDS = 600.0
"""Without a word of the scripts for so long, REAPER is gone. A render or an open dialog may take minutes."""
SILENCE_BUSY_SECONDS = 3600.0

_ORPHAN_SECONDS = 24 * 3600
_REPLACEABLE = (AgentAlive, JobMoved, PullMoved, FilesGrown, FileSending)
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
        self._scripts_version = MAILBOX_VERSION
        """What the scripts read; of today until they say otherwise."""
        self._error: BaseException | None = None

    def run(self) -> None:
        """Works until the end. Raises what ended the work, if that was no order."""
        self._box.sweep()
        self._send_message(AgentHello(version=__version__, pid=os.getpid(), mailbox_version=MAILBOX_VERSION))
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
        for values in self._box.receive():
            self._heard = now
            try:
                message = read_script_message(values)
            except RequestError as error:
                self._refuse_message(values, error)
                continue
            if isinstance(message, ScriptsBye):
                return False
            if isinstance(message, ScriptsHello):
                self._answer_hello(message)
            else:
                self._work.put(message)
        if now - self._said_alive > ALIVE_SECONDS:
            self._said_alive = now
            self._send_message(AgentAlive())
        return now - self._heard < (SILENCE_BUSY_SECONDS if self._work.is_busy else SILENCE_SECONDS)

    def _refuse_message(self, values: Mapping[str, Any], error: RequestError) -> None:
        """Says what was wrong with a message: to the scripts, and to the surface that it was sent for."""
        self._send_message(failure_message(error, re=str(values.get("id", ""))))
        if invoke := values.get("invoke"):
            self._work.put(RefuseInvoke(request=str(invoke), sentence=str(error)))

    def _answer_hello(self, message: ScriptsHello) -> None:
        """Answers the scripts' first message; scripts of another version are told how to get up to date."""
        self._scripts_version = message.mailbox_version
        stale = None
        if message.version != __version__:
            stale = f"The scripts in REAPER have version {message.version}, but Bandmate has {__version__}."
        self._send_message(
            AgentHello(
                re=message.id,
                version=__version__,
                pid=os.getpid(),
                mailbox_version=MAILBOX_VERSION,
                stale=stale,
                remedy="Run `bandmate install reaper`, then run the action again." if stale else "",
            )
        )

    def _send_message(self, message: AgentMessage) -> None:
        try:
            if isinstance(message, _REPLACEABLE) and self._box.is_full():
                return
            self._box.send(message_values(message, self._scripts_version))
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
