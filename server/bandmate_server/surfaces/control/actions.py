"""What pressing something means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class RunTask:
    """Run a task on what is selected in the project that is meant."""

    task: str
    params: dict[str, Any] = field(default_factory=dict)
    engine: str | None = None


@dataclass(frozen=True)
class CancelJob:
    """End the surface's job."""


@dataclass(frozen=True)
class RedoJob:
    """Run the surface's last action again."""


@dataclass(frozen=True)
class StoreLastAction:
    """Keep the last action under a number."""

    number: int


SurfaceAction = RunTask | CancelJob | RedoJob | StoreLastAction
