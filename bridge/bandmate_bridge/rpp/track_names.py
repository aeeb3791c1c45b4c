"""Names for new tracks: never one that a track of the project has, so that `--track NAME` finds one track."""

from __future__ import annotations

from collections.abc import Iterable

_MAX_PROMPT_CHARS = 40
"""A longer prompt is no name for a track."""


class TakenNames:
    """The names that tracks have, without regard to case. A name that is given counts as taken from then on."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name.casefold() for name in names}

    def free_name(self, name: str, prompt: str = "") -> str:
        """The name if it is free, else the ``prompt`` with a capital if that is, else the name with a number."""
        named = prompt.strip()
        choices = [name]
        if 0 < len(named) <= _MAX_PROMPT_CHARS:
            choices.append(named[:1].upper() + named[1:])
        free = next((choice for choice in choices if choice.casefold() not in self._names), None)
        number = 2
        while free is None:
            numbered = f"{name} {number}"
            free = numbered if numbered.casefold() not in self._names else None
            number += 1
        self._names.add(free.casefold())
        return free
