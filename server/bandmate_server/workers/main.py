"""The worker process: `python -m bandmate_server.workers.main LANE`. Runs one job at a time."""

from __future__ import annotations

import os
import queue
import sys
import threading
from typing import BinaryIO

from bandmate_server.workers.link import Finished, Ready, Report, Run, Stop, pack, read_command


class Line:
    """The way to the server. Reports of several threads do not mix."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def report(self, report: Report) -> None:
        """Sends a report; a worker whose server is gone ends."""
        with self._lock:
            try:
                self._stream.write(pack(report))
                self._stream.flush()
            except (BrokenPipeError, OSError):
                os._exit(0)


class Inbox(threading.Thread):
    """Reads commands beside the job: jobs into a queue, cancels into a set; ends with the server."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(name="inbox", daemon=True)
        self._stream = stream
        self.jobs: queue.SimpleQueue[Run] = queue.SimpleQueue()
        self._stopped: set[str] = set()

    def run(self) -> None:
        """Reads until the server is gone."""
        while (command := read_command(self._stream)) is not None:
            if isinstance(command, Stop):
                self._stopped.add(command.job)
            else:
                self._stopped.discard(command.job)
                self.jobs.put(command)
        # The server is gone, perhaps killed: what this process does has no reader any more.
        os._exit(0)

    def stopped(self, job: str) -> bool:
        """Whether a job was cancelled."""
        return job in self._stopped


def main(lane: str) -> None:
    """Runs until the server ends or this process is killed."""
    line, inbox = _take_pipes()
    from bandmate_server.workers.performer import Performer

    performer = Performer(lane, line.report, inbox.stopped)
    line.report(Ready(device=performer.device, sentence=performer.sentence))
    while True:
        run = inbox.jobs.get()
        line.report(Finished(job=run.job, frame=performer.perform(run)))


def _take_pipes() -> tuple[Line, Inbox]:
    """Takes the pipes away from everybody else: what plugins print goes to standard error, to the log."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    commands = os.fdopen(os.dup(0), "rb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    inbox = Inbox(commands)
    inbox.start()
    return Line(out), inbox


if __name__ == "__main__":
    main(sys.argv[1])
