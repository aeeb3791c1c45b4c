"""Worker processes: one for each device and one for the CPU engines. They hold the engines; the server never does."""

from bandmate_server.workers.link import InputFile, Run
from bandmate_server.workers.process import Ended, Relayed, WorkerProcess

__all__ = ["Ended", "InputFile", "Relayed", "Run", "WorkerProcess"]
