"""Tells whoever watches the list of jobs that it has changed."""

from __future__ import annotations

from collections.abc import Callable


class ListNews:
    """Calls its listeners whenever jobs were added, removed, annotated, or are in another state."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def add_listener(self, listener: Callable[[], None]) -> None:
        """From now on, `listener` is called at every change."""
        self._listeners.append(listener)

    def remove_listener(self, listener: Callable[[], None]) -> None:
        """Ends `add_listener`."""
        self._listeners.remove(listener)

    def tell(self) -> None:
        """Something has changed."""
        for listener in list(self._listeners):
            listener()
