"""What comes into the project, and what can be done with it."""

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.reaper import rpp_file
from tests.reaper.model import Item, Take, Track
from tests.reaper.models_stage import invoked
from tests.reaper.pictures import source_item
from tests.reaper.situations import LONG


def test_inserted_when_done_by_setting(stage):
    stage.settings(growing=False)
    stage.project.selection = LONG
    stage.forget_jobs()
    stage.ask("generate", prompt="drums")
    stage.reaper.run_until(lambda: stage.running)
    assert stage.project.tracks == []
    stage.finish(120)
    assert stage.undone() == ["Bandmate: drums"]


NAMES = [
    'a "quoted" name',
    'it\'s `all` "three"',
    "two\nlines\tand a tab",
    "schöne Größe 🎸 日本",
    "}>{<",
    "%s $HOME ../../etc",
]


def test_names_of_all_sorts(stage):
    stage.project.selection = (0.0, 2.0)
    for name in NAMES:
        stage.make("generate", prompt=f"drums, bass {name}")
    read = rpp_file.save(stage.project, stage.song / "song.rpp")
    assert len(read.tracks) == 3 * len(NAMES)
    for track in read.tracks:
        for item in track.items:
            assert item.take.source.file.is_file()
            assert item.take.source.file.parent == stage.song
    import rpp

    parsed = rpp.loads(Path(stage.song / "song.rpp").read_text())
    assert len(list(parsed.findall("TRACK"))) == 3 * len(NAMES)


def test_each_item_has_stems_on_tracks_of_its_own_unless_set_otherwise(stage):
    """One undo step an item; and the source is muted where the setting says so."""
    stage.settings(mute_source=True)
    items = [source_item(stage.song, seconds=1.0) for _ in range(2)]
    for index, item in enumerate(items):
        item.selected = True
        item.values["D_POSITION"] = 2.0 * index
    stage.project.tracks = [Track("Loops", items=items), Track("Voice")]
    stage.make("separate")
    tracks = stage.project.tracks
    folders = [track.name for track in tracks if track.values["I_FOLDERDEPTH"] == 1.0]
    assert sorted(folders) == ["Loops stems", "Loops stems 2"]
    assert (tracks[0].name, tracks[-1].name, len(tracks)) == ("Loops", "Voice", 12)
    assert [item.values["B_MUTE"] for item in items] == [1.0, 1.0]
    assert stage.undone() == ["Bandmate: Loops stems"] * 2


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_the_projects_own_rate(stage, rate):
    stage.project.rate = rate
    stage.project.selection = (1 / 3, 2 + 1 / 7)
    stage.make("generate", prompt="drums")
    (item,) = stage.project.items()
    data = Path(item.takes[0].source.file).read_bytes()
    assert int.from_bytes(data[24:28], "little") == rate
    read = rpp_file.save(stage.project, stage.song / "song.rpp")
    assert read.tracks[0].items[0].start_frame == round(rate / 3)
    assert read.tracks[0].items[0].frames == round(rate * (2 + 1 / 7)) - round(rate / 3)


def test_no_selection_is_eight_bars_from_the_cursors_bar(stage):
    stage.project.cursor = 5.1
    stage.make("generate", prompt="drums")
    (item,) = stage.project.items()
    assert (item.position, item.values["D_LENGTH"]) == (4.0, 16.0)


def test_redo_takes_and_audition(stage):
    stage.project.selection = (4.0, 8.0)
    stage.make("generate", prompt="drums, bass")
    stage.forget_jobs()
    stage.action("Redo with a new seed")
    stage.finish()
    items = stage.project.items()
    assert [len(item.takes) for item in items] == [2, 2]
    assert [item.active for item in items] == [1, 1]
    one, other = (Path(take.source.file).read_bytes() for take in items[0].takes)
    assert one != other
    stage.action("Previous take")
    stage.reaper.tick()
    assert [item.active for item in items] == [0, 0]
    stage.action("Next take")
    stage.reaper.tick()
    assert [item.active for item in items] == [1, 1]
    assert stage.undone()[-2:] == ["Bandmate: previous take", "Bandmate: next take"]
    stage.action("Audition")
    stage.reaper.tick()
    assert (stage.project.playing, stage.project.cursor) == (True, 4.0)
    stage.action("Audition")
    stage.reaper.tick()
    assert not stage.project.playing


def test_the_notes_come_as_midi_by_setting(stage):
    stage.settings(midi=True)
    stage.project.selection = (2.0, 6.0)
    stage.make("generate", prompt="electric bass")
    assert [track.name for track in stage.project.tracks] == ["Electric bass", "Electric bass MIDI"]
    take = stage.project.tracks[1].items[0].takes[0]
    assert len(take.notes) > 4
    assert all(0 <= start < end <= 4 * 2 * 960 + 960 for start, end, *_ in take.notes)
    assert stage.undone() == ["Bandmate: electric bass"]


def test_the_notes_come_as_a_step_of_their_own_when_something_was_done_since(stage):
    stage.settings(midi=True)
    stage.project.selection = (0.0, 60.0)
    stage.forget_jobs()
    stage.ask("generate", prompt="electric bass")
    stage.reaper.run_until(lambda: stage.project.tracks)
    stage.project.changes += 1  # the musician's own
    stage.finish()
    assert [track.name for track in stage.project.tracks] == ["Electric bass", "Electric bass MIDI"]
    assert stage.undone() == ["Bandmate: electric bass", "Bandmate: MIDI of electric bass"]


def test_repaint_ranges_by_razor_and_again(stage):
    """Each razor edit gets a take; outside of them the pieces play what the item played; redo adds takes."""
    item = source_item(stage.song)
    item.selected = True
    item.takes[0].values["D_STARTOFFS"] = 0.25
    item.values |= {"D_POSITION": 1.0, "D_LENGTH": 12.0, "D_FADEINLEN": 0.02, "D_FADEOUTLEN": 0.01}
    track = Track("Drums", items=[item])
    track.razor = '2.0 4.0 "" 8.0 9.0 "" 3.0 5.0 "{00000000-0000-0000-0000-000000000000}"'
    stage.project.tracks = [track]
    stage.make("repaint", prompt="busier")
    assert len(stage.undone()) == 1
    pieces = sorted(track.items, key=lambda one: one.position)
    assert [len(piece.takes) for piece in pieces] == [1, 2, 1, 2, 1]
    assert [round(piece.position, 3) for piece in pieces] == [1.0, 2.0, 4.0, 8.0, 9.0]
    for piece in pieces:
        old = piece.takes[0].values["D_STARTOFFS"]
        assert abs(old - 0.25 - (piece.position - 1.0)) < 1e-9
        fades = [piece.values["D_FADEINLEN"], piece.values["D_FADEOUTLEN"], piece.values["D_FADEINLEN_AUTO"]]
        assert fades == [0.02 if piece is pieces[0] else 0.0, 0.0 if piece is not pieces[-1] else 0.01, 0.0]
    for one, other in pairwise(pieces):
        assert abs(one.end - other.position) < 1e-9
    stage.forget_jobs()
    stage.action("Redo with a new seed")
    stage.finish()
    assert [len(piece.takes) for piece in pieces] == [1, 3, 1, 3, 1]
    assert [piece.active for piece in pieces] == [0, 2, 0, 2, 0]


def test_a_large_project_is_not_searched_in_every_tick(stage):
    """The number of calls, which cost the same anywhere: some ten thousand make REAPER stutter."""
    track = Track("Loops")
    for index in range(3_000):
        item = Item(takes=[Take("one")])
        item.values |= {"D_POSITION": index * 0.5, "D_LENGTH": 0.4}
        track.items.append(item)
    stage.project.tracks = [track]
    stage.project.selection = (0.0, 4.0)
    most, before = 0, 0
    stage.forget_jobs()
    stage.ask("generate", prompt="drums, bass")
    while stage.running != []:
        stage.reaper.tick()
        now = sum(stage.reaper.calls.values())
        most, before = max(most, now - before), now
        time.sleep(0.01)
    assert len(stage.project.tracks) == 4
    assert most < 1_000


def test_a_surface_acts_on_the_project(stage):
    stage.action("Panel")
    stage.reaper.run_until(
        lambda: stage.reaper.ext.get(("bandmate", "service")) and stage.reaper.service.gfx.picture
    )
    stage.project.selection = (0.0, 2.0)
    stage.forget_jobs()
    answer = invoked(stage, task="generate", params={"prompt": "drums"})
    stage.finish()
    assert answer.job
    assert [track.name for track in stage.project.tracks] == ["Drums"]
    assert json.loads(stage.project.ext["last"])["job"] == answer.job
