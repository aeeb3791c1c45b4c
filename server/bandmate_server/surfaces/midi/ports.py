"""Controllers by the names of their ports, each in both directions."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import mido

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.surfaces.midi.drivers import OpenInput, OpenOutput, PortDriver, system_driver
from bandmate_server.surfaces.midi.names import distinct_names, feedback_port

MessageHandler = Callable[[mido.Message], None]
"""Called on a thread of the port's own."""
_BUSY_SECONDS = 0.002
_IDLE_SECONDS = 0.01
_BUSY_POLLS = 2000
"""So many times without a message it is looked often, then seldom."""


class ControllerPort(Protocol):
    """An open controller, both ways if it has both."""

    def send(self, message: mido.Message) -> None:
        """Raises OSError when the controller is gone."""

    def close(self) -> None:
        """Lets it go; does not raise."""


class ControllerPorts(Protocol):
    """Where controllers are found."""

    def port_names(self) -> list[str]:
        """Of those that send, as they are now; no two are equal.

        Raises RequestError (`input_missing`) without MIDI.
        """
        ...

    def open_port(
        self, name: str, took: MessageHandler, output: str = "", siblings: Sequence[str] = ()
    ) -> ControllerPort:
        """`output` and `siblings` say which port is for feedback, as in `names.feedback_port`.

        Raises OSError when one cannot be opened.
        """
        ...


class SystemPorts:
    """Those of this machine."""

    def __init__(self, driver: Callable[[], PortDriver] = system_driver) -> None:
        self._driver = driver

    def port_names(self) -> list[str]:
        """As the system lists them; equal ones with their place among each other."""
        try:
            return distinct_names(self._driver().input_names())
        except (ImportError, OSError, RuntimeError, AttributeError) as error:
            raise RequestError(
                ErrorCode.INPUT_MISSING,
                say("MIDI cannot be used on this machine: {rstrip}.", rstrip=str(error).rstrip(".")),
                "On Linux, load the module snd-seq: `modprobe snd-seq` as root.",
            ) from error

    def open_port(
        self, name: str, took: MessageHandler, output: str = "", siblings: Sequence[str] = ()
    ) -> ControllerPort:
        """Opens the input, and the output that belongs to it, if there is one."""
        try:
            driver = self._driver()
            place = _port_place(name, driver.input_names())
            outputs = distinct_names(driver.output_names())
            feedback = feedback_port(name, output, outputs, siblings)
            source = driver.open_input(place)
            try:
                sink = driver.open_output(outputs.index(feedback)) if feedback is not None else None
            except BaseException:
                source.close()
                raise
        except (RuntimeError, ValueError, IndexError) as error:
            raise OSError(str(error)) from error
        return _SystemPort(name, took, source, sink)


def _port_place(name: str, names: Sequence[str]) -> int:
    """Raises OSError when the port has gone meanwhile."""
    known = distinct_names(names)
    if name not in known:
        raise OSError(f"unknown port {name!r}")
    return known.index(name)


class _SystemPort:
    """Asks for messages in a thread of its own, and not by a callback of the driver's.

    JACK ends the thread of a client that answers late, as happens on a busy machine. If that thread runs a
    callback in Python then, it takes Python's lock with it, and the whole process stands still for ever.
    """

    def __init__(self, name: str, took: MessageHandler, source: OpenInput, sink: OpenOutput | None) -> None:
        self._in = source
        self._out = sink
        self._ended = threading.Event()
        self._reader = threading.Thread(
            target=self._poll_input, args=(took,), name=f"midi {name}", daemon=True
        )
        self._reader.start()

    def _poll_input(self, took: MessageHandler) -> None:
        quiet = 0
        while not self._ended.wait(_BUSY_SECONDS if quiet < _BUSY_POLLS else _IDLE_SECONDS):
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
        for close in (self._in.close, *([self._out.close] if self._out is not None else [])):
            with contextlib.suppress(OSError, RuntimeError):
                close()
