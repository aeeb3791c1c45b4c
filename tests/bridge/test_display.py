"""What the command line shows of work that runs, where there is no terminal."""

from __future__ import annotations

import pytest

from bandmate_bridge.cli.display import ProgressDisplay
from bandmate_bridge.progress import FileTransfer, Notice, StageStarted, SubjectChanged
from bandmate_protocol.messages import Progress


def test_each_stage_is_one_line_under_its_subject(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressDisplay(terminal=False) as display:
        display(StageStarted("Connecting"))
        for done in (0, 512, 1024):
            display(FileTransfer("mix.wav", done, 1024))
        display(SubjectChanged("2 of 3"))
        for step in (1, 2):
            display(Progress(job="abcd1234", attempt=1, stage="Playing", step=step, steps=2))
        display(Notice("The list of jobs was damaged."))
    assert capsys.readouterr().err.splitlines() == [
        "Connecting ...",
        "Sending mix.wav ...",
        "2 of 3: Playing ...",
        "The list of jobs was damaged.",
    ]


def test_a_terminal_gets_a_bar_and_keeps_notices(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressDisplay(terminal=True) as display:
        display(FileTransfer("mix.wav", 512, 200_000))
        display(Progress(job="abcd1234", attempt=1, stage="Playing", step=3, steps=8, seconds_left=4.0))
        display(Notice("The list of jobs was damaged."))
    assert "The list of jobs was damaged." in capsys.readouterr().err
