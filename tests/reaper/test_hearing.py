"""How items are heard: as files, as REAPER reads them, and as they sound after effects."""

import copy

import pytest

from tests.reaper.accessor import Accessor
from tests.reaper.model import Item, Track
from tests.reaper.pictures import source_item


def loop(stage, seconds: float = 2.0) -> Item:
    item = source_item(stage.song, seconds)
    item.values["D_POSITION"] = 1.0
    item.selected = True
    return item


def heard_as(stage, how: str) -> None:
    stage.settings(input=how)


def stems(stage, first: int) -> list[float]:
    """The sum of the stems of the tracks from that one on."""
    samples = (Accessor(track.items[0].takes[0]).samples for track in stage.project.tracks[first:])
    return [sum(frame) for frame in zip(*samples, strict=True)]


@pytest.mark.parametrize("lua", ["5.3", "5.4"], indirect=True)
def test_with_effects_and_nothing_of_the_musicians_is_touched(stage):
    """Stems add up to what the track sounds like after its effects; render settings, selection and undo
    are what they were.
    """
    item = loop(stage)
    track = Track("Loop", items=[item], gain=0.5)
    stage.project.tracks = [Track("Voice", selected=True), Track("Keys", selected=True), track]
    before = copy.deepcopy(stage.project.render)
    heard_as(stage, "render")
    stage.make("separate")
    (path,) = stage.reaper.renders
    assert stage.project.render == before
    assert [one.selected for one in stage.project.tracks[:3]] == [True, True, False]
    assert stage.undone() == ["Bandmate: Loop stems"]
    assert not path.is_relative_to(stage.song)
    total = stems(stage, 4)
    heard = Accessor(item.takes[0])
    for index in (100, 5_000, 48_000, 90_000):
        (left, _) = heard.read(48_000, 2, index / 48_000, 1) or (0.0, 0.0)
        assert abs(total[2 * index] - 0.5 * left) < 1e-3


def test_takes_are_made_from_what_is_before_the_effects(stage):
    """A take goes through its track's effects: heard after them, it would have them twice."""
    item = loop(stage, seconds=4.0)
    stage.project.tracks = [Track("Loop", items=[item], gain=0.5)]
    stage.project.selection = (2.0, 3.0)
    heard_as(stage, "render")
    stage.make("repaint", prompt="busier")
    assert stage.reaper.renders == []
    assert "GetAudioAccessorSamples" in stage.reaper.calls
    assert len(stage.project.items()) == 3


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        ("recording", "REAPER is recording"),
        ("muted", "muted"),
        ("solo", "soloed"),
        ("fails", "REAPER rendered nothing"),
    ],
)
def test_what_a_render_cannot_do_is_said_before_it_is_begun(stage, trouble, sentence):
    track, other = Track("Loop", items=[loop(stage)]), Track("Voice", selected=True)
    stage.project.tracks = [track, other]
    stage.project.recording = trouble == "recording"
    track.values["B_MUTE"] = float(trouble == "muted")
    other.values["I_SOLO"] = float(trouble == "solo")
    stage.reaper.render_fails = trouble == "fails"
    before = copy.deepcopy(stage.project.render)
    heard_as(stage, "render")
    stage.action("Separate selected items")
    stage.reaper.run_until(lambda: stage.reaper.console)
    assert sentence in stage.reaper.console[0]
    assert stage.project.render == before
    assert [one.selected for one in stage.project.tracks] == [False, True]
    assert stage.undone() == stage.reaper.renders == []


def test_an_item_that_only_reaper_can_read(stage):
    """Stretched further than we can: refused as a file, heard through REAPER by the setting."""
    item = source_item(stage.song, seconds=4.0)
    item.takes[0].values |= {"D_PLAYRATE": 12.0}
    item.values["D_LENGTH"] = 0.3
    item.selected = True
    stage.project.tracks = [Track("Loop", items=[item])]
    stage.action("Separate selected items")
    stage.reaper.run_until(lambda: stage.reaper.console)
    assert "12 times its speed" in stage.reaper.console[0]
    stage.reaper.close()
    heard_as(stage, "accessor")
    stage.make("separate")
    assert [track.name for track in stage.project.tracks][:2] == ["Loop", "Loop stems"]
    for track in stage.project.tracks[2:]:
        assert track.items[0].values["D_LENGTH"] == pytest.approx(0.3)
    assert stage.reaper.accessors == []
    total = stems(stage, 2)
    heard = Accessor(item.takes[0])
    for index in (100, 5_000, 14_000):
        (left, _) = heard.read(48_000, 2, index / 48_000, 1) or (0.0, 0.0)
        assert abs(total[2 * index] - left) < 1e-3


def test_a_stretched_item_is_heard_as_a_file(stage):
    item = source_item(stage.song, seconds=4.0)
    item.takes[0].values |= {"D_PLAYRATE": 1.25}
    item.values["D_LENGTH"] = 3.0
    item.selected = True
    stage.project.tracks = [Track("Loop", items=[item])]
    stage.make("separate", stems="bass")
    assert stage.project.tracks[1].items[0].values["D_LENGTH"] == 3.0
    stage.action("Panel")
    stage.project.selection = (1.0, 2.0)
    stage.ask("repaint", prompt="busier")
    stage.reaper.run_until(lambda: stage.reaper.console)
    assert "1.25 times its speed, at its own pitch" in stage.reaper.console[0]
