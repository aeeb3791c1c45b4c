"""For the authors of plugins: run a task in a test, and check it against its contract."""

from bandmate_plugins.testing.checks import check_engine, check_task
from bandmate_plugins.testing.inputs import MemoryInput, timeline
from bandmate_plugins.testing.running import Result, Stem, run_task

__all__ = ["MemoryInput", "Result", "Stem", "check_engine", "check_task", "run_task", "timeline"]
