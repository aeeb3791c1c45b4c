"""Waits for a knob to be moved or a pad to be pressed, on all controllers or one of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

from mido import Message

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_server.surfaces.midi.face import MidiFace
from bandmate_server.surfaces.midi.ports import ControllerPorts

GATHER_SECONDS = 2.0
"""A knob is listened to for so long after its first message: how it counts shows only then."""
_LEARNABLE = frozenset({"control_change", "note_on", "program_change", "pitchwheel"})

Listener = Callable[[str, Any], None]
"""Gets the port and a message of mido's, whose attributes depend on its type."""


def matching_ports(ports: ControllerPorts, part: str) -> list[str]:
    """The controllers with that in their name. Raises RequestError (`input_missing`) when there is none."""
    names = [name for name in ports.port_names() if part.lower() in name.lower()]
    if not names:
        raise RequestError(
            ErrorCode.INPUT_MISSING,
            "No such MIDI controller is connected.",
            "`bandmate midi ports` lists the controllers.",
        )
    return names


async def listen_for_move(
    ports: ControllerPorts, names: Sequence[str], seconds: float, face: MidiFace | None = None
) -> tuple[str, list[Message]]:
    """The port that sent first, and what it sent. `face` has some of the ports open already.

    Raises RequestError (`input_missing`) when nothing came.
    """
    heard: asyncio.Queue[tuple[str, Message]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def took(name: str, message: Any) -> None:
        """On a port's thread."""
        if message.type in _LEARNABLE and name in names:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(heard.put_nowait, (name, message))

    with _listening(ports, names, took, face):
        try:
            async with asyncio.timeout(seconds):
                port, first = await heard.get()
        except TimeoutError:
            raise RequestError(
                ErrorCode.INPUT_MISSING, "Nothing was moved.", "Try again; `--seconds` sets a longer wait."
            ) from None
        await asyncio.sleep(GATHER_SECONDS)
    messages = [first]
    while not heard.empty():
        name, message = heard.get_nowait()
        if name == port:
            messages.append(message)
    return port, messages


@contextlib.contextmanager
def _listening(
    ports: ControllerPorts, names: Sequence[str], took: Listener, face: MidiFace | None
) -> Iterator[None]:
    in_use = face.connected_ports if face is not None else []
    with ExitStack() as opened:
        if face is not None:
            face.learner = took
            opened.callback(setattr, face, "learner", None)
        problems = []
        for name in names:
            if name in in_use:
                continue
            try:
                opened.enter_context(closing(ports.open_port(name, partial(took, name))))
            except OSError as error:
                problems.append(f"The MIDI port {name} cannot be opened: {error}.")
        if len(problems) == len(names):
            raise RequestError(
                ErrorCode.INPUT_MISSING, " ".join(problems), "Close the program that uses the controller."
            )
        yield
