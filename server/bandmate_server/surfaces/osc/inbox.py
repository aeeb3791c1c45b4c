"""Datagrams between two looks at them: bounded, and of a control that is turned only the newest counts."""

from __future__ import annotations

from collections.abc import Iterable

from bandmate_server.surfaces.osc.addresses import ADDRESS_PREFIX
from bandmate_server.surfaces.osc.subscribers import Peer

MAX_WAITING_DATAGRAMS = 1024
_PARAMETER_PREFIX = f"{ADDRESS_PREFIX}/param/".encode("ascii")

Datagram = tuple[bytes, Peer]


class DatagramInbox:
    """Takes datagrams as they come and gives them out in their order.

    Between two presses a turned control waits once, with its newest value: what was set before a press still
    comes before it, and a flood takes no more room than a hand. Presses of what there is to press make room
    last. `presses` are the addresses of those.
    """

    def __init__(self, presses: Iterable[str]) -> None:
        self._known = frozenset(address.encode("ascii") for address in presses)
        self._waiting: dict[object, Datagram] = {}
        self._kept: dict[object, None] = {}
        self._number = 0
        self.dropped = 0
        """Datagrams that had to make room."""

    def put(self, data: bytes, peer: Peer) -> None:
        """Takes one in; when there is no room, the oldest goes."""
        address = data[: max(data.find(b"\0"), 0)]
        if address in self._known:
            self._number += 1
            self._waiting[self._number] = (data, peer)
            self._kept[self._number] = None
        elif data.startswith(_PARAMETER_PREFIX):
            key = (peer[0], address, len(self._kept))
            self._waiting.pop(key, None)
            self._waiting[key] = (data, peer)
        else:
            self._number += 1
            self._waiting[self._number] = (data, peer)
        if len(self._waiting) > MAX_WAITING_DATAGRAMS:
            self._make_room()

    def _make_room(self) -> None:
        """Drops the oldest that is no press, else the oldest press."""
        oldest = next((key for key in self._waiting if key not in self._kept), None)
        if oldest is None:
            oldest = next(iter(self._waiting))
        del self._waiting[oldest]
        self._kept.pop(oldest, None)
        self.dropped += 1

    def take_all(self) -> list[Datagram]:
        """All that wait."""
        taken = list(self._waiting.values())
        self._waiting.clear()
        self._kept.clear()
        return taken
