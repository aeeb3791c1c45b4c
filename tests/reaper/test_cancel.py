"""Cancelling: at each stage, and what is left then."""

import os
import time
from pathlib import Path

import pytest

from bandmate_bridge.reaper.agent.mailbox import Mailbox
from tests.reaper.model import Track
from tests.reaper.situations import BAND, LONG, begun


def test_cancel_leaves_nothing(stage):
    begun(stage)
    files = [item.takes[0].source.file for item in stage.project.items()]
    stage.action("Cancel")
    stage.finish()
    assert stage.project.tracks == []
    assert stage.undone() == []
    assert not any(os.path.exists(file) for file in files)


def test_cancel_after_other_edits_takes_back_only_its_own(stage):
    stage.project.tracks = [Track("before")]
    stage.project.tracks[0].values["I_FOLDERDEPTH"] = 0.0
    begun(stage)
    stage.project.done.append(("the musician's own edit", stage.project.snapshot()))
    stage.action("Cancel")
    stage.finish()
    assert [track.name for track in stage.project.tracks] == ["before"]
    assert stage.undone()[-1] == f"Bandmate: take back {BAND}"


@pytest.mark.parametrize("ticks", [0, 1, 2, 4, 8])
def test_cancel_before_anything_was_accepted(stage, ticks):
    """At once, with the agent not started yet, and while the ask is on its way."""
    if ticks:
        stage.action("Panel")
        stage.reaper.run_until(lambda: "Generate" in stage.reaper.service.gfx.texts)
    stage.project.selection = LONG
    stage.ask("generate", prompt=BAND)
    for _ in range(ticks):
        stage.reaper.tick()
    stage.action("Cancel")
    for _ in range(60):
        stage.reaper.tick()
        time.sleep(0.02)
    stage.reaper.run_until(lambda: not stage.running and not list(stage.song.glob("*.wav")))
    assert stage.project.tracks == []


def test_stems_that_come_late_join_the_same_undo_step(stage):
    """Told by the agent in two messages; unless the musician did something in between."""
    for edits in (False, True):
        stage.project.tracks.clear()
        stage.project.done.clear()
        stage.project.selection = (0.0, 60.0)
        stage.forget_jobs()
        stage.ask("generate", prompt="drums, bass")
        stage.reaper.run_until(lambda: stage.project.tracks)
        first = [item.guid for item in stage.project.items()]
        if edits:
            stage.project.changes += 1
        (job,) = stage.running
        late = Path(stage.song / f"late-{edits}.wav")
        late.write_bytes(Path(next(iter(job["files"].values()))).read_bytes())
        said = {
            "stem": 7,
            "name": "Late",
            "colour": "#4aa8a0",
            "file": str(late),
            "position_seconds": 0.0,
            "length_seconds": 60.0,
        }
        (box,) = [one for one in stage.boxes.iterdir() if (one / "agent.lock").exists()]
        Mailbox(box).send({"type": "stems", "job": job["id"], "stems": [said]})
        stage.reaper.run_until(lambda: any(track.name == "Late" for track in stage.project.tracks))
        assert stage.undone() == ["Bandmate: drums, bass"] * (2 if edits else 1)
        kept = first == [item.guid for item in stage.project.items()][: len(first)]
        assert kept == edits
        stage.action("Cancel")
        stage.finish()
        assert stage.project.items() == []
