"""Signals that end a command in order, as Ctrl-C does: jobs are cancelled and part files removed."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Any, Self

_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""`kill`, a terminal that closes, and on Windows Ctrl-Break or a console that closes."""
_EXIT_BASE = 128
"""Shells report a program that a signal ended as 128 and the signal's number."""


_AGAIN_SECONDS = 0.02
"""How much later a lost signal comes again: the destructor that swallowed it has returned by then."""


class SignalledError(KeyboardInterrupt):
    """Raised in the main thread by a signal, so that everything is undone as after Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class EndingSignals:
    """Within it, the signals raise SignalledError. Those that the caller ignores, as under nohup, stay so.

    Python swallows what is raised in a destructor or a callback of the garbage collector, and with it a Ctrl-C
    that arrives just then. Such a signal is raised once more.
    """

    def __init__(self) -> None:
        self.exit_code: int | None = None
        """What a command leaves with that a signal ended; None while there was none."""
        self._before: dict[int, Any] = {}
        self._unraisable = sys.unraisablehook

    def __enter__(self) -> Self:
        if threading.current_thread() is not threading.main_thread():
            return self
        self._unraisable, sys.unraisablehook = sys.unraisablehook, self._raise_again
        for name in _NAMES:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._before[number] = signal.signal(number, self._raise_signalled)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
        sys.unraisablehook = self._unraisable

    def _raise_again(self, unraisable: sys.UnraisableHookArgs) -> None:
        error = unraisable.exc_value
        if not isinstance(error, KeyboardInterrupt):
            self._unraisable(unraisable)
            return
        number = error.number if isinstance(error, SignalledError) else signal.SIGINT
        threading.Timer(_AGAIN_SECONDS, _signal_main_thread, (number,)).start()

    def _raise_signalled(self, number: int, _: FrameType | None) -> None:
        if _is_handling_signal():
            # A closing terminal sends several, and nothing is gained by breaking off the tidying up.
            return
        self.exit_code = _EXIT_BASE + number
        raise SignalledError(number)


def _signal_main_thread(number: int) -> None:
    main = threading.main_thread().ident
    if sys.platform != "win32" and main is not None:
        # Unlike `interrupt_main`, this ends a call that waits.
        signal.pthread_kill(main, number)
    else:
        _thread.interrupt_main(signal.Signals(number))


def _is_handling_signal() -> bool:
    """Whether the code that was interrupted runs because of an earlier signal."""
    error = sys.exc_info()[1]
    while error is not None:
        if isinstance(error, SignalledError):
            return True
        error = error.__context__
    return False
