"""Jobs: their recipes and states in SQLite, and the order in which they run."""

from bandmate_server.jobs.job import Job
from bandmate_server.jobs.store import JobStore

__all__ = ["Job", "JobStore"]
