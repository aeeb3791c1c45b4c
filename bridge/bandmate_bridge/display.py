"""Says how far a job is: a bar on a terminal, a line for each stage elsewhere. On standard error."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from bandmate_plugins._app.standard_streams import shows_progress_bars
from bandmate_protocol.messages import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class ProgressDisplay:
    """Use it as a context manager around the work."""

    def __init__(self, *, terminal: bool | None = None) -> None:
        self._terminal = shows_progress_bars() if terminal is None else terminal
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._stage = ""
        self._about = ""

    def about(self, text: str) -> None:
        """What is being made now; stands before every stage that follows."""
        self._about = text
        self._stage = ""

    def stage(self, text: str) -> None:
        """A stage without steps that could be counted."""
        self._show_stage(text, None)

    def progress(self, message: Progress) -> None:
        """How far a job is."""
        self._show_stage(message.stage, message)

    def transferred(self, text: str, done: int, total: int) -> None:
        """How much of a file went over."""
        self._show_stage(text, Progress(job="00000000", attempt=0, stage=text, step=done, steps=total))

    def say(self, sentence: str) -> None:
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

    def _show_stage(self, stage: str, message: Progress | None) -> None:
        text = f"{self._about}: {stage}" if self._about else stage
        if self._bar is None:
            if text != self._stage:
                self._stage = text
                click.echo(f"{text} ...", err=True)
            return
        if self._task is None:
            self._task = self._bar.add_task(text, total=None, left="")
        self._bar.update(
            self._task,
            description=text,
            total=message.steps if message else None,
            completed=message.step if message else 0,
            left=_left_text(message),
        )


def _left_text(message: Progress | None) -> str:
    if message is None:
        return ""
    count = f"{message.step} of {message.steps}" if message.steps < 100_000 else ""
    if message.seconds_left is None:
        return count
    return f"{count}, {message.seconds_left:.0f} s left"


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
