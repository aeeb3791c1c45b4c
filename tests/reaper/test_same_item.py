"""A duplicated track may have items of the same ids: results come to the item that was selected."""

from tests.reaper.model import Track
from tests.reaper.pictures import source_item


def twins(stage):
    """Guitar and Bass with an item of one id, at one place; Bass's is selected."""
    items = [source_item(stage.song, seconds=4.0) for _ in range(2)]
    items[1].guid = items[0].guid
    items[1].selected = True
    stage.project.tracks = [Track("Guitar", items=[items[0]]), Track("Bass", items=[items[1]])]
    return stage.project.tracks


def test_a_take_comes_to_the_selected_item(stage):
    guitar, bass = twins(stage)
    stage.project.selection = (1.0, 2.0)
    stage.make("repaint", prompt="busier")
    assert [len(item.takes) for item in guitar.items] == [1]
    pieces = sorted(bass.items, key=lambda one: one.position)
    assert [len(piece.takes) for piece in pieces] == [1, 2, 1]
    stage.forget_jobs()
    stage.action("Redo with a new seed")
    stage.finish()
    assert [len(item.takes) for item in guitar.items] == [1]
    assert [len(piece.takes) for piece in pieces] == [1, 3, 1]


def test_the_selected_item_is_muted(stage):
    stage.settings(mute_source=True)
    guitar, bass = twins(stage)
    stage.make("separate", stems="drums")
    assert [track.items[0].values.get("B_MUTE", 0.0) for track in (guitar, bass)] == [0.0, 1.0]
