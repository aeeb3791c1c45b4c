"""The worker process: `python -m bandmate_server.workers.main LANE`. Runs one job at a time."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from typing import BinaryIO

from bandmate_plugins._platform.private import UMASK
from bandmate_plugins._platform.process_group import end_own_group
from bandmate_server.workers.forked_copies import end_if_copy, watch_copies
from bandmate_server.workers.heap import keep_freed_memory, release_freed_memory
from bandmate_server.workers.light_imports import import_filters
from bandmate_server.workers.link import RunJob, StopJob, WorkerReady, WorkerReport, pack_frame, read_command

_REST_SECONDS = 5.0
"""Without a job for so long, a worker gives back the memory that it has kept for the next."""


class ReportPipe:
    """The way to the server. Reports of several threads do not mix."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send_report(self, report: WorkerReport) -> None:
        """Sends a report; a worker whose server is gone ends, and so does a copy of the worker."""
        end_if_copy()
        with self._lock:
            try:
                self._stream.write(pack_frame(report))
                self._stream.flush()
            except (BrokenPipeError, OSError):
                end_own_group()


class CommandReader(threading.Thread):
    """Reads commands beside the job: jobs into a queue, cancels into a set; ends with the server."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(name="inbox", daemon=True)
        self._stream = stream
        self._jobs: queue.SimpleQueue[RunJob] = queue.SimpleQueue()
        self._stopped: set[str] = set()

    def run(self) -> None:
        """Reads until the server is gone."""
        while (command := read_command(self._stream)) is not None:
            if isinstance(command, StopJob):
                self._stopped.add(command.job)
            else:
                self._stopped.discard(command.job)
                self._jobs.put(command)
        # The server is gone, perhaps killed: what this process and its children do has no reader any more.
        end_own_group()

    def next_job(self, rest_seconds: float = _REST_SECONDS) -> RunJob:
        """Waits for a job; after the rest, kept memory is given back meanwhile."""
        try:
            return self._jobs.get(timeout=rest_seconds)
        except queue.Empty:
            release_freed_memory()
            return self._jobs.get()

    def is_cancelled(self, job: str) -> bool:
        """Whether a job was cancelled."""
        return job in self._stopped


def main(lane: str) -> None:
    """Runs until the server ends or this process is killed."""
    keep_freed_memory()
    # Ctrl-C in a terminal reaches every process there; the server says when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line, inbox = _take_pipes()
    watch_copies()
    import_filters()
    from bandmate_server.workers.runner import JobRunner

    performer = JobRunner(lane, line.send_report, inbox.is_cancelled)
    line.send_report(WorkerReady(device=performer.device, sentence=performer.sentence))
    while True:
        run = inbox.next_job()
        # The task before may have set another.
        os.umask(UMASK)
        line.send_report(performer.run_job(run))


def _take_pipes() -> tuple[ReportPipe, CommandReader]:
    """Takes the pipes away from everybody else: what plugins print goes to standard error, to the log."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    commands = os.fdopen(os.dup(0), "rb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    inbox = CommandReader(commands)
    inbox.start()
    return ReportPipe(out), inbox


if __name__ == "__main__":
    main(sys.argv[1])
