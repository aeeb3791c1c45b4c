"""Who wants feedback, and what each does not know yet: the latest value wins, whatever came between."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

Peer = tuple[str, int]
"""Host and port."""

LEASE_SECONDS = 60.0
TOUCH_SECONDS = 0.3
"""So long after a peer set a control, it is not told of it: its own hand moves it."""
MAX_SUBSCRIBERS = 32
FULL_REFRESH_SECONDS = 1.0
"""Everything is told to a peer this often at most, however often it asks."""


@dataclass
class OscSubscriber:
    """Feedback goes to `peer`; it may send from any port of its host."""

    peer: Peer
    name: str
    until: float
    dirty: dict[str, None] = field(default_factory=dict)
    """What it has to be told, in the order in which it changed first."""
    touched: dict[str, float] = field(default_factory=dict)
    asked: dict[str, None] = field(default_factory=dict)
    """All that there is, when it has asked for that and was not told yet."""
    whole: float = -math.inf
    """When it was last told all that there is."""

    @property
    def is_permanent(self) -> bool:
        """It did not subscribe, and needs no lease."""
        return self.until == math.inf


class SubscriberList:
    """All of them, by host and port. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_peer: dict[Peer, OscSubscriber] = {}

    def __len__(self) -> int:
        return len(self._by_peer)

    def current(self) -> list[OscSubscriber]:
        """Those whose lease has not ended."""
        self._end_leases()
        return list(self._by_peer.values())

    def add(self, peer: Peer, name: str, controls: Iterable[str]) -> bool:
        """Takes one in, or again, with everything to be told; False when there are too many."""
        self._end_leases()
        if peer not in self._by_peer and len(self._by_peer) >= MAX_SUBSCRIBERS:
            return False
        until = self._clock() + LEASE_SECONDS
        found = self._by_peer.setdefault(peer, OscSubscriber(peer, name, until))
        found.until = max(found.until, until)
        found.asked = dict.fromkeys(controls)
        return True

    def add_permanent(self, peer: Peer, controls: Iterable[str]) -> None:
        """Takes one in for good: it cannot ask for itself."""
        self._by_peer[peer] = OscSubscriber(peer, "", math.inf, asked=dict.fromkeys(controls))

    def refresh_host(self, host: str, controls: Iterable[str]) -> None:
        """Those of a host have to be told everything again."""
        for subscriber in self._subscribers_at(host):
            subscriber.asked = dict.fromkeys(controls)

    def renew_leases(self, host: str, port: int | None = None) -> None:
        """Another minute for those of a host, or the one on a port of it."""
        for subscriber in self._subscribers_at(host, port):
            if subscriber.until != math.inf:
                subscriber.until = self._clock() + LEASE_SECONDS

    def remove_host(self, host: str, port: int | None = None) -> None:
        """Lets those of a host go, or the one on a port of it."""
        for subscriber in [each for each in self._subscribers_at(host, port) if each.until != math.inf]:
            del self._by_peer[subscriber.peer]

    def mark_changed(self, control: str) -> None:
        """A control has to be told to all."""
        for subscriber in self._by_peer.values():
            subscriber.dirty[control] = None

    def note_touch(self, host: str, control: str) -> None:
        """A hand at a host moves a control."""
        for subscriber in self._subscribers_at(host):
            subscriber.touched[control] = self._clock()

    def due_controls(self) -> Iterator[tuple[OscSubscriber, list[str]]]:
        """What each has to be told now; what its hand is on waits."""
        self._end_leases()
        now = self._clock()
        for subscriber in self._by_peer.values():
            if subscriber.asked and now - subscriber.whole >= FULL_REFRESH_SECONDS:
                subscriber.dirty, subscriber.asked, subscriber.whole = subscriber.asked, {}, now
            held = {control: at for control, at in subscriber.touched.items() if now - at < TOUCH_SECONDS}
            subscriber.touched = held
            ready = [control for control in subscriber.dirty if control not in held]
            for control in ready:
                del subscriber.dirty[control]
            if ready:
                yield subscriber, ready

    @property
    def has_pending(self) -> bool:
        """Whether anything is still to be told."""
        return any(subscriber.dirty or subscriber.asked for subscriber in self._by_peer.values())

    def _subscribers_at(self, host: str, port: int | None = None) -> Iterator[OscSubscriber]:
        for subscriber in self._by_peer.values():
            if subscriber.peer[0] == host and port in (None, subscriber.peer[1]):
                yield subscriber

    def _end_leases(self) -> None:
        now = self._clock()
        self._by_peer = {peer: each for peer, each in self._by_peer.items() if each.until > now}
