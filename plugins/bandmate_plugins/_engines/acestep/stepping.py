"""Lets a long call tell how far it is while it runs: a generator over a function with a callback."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from typing import Generic, TypeVar

from bandmate_plugins.outputs import Output, StageProgress
from bandmate_plugins.request import TaskContext

T = TypeVar("T")
OnStep = Callable[[int, int], None]
"""Called with the step that is done and the number of steps."""


class _CallStopped(BaseException):
    """Raised in the call's thread once its generator was closed."""


class _CallThread(threading.Thread, Generic[T]):
    """The call, in a thread of its own. Its reports end with None."""

    def __init__(self, work: Callable[[OnStep], T]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._stopping = threading.Event()
        self.reports: queue.SimpleQueue[tuple[int, int] | None] = queue.SimpleQueue()
        self.result: T | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Runs it and keeps what comes of it."""
        try:
            self.result = self._work(self._report_step)
        except _CallStopped:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again where the generator runs
            self.error = error
        finally:
            self.reports.put(None)

    def stop_and_wait(self) -> None:
        """Ends it at its next step, and waits for that."""
        self._stopping.set()
        self.join()

    def _report_step(self, step: int, steps: int) -> None:
        if self._stopping.is_set():
            raise _CallStopped
        self.reports.put((step, steps))


def run_with_steps(
    work: Callable[[OnStep], T], stage: str, context: TaskContext
) -> Generator[Output, None, T]:
    """Yields the steps of `work` as they are done and returns its result.

    Closed, or cancelled by the context, it ends the work at its next step. Raises what the work raises.
    """
    call = _CallThread(work)
    call.start()
    try:
        # Between two steps there is nothing to ask for: the work could not be ended there anyway.
        while (report := call.reports.get()) is not None:
            context.check()
            yield StageProgress(stage, *report)
    finally:
        call.stop_and_wait()
    if call.error is not None:
        raise call.error
    result: T = call.result  # type: ignore[assignment]  # it ended without an error
    return result
