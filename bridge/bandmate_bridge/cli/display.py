"""Shows progress on standard error: a bar on a terminal, elsewhere a line for each stage."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from bandmate_bridge.progress import FileTransfer, Notice, ProgressEvent, StageStarted, SubjectChanged
from bandmate_plugins._app.standard_streams import shows_progress_bars
from bandmate_protocol.messages import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


_MAX_COUNTED = 100_000
"""Larger totals are bytes or the like, which mean nothing as a count."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What the bar shows."""

    title: str
    done: int = 0
    total: int | None = None
    """None where steps cannot be counted."""
    seconds_left: float | None = None


class ProgressDisplay:
    """A `ProgressCallback` for the terminal. Use it as a context manager around the work."""

    def __init__(self, *, terminal: bool | None = None) -> None:
        self._terminal = shows_progress_bars() if terminal is None else terminal
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._shown = ""
        self._subject = ""

    def __call__(self, event: ProgressEvent) -> None:
        """Shows what work says of itself."""
        match event:
            case SubjectChanged():
                self._subject = event.title
                self._shown = ""
            case StageStarted():
                self._show(_Step(event.title))
            case FileTransfer():
                self._show(_Step(event.title, event.done_bytes, event.total_bytes))
            case Progress():
                self._show(_Step(event.stage, event.step, event.steps, event.seconds_left))
            case Notice():
                self._print(event.sentence)

    def _print(self, sentence: str) -> None:
        """A line that stays."""
        if self._bar is not None:
            self._bar.console.print(sentence, markup=False, highlight=False)
        else:
            click.echo(sentence, err=True)

    def __enter__(self) -> Self:
        if self._terminal:
            self._bar = _progress_bar()
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _show(self, step: _Step) -> None:
        text = f"{self._subject}: {step.title}" if self._subject else step.title
        if self._bar is None:
            if text != self._shown:
                self._shown = text
                click.echo(f"{text} ...", err=True)
            return
        if self._task is None:
            self._task = self._bar.add_task(text, total=None, left="")
        self._bar.update(
            self._task, description=text, total=step.total, completed=step.done, left=_left_text(step)
        )


def _left_text(step: _Step) -> str:
    if step.total is None:
        return ""
    count = f"{step.done} of {step.total}" if step.total < _MAX_COUNTED else ""
    if step.seconds_left is None:
        return count
    return f"{count}, {step.seconds_left:.0f} s left"


def _progress_bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    return Bar(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[left]}", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
