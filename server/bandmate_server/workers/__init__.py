"""Worker processes: one for the device and one for the CPU engines. Only they hold engines."""

from bandmate_server.workers.link import InputFile, Run
from bandmate_server.workers.process import Ended, Relayed, WorkerProcess

__all__ = ["Ended", "InputFile", "Relayed", "Run", "WorkerProcess"]
