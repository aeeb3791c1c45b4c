"""A backend of mido with one controller, on which somebody presses the same pad all the time."""

import time
from collections.abc import Iterator
from typing import Any

from mido import Message

NAME = "Desk Box"


def get_devices(**_: Any) -> list[dict[str, Any]]:
    return [{"name": NAME, "is_input": True, "is_output": True}]


class Input:
    def __init__(self, _name: str, **_: Any) -> None:
        self._pressed = 0.0

    def iter_pending(self) -> Iterator[Message]:
        if time.monotonic() - self._pressed > 0.05:
            self._pressed = time.monotonic()
            yield Message("note_on", channel=1, note=40, velocity=100)

    def close(self) -> None:
        """Nothing to let go."""


class Output:
    def __init__(self, _name: str, **_: Any) -> None:
        """Takes everything and shows nothing."""

    def send(self, message: Message) -> None:
        """Lights nothing."""

    def close(self) -> None:
        """Nothing to let go."""
