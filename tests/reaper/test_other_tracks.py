"""Covers and accompaniments in REAPER hear what other tracks play at the same time."""

import pytest

from bandmate_bridge.client import Client
from tests.reaper.model import Track
from tests.reaper.pictures import source_item

pytestmark = pytest.mark.parametrize("lua", ["5.4"], indirect=True)


def roles(stage):
    with Client.connect(stage.server.address, token=stage.server.token) as client:
        return [each.role for each in client.jobs(1)[0].inputs]


@pytest.mark.parametrize("task", ["accompany", "cover"])
def test_the_other_tracks_are_heard_unless_they_are_muted(stage, task):
    chosen, other = (source_item(stage.song, seconds=4.0) for _ in range(2))
    chosen.selected = True
    stage.project.tracks = [Track("Lead", items=[chosen]), Track("Piano", items=[other])]
    stage.make(task, prompt="pop drums")
    assert roles(stage) == ["source", "context"]
    for track in stage.project.tracks[1:]:
        track.values["B_MUTE"] = 1.0
    stage.make(task, prompt="pop drums")
    assert roles(stage) == ["source"]
