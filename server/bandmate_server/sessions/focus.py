"""Which project has the focus, and acting on it from a surface or another client."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Context, Error, Invoke, Invoked, ServerMessage

Post = Callable[[ServerMessage], None]
"""Puts a message on its way to one connection."""


@dataclass
class _Bridge:
    post: Post
    context: Context
    order: int
    """The latest to say that it is in focus wins."""


@dataclass(frozen=True)
class _Pending:
    asker: object
    post: Post
    request: str
    bridge: object


class FocusBoard:
    """The contexts of all bridges, by connection, each kept until its bridge leaves."""

    def __init__(self) -> None:
        self._bridges: dict[object, _Bridge] = {}
        self._pending: dict[str, _Pending] = {}
        self._numbers = itertools.count(1)
        self._watchers: list[Callable[[], None]] = []

    def watch(self, changed: Callable[[], None]) -> None:
        """Calls `changed` whenever a context came or went."""
        self._watchers.append(changed)

    def unwatch(self, changed: Callable[[], None]) -> None:
        """Ends `watch`."""
        self._watchers.remove(changed)

    def context(self, connection: object, post: Post, context: Context) -> None:
        """A bridge says what its user has before them."""
        self._bridges[connection] = _Bridge(post, context, next(self._numbers))
        self._tell()

    def contexts(self) -> list[Context]:
        """The latest of every bridge, the one in focus first."""
        return [bridge.context for _, bridge in self._ranked()]

    def invoke(self, asker: object, post: Post, invoke: Invoke) -> None:
        """Passes an `invoke` to the bridge it means. Raises RequestError (`no_target`) without one."""
        for connection, bridge in self._ranked():
            if invoke.project in (None, bridge.context.project):
                number = f"invoke-{next(self._numbers)}"
                self._pending[number] = _Pending(asker, post, invoke.request, connection)
                bridge.post(msgspec.structs.replace(invoke, request=number))
                return
        raise RequestError(
            ErrorCode.NO_TARGET,
            "No project is connected."
            if invoke.project is None
            else f"No project {invoke.project} is connected.",
            "Open one in the DAW with its Bandmate bridge, or run `bandmate watch song.rpp`.",
        )

    def invoked(self, connection: object, invoked: Invoked) -> None:
        """Passes a bridge's answer back to who asked; an answer that nobody waits for is dropped."""
        pending = self._pending.get(invoked.request)
        if pending is not None and pending.bridge is connection:
            del self._pending[invoked.request]
            pending.post(msgspec.structs.replace(invoked, request=pending.request))

    def leave(self, connection: object) -> None:
        """A connection is gone: who waits for its answer is told, what it asked is forgotten."""
        was_bridge = self._bridges.pop(connection, None) is not None
        for number, pending in list(self._pending.items()):
            if pending.bridge is connection:
                pending.post(
                    Error(
                        request=pending.request,
                        code=ErrorCode.NO_TARGET.value,
                        sentence="The project was closed before it answered.",
                    )
                )
            if connection in (pending.bridge, pending.asker):
                del self._pending[number]
        if was_bridge:
            self._tell()

    def _tell(self) -> None:
        for changed in self._watchers:
            changed()

    def _ranked(self) -> list[tuple[object, _Bridge]]:
        return sorted(
            self._bridges.items(), key=lambda each: (each[1].context.focused, each[1].order), reverse=True
        )
