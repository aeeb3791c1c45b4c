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


def gains(stage):
    with Client.connect(stage.server.address, token=stage.server.token) as client:
        return [round(each.gain, 6) for each in client.jobs(1)[0].inputs]


def test_the_other_tracks_are_as_loud_as_their_faders_say(stage):
    """The folder's fader counts, the item's volume and the take's; a muted folder and a closed fader are silent."""
    chosen, other = (source_item(stage.song, seconds=4.0) for _ in range(2))
    chosen.selected = True
    other.values["D_VOL"] = 0.5
    lead, folder = Track("Lead", items=[chosen]), Track("Band")
    piano = Track("Piano", items=[other])
    folder.values |= {"I_FOLDERDEPTH": 1.0, "D_VOL": 0.5}
    piano.values |= {"I_FOLDERDEPTH": -1.0, "D_VOL": 0.8}

    def made_gains():
        stage.project.tracks = [lead, folder, piano]
        stage.make("accompany", prompt="pop drums")
        return gains(stage)

    assert made_gains() == [1.0, 0.2]
    piano.values["B_MAINSEND"] = 0.0
    assert made_gains() == [1.0, 0.4]
    piano.values["B_MAINSEND"] = 1.0
    folder.values["B_MUTE"] = 1.0
    assert made_gains() == [1.0]
    folder.values["B_MUTE"] = 0.0
    piano.values["D_VOL"] = 0.001
    assert made_gains() == [1.0]
