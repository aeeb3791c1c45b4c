"""The panel: drawn with gfx, typed into, clicked on. `pictures.py` keeps what it looks like for the docs."""

import re
import time

import pytest

from tests.reaper.model import Tempo, Track
from tests.reaper.pictures import source_item


@pytest.fixture
def panel(stage):
    stage.project.tracks = [Track("Guitar", selected=True), Track("Voice")]
    stage.action("Generate into track")
    stage.reaper.run_until(lambda: "Generate" in stage.reaper.service.gfx.texts)
    return stage.reaper.service.gfx


def ticks(stage, count=3):
    for _ in range(count):
        stage.reaper.tick()
        time.sleep(0.01)


def click(stage, panel, text):
    ticks(stage, 1)
    panel.click(*panel.find(text))
    ticks(stage, 1)
    panel.release()
    ticks(stage, 2)


def test_typing_and_enter_generate_onto_the_selected_track(stage, panel):
    stage.project.selection = (0.0, 4.0)
    stage.forget_jobs()
    panel.type("Brushed drumz")
    panel.keys.append(8)
    panel.type("s, ü 日\r")
    stage.finish()
    (item,) = stage.project.tracks[0].items
    assert stage.undone() == ["Bandmate: Brushed drums, ü 日"]
    assert item.position == 0.0
    ticks(stage)
    assert any(text.startswith("Done in") for text in panel.texts)
    assert '"prompt":"Brushed drums, ü 日"' in stage.project.ext["values"]


def test_the_range_is_shown_before_it_runs(stage, panel):
    stage.project.cursor = 4.2
    stage.project.changes += 1
    stage.reaper.run_until(lambda: any("3.1 to 11.1" in text for text in panel.texts))
    stage.project.selection = (4.0, 8.0)
    stage.reaper.run_until(
        lambda: any("3.1 to 5.1" in text and "120 bpm, 4/4" in text for text in panel.texts)
    )


def test_a_click_chooses_the_task_and_its_fields_come_from_the_server(stage, panel):
    click(stage, panel, "Cover")
    assert "Strength" in panel.texts or any("trength" in text for text in panel.texts)
    assert "A new take" in panel.texts
    click(stage, panel, "Separate")
    assert {"four", "two", "drums"} <= set(panel.texts)
    stage.reaper.run_until(lambda: any("No item is selected" in text for text in panel.texts))


def test_of_many_choices_one_is_shown_with_the_way_to_the_others(stage, panel):
    """Such as the languages of `generate`: beside each other they would have no room."""
    ticks(stage, 1)
    seen = [panel.texts[panel.texts.index("<") + 1]]
    for _ in range(2):
        click(stage, panel, ">")
        seen.append(panel.texts[panel.texts.index("<") + 1])
    click(stage, panel, "<")
    assert len(set(seen)) == 3
    assert panel.texts[panel.texts.index("<") + 1] == seen[1]


def test_numbers_are_kept_within_their_bounds(stage, panel):
    click(stage, panel, "Cover")
    panel.keys.append(9)
    ticks(stage)
    for _ in range(12):
        panel.keys.append(8)
    panel.type("7.5")
    panel.keys.append(9)
    ticks(stage)
    assert "1" in panel.texts
    assert "7.5" not in panel.texts


def test_an_error_is_a_sentence_with_what_to_do(stage, panel):
    click(stage, panel, "Separate")
    stage.reaper.service.gfx.keys.append(13)
    stage.reaper.run_until(
        lambda: any(
            text.startswith("Select one or more items in REAPER, and run the action again")
            for text in panel.texts
        )
    )
    assert "No item is selected." in panel.texts


def test_what_was_typed_stays_with_its_task(stage, panel):
    panel.type("one thing")
    ticks(stage)
    click(stage, panel, "Cover")
    assert "one thing" not in panel.texts
    click(stage, panel, "Generate")
    assert "one thing" in panel.texts


def test_cancel_in_the_panel(stage, panel):
    stage.project.selection = (0.0, 400.0)
    stage.forget_jobs()
    panel.type("jazz trio\r")
    stage.reaper.run_until(lambda: "Cancel" in panel.texts)
    click(stage, panel, "Cancel")
    stage.finish()
    assert stage.project.items() == []


def test_closing_the_window_keeps_what_runs(stage, panel):
    stage.project.selection = (0.0, 60.0)
    stage.forget_jobs()
    panel.type("drums\r")
    stage.reaper.run_until(lambda: stage.running)
    panel.keys.append(27)
    stage.finish()
    assert not panel.is_open
    assert len(stage.project.items()) == 1


def test_many_items_share_tracks_by_setting(stage, loops):
    """The stems of the same name of one track's items lie on one track, in their places."""
    count = loops(12, 64)
    stage.settings(grouping="track")
    track = stage.project.tracks[:] = [Track("Loops")]
    for index in range(count):
        item = source_item(stage.song, seconds=0.5)
        item.values["D_POSITION"] = index * 0.75
        item.selected = True
        track[0].items.append(item)
    stage.forget_jobs()
    stage.action("Separate selected items")
    stage.finish(240)
    names = [one.name for one in stage.project.tracks]
    assert names[:2] == ["Loops", "Loops stems"]
    assert len(names) == len(set(names)) == 6
    for stems in stage.project.tracks[2:]:
        assert [item.position for item in sorted(stems.items, key=lambda i: i.position)] == [
            index * 0.75 for index in range(count)
        ]
    assert len(stage.undone()) == count


def test_settings_are_kept(stage, panel):
    click(stage, panel, "Settings")
    click(stage, panel, "Notes as MIDI items")
    click(stage, panel, "Shared tracks")
    click(stage, panel, "4 bars")
    click(stage, panel, "Settings")
    assert "Prompt" in panel.texts
    kept = stage.reaper.kept["bandmate", "settings"]
    assert '"midi":true' in kept
    assert '"grouping":"track"' in kept
    assert '"bars":4' in kept


def test_progress_says_the_bar_and_the_seconds_left(stage, panel):
    """Counted through a change of metre inside the selection, as the ruler counts."""
    stage.project.numerator, stage.project.denominator = 7, 8
    stage.project.tempo = [Tempo(0.0, 120.0, 7, 8), Tempo(17.5, 90.0, 4, 4)]
    stage.project.selection = (3.5, 120.0)
    stage.forget_jobs()
    panel.type("jazz trio, strings, brass\r")
    said = []
    while stage.running != []:
        stage.reaper.tick()
        said += [text for text in panel.texts if re.search(r", bar \d+.* left$", text)]
        time.sleep(0.02)
    bars = [int(re.search(r"bar (\d+)", text)[1]) for text in said]
    assert bars == sorted(bars)
    assert bars[0] >= 3
    assert bars[-1] <= 10 + round((120 - 17.5) * 90 / 60 / 4) + 1
    assert len(set(bars)) > 3
