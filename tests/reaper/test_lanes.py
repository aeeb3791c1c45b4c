"""Tracks with fixed item lanes (REAPER 7) stay as they are, but for takes on items of lanes with no comp."""

import pytest

from tests.reaper.model import Item, Track
from tests.reaper.pictures import source_item

FIXED = 2.0


def lane_item(stage, lane: int, *, plays: bool = True, seconds: float = 8.0) -> Item:
    item = source_item(stage.song, seconds)
    item.values |= {"I_FIXEDLANE": float(lane), "C_LANEPLAYS": float(plays)}
    return item


def lane_track(*items: Item, **about) -> Track:
    track = Track("Voice", items=list(items), lane_names=("C1", "1", "2"), **about)
    track.values["I_FREEMODE"] = FIXED
    return track


def test_a_repaint_splits_only_in_its_own_lane(stage):
    """Items of other lanes lie at the same time, and are no neighbours."""
    other, chosen = lane_item(stage, 2, plays=False), lane_item(stage, 1)
    chosen.selected = True
    track = lane_track(other, chosen)
    stage.project.tracks, stage.project.selection = [track], (2.0, 4.0)
    stage.make("repaint", prompt="busier")
    assert (other.end, len(other.takes)) == (8.0, 1)
    own = sorted((item for item in track.items if item is not other), key=lambda item: item.position)
    assert [(item.position, item.end, len(item.takes)) for item in own] == [
        (0.0, 2.0, 1), (2.0, 4.0, 2), (4.0, 8.0, 1)
    ]  # fmt: skip
    assert {item.values["I_FIXEDLANE"] for item in own} == {1.0}
    assert len(stage.undone()) == 1


@pytest.mark.parametrize("known_by", ["name", "lines"])
def test_no_take_goes_into_a_comp_lane(stage, known_by):
    item = lane_item(stage, 0)
    item.selected = True
    track = lane_track(item)
    if known_by == "lines":
        track.lane_names, track.comp_lane = ("My best", "1"), 0
    stage.project.tracks, stage.project.selection = [track], (2.0, 4.0)
    stage.action("Panel")
    stage.ask("repaint", prompt="busier")
    stage.reaper.run_until(lambda: stage.reaper.console)
    assert "comp lane" in stage.reaper.console[0]
    assert stage.undone() == []
    assert track.items == [item]


def test_a_comp_that_was_begun_meanwhile_is_left_alone(stage):
    """Its item has become one of a comp lane between the ask and the result."""
    item = lane_item(stage, 1)
    item.selected = True
    track = lane_track(item)
    stage.project.tracks, stage.project.selection = [track], (2.0, 4.0)
    stage.forget_jobs()
    stage.ask("repaint", prompt="busier")
    # What is asked for was looked at in this tick; no answer can be there before the next one.
    stage.reaper.run_until(lambda: "GetTrackStateChunk" in stage.reaper.calls)
    track.comp_lane = 1
    stage.finish()
    assert (track.items, len(item.takes)) == ([item], 1)
    assert len(stage.project.items()) == 2


def test_new_music_for_a_track_with_lanes_comes_on_a_new_one(stage):
    item = lane_item(stage, 1)
    track = lane_track(item, selected=True)
    stage.project.tracks, stage.project.selection = [track], (2.0, 4.0)
    stage.make("generate", prompt="drums")
    assert track.items == [item]
    assert [len(one.items) for one in stage.project.tracks] == [1, 1]


def test_stems_of_an_item_in_a_lane_come_below_its_track(stage):
    item = lane_item(stage, 0, seconds=2.0)
    item.selected = True
    track = lane_track(item)
    stage.project.tracks = [track, Track("Keys")]
    stage.make("separate")
    assert track.items == [item]
    assert [one.name for one in stage.project.tracks][:2] == ["Voice", "Voice stems"]
    assert stage.project.tracks[-1].name == "Keys"
