"""What was found in an installation of ACE-Step, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["taken_over", "already_here", "noted", "skipped"]
"""`noted` is what needs no change here, or a decision of the user's; `skipped` is what could not be taken over."""


@dataclass(frozen=True)
class ImportedThing:
    """One thing: a model, a setting, an adapter or a saved request."""

    name: str
    outcome: Outcome
    sentence: str


@dataclass(frozen=True)
class ImportReport:
    """All of it."""

    folder: str
    dry_run: bool
    models: list[ImportedThing]
    settings: list[ImportedThing]
    adapters: list[ImportedThing]
    requests: list[ImportedThing]
    remarks: list[str]

    def lines(self) -> Iterator[str]:
        """The report for people."""
        parts = {
            "Models": self.models,
            "Settings": self.settings,
            "Adapters": self.adapters,
            "Saved requests": self.requests,
        }
        for title, things in parts.items():
            if things:
                yield f"{title}:"
                yield from (f"  {thing.name}: {thing.sentence}" for thing in things)
        yield from self.remarks
        if self.dry_run:
            yield "Nothing was changed; this was a dry run."
