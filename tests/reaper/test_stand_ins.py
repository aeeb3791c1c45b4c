"""What stands for an item is played as it is: as loud, in the same place, mixed to mono, with its fades."""

import pytest

from tests.reaper.model import Track
from tests.reaper.pictures import source_item


@pytest.fixture
def source(stage):
    item = source_item(stage.song, seconds=4.0)
    item.selected = True
    item.values |= {"D_VOL": 0.5, "D_FADEINLEN": 0.25, "D_FADEOUTLEN": 0.01, "D_FADEOUTLEN_AUTO": 0.5}
    item.takes[0].values |= {"D_VOL": 0.7, "D_PAN": 0.25, "I_CHANMODE": 2.0}
    stage.project.tracks = [Track("Loop", items=[item])]
    return item


def played(item):
    take = item.takes[-1].values
    fades = item.values["D_FADEINLEN"], item.values["D_FADEOUTLEN"]
    return item.values["D_VOL"], take["D_VOL"], take["D_PAN"], take["I_CHANMODE"], fades


def test_stems(stage, source):
    stage.make("separate", stems="drums,bass")
    stems = [track.items[0] for track in stage.project.tracks[-2:]]
    assert [played(item) for item in stems] == [(0.5, 0.7, 0.25, 2.0, (0.25, 0.5))] * 2
    stage.forget_jobs()
    stage.action("Redo with a new seed")
    stage.finish()
    assert [(len(item.takes), played(item)[1:4]) for item in stems] == [(2, (0.7, 0.25, 2.0))] * 2


def test_stems_of_a_part_have_no_fades_of_their_own(stage, source):
    stage.project.selection = (1.0, 2.0)
    stage.make("separate", stems="drums")
    assert played(stage.project.tracks[-1].items[0]) == (0.5, 0.7, 0.25, 2.0, (0.0, 0.0))


def test_what_reaper_read_of_an_item_has_it_all_in_it(stage, source):
    stage.settings(input="render")
    stage.make("separate", stems="drums")
    assert played(stage.project.tracks[-1].items[0]) == (1.0, 1.0, 0.0, 0.0, (0.0, 0.0))
