"""Datagrams between two looks at them: bounded, and of a control that is turned only the newest counts."""

from __future__ import annotations

from bandmate_server.osc.addresses import PREFIX
from bandmate_server.osc.subscribers import Peer

MOST_WAITING = 1024
_TURNED = f"{PREFIX}/param/".encode("ascii")

Datagram = tuple[bytes, Peer]


class Inbox:
    """Takes datagrams as they come and gives them out in their order.

    Between two presses a turned control waits once, with its newest value: what was set before a press still
    comes before it, and a flood takes no more room than a hand.
    """

    def __init__(self) -> None:
        self._waiting: dict[object, Datagram] = {}
        self._presses = 0
        self.dropped = 0
        """Datagrams that had to make room."""

    def put(self, data: bytes, peer: Peer) -> None:
        """Takes one in; when there is no room, the oldest goes."""
        key: object
        if data.startswith(_TURNED):
            key = (peer[0], data[: data.find(b"\0")], self._presses)
        else:
            self._presses += 1
            key = self._presses
        self._waiting.pop(key, None)
        self._waiting[key] = (data, peer)
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
            self.dropped += 1

    def take(self) -> list[Datagram]:
        """All that wait."""
        taken = list(self._waiting.values())
        self._waiting.clear()
        return taken
