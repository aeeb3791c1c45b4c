"""For plugin authors: run a task in a test, and check it against its contract."""

from bandmate_plugins.testing.checks import check_engine, check_task
from bandmate_plugins.testing.inputs import MemoryInput, make_timeline
from bandmate_plugins.testing.running import StemResult, TaskResult, run_task

__all__ = [
    "MemoryInput",
    "StemResult",
    "TaskResult",
    "check_engine",
    "check_task",
    "make_timeline",
    "run_task",
]
