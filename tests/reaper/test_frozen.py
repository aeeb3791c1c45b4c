"""Frozen tracks: nothing goes onto them, as the unfreeze would take it away."""

import pytest

from tests.reaper.model import Track
from tests.reaper.pictures import source_item


@pytest.fixture
def track(stage):
    item = source_item(stage.song, seconds=4.0)
    item.selected = True
    stage.project.tracks = [Track("Voice", items=[item], frozen=True)]
    stage.project.selection = (1.0, 2.0)
    return stage.project.tracks[0]


def test_no_take_goes_onto_a_frozen_track(stage, track):
    stage.action("Panel")
    stage.ask("repaint", prompt="busier")
    stage.reaper.run_until(lambda: stage.reaper.console)
    assert "The track Voice is frozen" in stage.reaper.console[0]
    assert stage.undone() == []
    assert [len(item.takes) for item in track.items] == [1]


def test_new_music_for_a_frozen_track_comes_on_a_new_one(stage, track):
    track.items[0].selected, track.selected = False, True
    stage.make("generate", prompt="drums")
    assert [len(one.items) for one in stage.project.tracks] == [1, 1]


def test_an_item_of_a_frozen_track_is_not_muted(stage, track):
    stage.settings(mute_source=True)
    stage.make("separate", stems="drums")
    assert track.items[0].values["B_MUTE"] == 0.0
    assert len(stage.project.tracks) == 2
