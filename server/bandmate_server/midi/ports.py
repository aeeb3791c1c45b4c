"""MIDI ports by name, through mido and RtMidi; `MIDO_BACKEND` chooses another of mido's backends."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any, Protocol

import mido

from bandmate_protocol.errors import ErrorCode, RequestError

_mido: Any = mido
"""Its ports are set up as it is imported, which type checkers do not see."""
Took = Callable[[mido.Message], None]
"""Called on a thread of the port's own."""
_BUSY_SECONDS = 0.002
_IDLE_SECONDS = 0.01
_BUSY_LOOKS = 2000
"""So many times without a message it is looked often, then seldom."""


class Port(Protocol):
    """An open controller, both ways if it has both."""

    def send(self, message: mido.Message) -> None:
        """Raises OSError when the controller is gone."""

    def close(self) -> None:
        """Lets it go; does not raise."""


class Ports(Protocol):
    """Where controllers are found."""

    def names(self) -> list[str]:
        """Of those that send, as they are now. Raises RequestError (`input_missing`) without MIDI."""
        ...

    def open(self, name: str, took: Took, output: str = "") -> Port:
        """`output` is a pattern of the port for feedback. Raises OSError when one cannot be opened."""
        ...


class SystemPorts:
    """Those of this machine."""

    def names(self) -> list[str]:
        """As the system lists them."""
        try:
            return list(dict.fromkeys(_mido.get_input_names()))
        except (ImportError, OSError, RuntimeError) as error:
            raise RequestError(
                ErrorCode.INPUT_MISSING,
                f"This machine has no MIDI that can be used: {str(error).rstrip('.')}.",
                "On Linux the module snd-seq gives it; `modprobe snd-seq` as root loads it.",
            ) from error

    def open(self, name: str, took: Took, output: str = "") -> Port:
        """Opens the input, and the output that was named, or is called the same, if there is one."""
        try:
            return _SystemPort(name, took, output)
        except RuntimeError as error:
            raise OSError(str(error)) from error


class _SystemPort:
    """Asks for messages in a thread of its own, and not by a callback of the driver's.

    JACK ends the thread of a client that answers late, as happens on a busy machine. If that thread runs a
    callback in Python then, it takes Python's lock with it, and the whole process stands still for ever.
    """

    def __init__(self, name: str, took: Took, output: str) -> None:
        self._in: Any = _mido.open_input(name)
        self._out: Any = None
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(took,), name=f"midi {name}", daemon=True)
        try:
            feedback = twin(name, output, _mido.get_output_names())
            self._out = _mido.open_output(feedback) if feedback is not None else None
        except BaseException:
            self._close_ports()
            raise
        self._reader.start()

    def _read(self, took: Took) -> None:
        quiet = 0
        while not self._ended.wait(_BUSY_SECONDS if quiet < _BUSY_LOOKS else _IDLE_SECONDS):
            quiet += 1
            with contextlib.suppress(OSError, RuntimeError):  # it was pulled out
                for message in self._in.iter_pending():
                    took(message)
                    quiet = 0

    def send(self, message: mido.Message) -> None:
        if self._out is not None:
            try:
                self._out.send(message)
            except RuntimeError as error:
                raise OSError(str(error)) from error

    def close(self) -> None:
        self._ended.set()
        self._reader.join()
        self._close_ports()

    def _close_ports(self) -> None:
        for port in filter(None, (self._in, self._out)):
            with contextlib.suppress(OSError, RuntimeError):
                port.close()


def twin(name: str, output: str, outputs: Sequence[str]) -> str | None:
    """The port on which the controller at `name` takes feedback."""
    for each in outputs:
        if fnmatchcase(each.lower(), output.lower()) if output else _alike(each) == _alike(name):
            return each
    return None


def bare(name: str) -> str:
    """A port's name without the numbers that Linux and Windows put behind it, which differ by direction."""
    words = name.split()
    while words and words[-1].replace(":", "").isdigit():
        words.pop()
    return " ".join(words) or name


def _alike(name: str) -> str:
    """What the two directions of a controller's port have in common.

    Windows calls a second port `MIDIIN2 (...)` and `MIDIOUT2 (...)`; some name theirs `... In` and `... Out`.
    """
    return re.sub(r"^MIDI(IN|OUT)(?=\d)|\s(In|Out)$", "", bare(name))
