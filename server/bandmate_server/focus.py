"""Which project has the focus, and acting on it from a surface or another client."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Context, Error, Invoke, Invoked, ServerMessage
from bandmate_protocol.texts import say

SILENT_SECONDS = 60.0
"""A bridge that nothing at all comes from for so long does not answer any more."""
MAX_WAITING_INVOKES = 64
"""Invokes that one bridge has not answered yet."""
MAX_FOLLOWED_INVOKES = 256
"""Invokes that were answered, and whose outcome somebody waits for. Older bridges never say it, so the oldest go."""

MessageSink = Callable[[ServerMessage], None]
"""Puts a message on its way to one connection."""


@dataclass
class _ConnectedBridge:
    post: MessageSink
    context: Context
    order: int
    """The latest to say that it is in focus wins."""
    frames: int = 0
    """How many came from it, whatever was in them."""


@dataclass(frozen=True)
class _PendingInvoke:
    asker: object
    post: MessageSink
    request: str
    wants_outcome: bool
    bridge: object
    watch: asyncio.TimerHandle


class FocusBoard:
    """The contexts of all bridges, by connection, each kept until its bridge leaves."""

    def __init__(self) -> None:
        self._bridges: dict[object, _ConnectedBridge] = {}
        self._pending: dict[str, _PendingInvoke] = {}
        self._followed: dict[str, _PendingInvoke] = {}
        self._numbers = itertools.count(1)
        self._watchers: list[Callable[[], None]] = []

    def add_listener(self, changed: Callable[[], None]) -> None:
        """Calls `changed` whenever a context came or went."""
        self._watchers.append(changed)

    def remove_listener(self, changed: Callable[[], None]) -> None:
        """Ends `watch`."""
        self._watchers.remove(changed)

    def update_context(self, connection: object, post: MessageSink, context: Context) -> None:
        """A bridge says what its user has before them."""
        before = self._bridges.get(connection)
        frames = before.frames if before else 0
        self._bridges[connection] = _ConnectedBridge(post, context, next(self._numbers), frames)
        self._notify_listeners()

    def note_frame(self, connection: object) -> None:
        """A frame came from a connection: if it is a bridge, it is alive."""
        bridge = self._bridges.get(connection)
        if bridge is not None:
            bridge.frames += 1

    def ranked_contexts(self) -> list[Context]:
        """The latest of every bridge, the one in focus first."""
        return [bridge.context for _, bridge in self._ranked_bridges()]

    def pass_invoke(self, asker: object, post: MessageSink, invoke: Invoke) -> None:
        """Passes an `invoke` to the bridge it means.

        Raises RequestError: `no_target` without one, `quota_exceeded` when it has not answered many before.
        """
        for connection, bridge in self._ranked_bridges():
            if invoke.project in (None, bridge.context.project):
                self._send_to_bridge(asker, post, invoke, connection, bridge)
                return
        raise RequestError(
            ErrorCode.NO_TARGET,
            "No project is connected."
            if invoke.project is None
            else say("No project {project} is connected.", project=invoke.project),
            "Open one in the DAW with its Bandmate bridge, or run `bandmate watch song.rpp`.",
        )

    def pass_answer(self, connection: object, invoked: Invoked) -> None:
        """Passes a bridge's answer back to who asked; an answer that nobody waits for is dropped."""
        number = invoked.request
        pending = self._pending.get(number) or self._followed.get(number)
        if pending is None or pending.bridge is not connection:
            return
        if number in self._pending:
            self._pop_pending(number)
            if pending.wants_outcome and invoked.job is not None:
                self._follow_outcome(number, pending)
        else:
            del self._followed[number]
        pending.post(msgspec.structs.replace(invoked, request=pending.request))

    def _follow_outcome(self, number: str, pending: _PendingInvoke) -> None:
        while len(self._followed) >= MAX_FOLLOWED_INVOKES:
            del self._followed[next(iter(self._followed))]
        self._followed[number] = pending

    def drop_connection(self, connection: object) -> None:
        """A connection is gone: who waits for its answer is told, what it asked is forgotten."""
        was_bridge = self._bridges.pop(connection, None) is not None
        for number, pending in list(self._pending.items()):
            if pending.bridge is connection:
                self._fail_pending(number, "The project was closed before it answered.")
            elif pending.asker is connection:
                self._pop_pending(number)
        for number, pending in list(self._followed.items()):
            if connection in (pending.bridge, pending.asker):
                del self._followed[number]
        if was_bridge:
            self._notify_listeners()

    def _send_to_bridge(
        self, asker: object, post: MessageSink, invoke: Invoke, connection: object, bridge: _ConnectedBridge
    ) -> None:
        if sum(pending.bridge is connection for pending in self._pending.values()) >= MAX_WAITING_INVOKES:
            raise RequestError(
                ErrorCode.QUOTA_EXCEEDED,
                say(
                    "{max_waiting_invokes} requests to this project are still unanswered.",
                    max_waiting_invokes=MAX_WAITING_INVOKES,
                ),
                "Wait for the project, or start its Bandmate bridge again.",
            )
        number = f"invoke-{next(self._numbers)}"
        watch = self._watch_bridge(number, connection, bridge.frames)
        self._pending[number] = _PendingInvoke(
            asker, post, invoke.request, invoke.wants_outcome, connection, watch
        )
        bridge.post(msgspec.structs.replace(invoke, request=number))

    def _watch_bridge(self, number: str, connection: object, frames: int) -> asyncio.TimerHandle:
        loop = asyncio.get_running_loop()
        return loop.call_later(SILENT_SECONDS, self._check_bridge, number, connection, frames)

    def _check_bridge(self, number: str, connection: object, frames: int) -> None:
        """What a bridge does first may take long, such as to render; one that says nothing is given up."""
        pending, bridge = self._pending[number], self._bridges[connection]
        if bridge.frames == frames:
            self._fail_pending(number, f"The project's bridge has not responded for {SILENT_SECONDS:.0f} s.")
        else:
            watch = self._watch_bridge(number, connection, bridge.frames)
            self._pending[number] = dataclasses.replace(pending, watch=watch)

    def _fail_pending(self, number: str, sentence: str) -> None:
        pending = self._pop_pending(number)
        remedy = "Check that the DAW still responds, and try again."
        error = Error(
            request=pending.request, code=ErrorCode.NO_TARGET.value, sentence=sentence, remedy=remedy
        )
        pending.post(error)

    def _pop_pending(self, number: str) -> _PendingInvoke:
        pending = self._pending.pop(number)
        pending.watch.cancel()
        return pending

    def _notify_listeners(self) -> None:
        for changed in self._watchers:
            changed()

    def _ranked_bridges(self) -> list[tuple[object, _ConnectedBridge]]:
        return sorted(
            self._bridges.items(), key=lambda each: (each[1].context.focused, each[1].order), reverse=True
        )
