"""Bodies of answers that many clients ask for again and again while nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable

_MAX_BODIES = 256
_MAX_BODY_BYTES = 64 << 10
"""A longer one, such as that of a job with many notes, is written each time."""


class AnswerMemory:
    """Keeps the newest body of each subject with the revision that it was written of."""

    def __init__(self) -> None:
        self._bodies: dict[str, tuple[Hashable, bytes]] = {}

    def body_of(self, subject: str, revision: Hashable, write: Callable[[], bytes]) -> bytes:
        """The body for a subject at a revision; written when it is not the one that is kept."""
        kept = self._bodies.get(subject)
        if kept and kept[0] == revision:
            return kept[1]
        body = write()
        # What was written last is the last to go.
        self._bodies.pop(subject, None)
        if len(body) <= _MAX_BODY_BYTES:
            self._bodies[subject] = revision, body
            while len(self._bodies) > _MAX_BODIES:
                del self._bodies[next(iter(self._bodies))]
        return body
