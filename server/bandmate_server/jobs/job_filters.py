"""Which jobs a list has: filters as one condition of SQL."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate_protocol.messages import ListJobs
from bandmate_protocol.units import JOB_ID_LENGTH

MAX_WORDS = 16
"""Words of a search that count; each costs a pass over every job's text."""


@dataclass(frozen=True)
class JobFilters:
    """What a job must fit, as `list_jobs` has it."""

    prefix: str = ""
    words: tuple[str, ...] = ()
    """In lower case."""
    task: str | None = None
    engine: str | None = None
    state: str | None = None
    rating: int = 0
    kept: bool | None = None
    dropped: bool = False
    since_ms: int | None = None

    @classmethod
    def of_message(cls, message: ListJobs) -> JobFilters:
        """The filters that a client asks for."""
        return cls(
            prefix=message.prefix,
            words=tuple(message.words.casefold().split()[:MAX_WORDS]),
            task=message.task,
            # A task without an engine has an empty one in the table.
            engine="" if message.engine == "none" else message.engine,
            state=message.state,
            rating=message.rating,
            kept=message.kept,
            dropped=message.dropped,
            since_ms=message.since_ms,
        )

    def condition(self) -> tuple[str, list[object]]:
        """A condition on rows of `listing`, and its values. The cheap parts come before the search."""
        parts: list[tuple[str, list[object]]] = []
        if len(self.prefix) == JOB_ID_LENGTH:
            parts.append(("job = ?", [self.prefix]))
        else:
            parts.append(("dropped_ms IS NOT NULL" if self.dropped else "dropped_ms IS NULL", []))
            if self.prefix:
                parts.append(("job GLOB ?", [f"{self.prefix}*"]))
        for column in ("task", "engine", "state", "kept"):
            value = getattr(self, column)
            if value is not None:
                parts.append((f"{column} = ?", [value]))
        if self.rating:
            parts.append(("rating >= ?", [self.rating]))
        if self.since_ms is not None:
            parts.append(("created_ms >= ?", [self.since_ms]))
        words: list[object] = list(self.words)
        parts.extend(("instr(words, ?) > 0", [word]) for word in words)
        return " AND ".join(text for text, _ in parts), [value for _, values in parts for value in values]
