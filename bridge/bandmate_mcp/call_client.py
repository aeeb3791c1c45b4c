"""A client whose waiting another thread can end, for calls that an assistant cancels."""

from __future__ import annotations

import threading
import time

from bandmate_bridge.client import Client, Event
from bandmate_bridge.client.reconnecting import POLL_SECONDS

_SLICE_SECONDS = 0.2
"""How long a cancelled call may go on waiting."""


class CallCancelledError(Exception):
    """The assistant cancelled the call; what the call asked for is cancelled on the way out."""


class CancelFlag:
    """Set from the event loop, checked in the call's thread."""

    def __init__(self) -> None:
        self._set = threading.Event()
        self._raised = False

    def set(self) -> None:
        """Ends the call at its next check."""
        self._set.set()

    def check(self) -> None:
        """Raises CallCancelledError once: what cleans up after it has to wait for the server too."""
        if self._set.is_set() and not self._raised:
            self._raised = True
            raise CallCancelledError


class CallClient(Client):
    """A client for one call of a tool."""

    flag: CancelFlag | None = None

    def poll(self, seconds: float = POLL_SECONDS) -> Event | None:
        """As `Client.poll`; raises CallCancelledError soon after the flag was set."""
        deadline = time.monotonic() + seconds
        while True:
            if self.flag is not None:
                self.flag.check()
            left = deadline - time.monotonic()
            event = super().poll(max(0.0, min(left, _SLICE_SECONDS)))
            if event is not None or left <= _SLICE_SECONDS:
                return event
