"""Worker processes: one for the device and one for the CPU engines. Only they hold engines."""

from bandmate_server.workers.link import InputFile, RunJob
from bandmate_server.workers.process import AttemptEnded, JobNews, WorkerProcess

__all__ = ["AttemptEnded", "InputFile", "JobNews", "RunJob", "WorkerProcess"]
