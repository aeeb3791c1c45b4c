"""Lyrics that a planner heard, as text items of the project that REAPER has open."""

import json

import pytest

from bandmate_bridge.reaper.agent.marks import analysis_marks
from tests.reaper.model import Track

LYRICS = '[Verse]\nRain on the "roof"\n\n[Chorus]\nRain, rain'


def heard(lyrics: str, *sections: tuple[int, int]) -> dict[str, object]:
    marked = [{"start_frame": start, "end_frame": end, "label": "A"} for start, end in sections]
    return {
        "frames": 96_000,
        "sample_rate": 48_000,
        "start_frame": 24_000,
        "sections": marked,
        "song": {"lyrics": lyrics, "caption": "rainy"},
    }


def put(stage, marks) -> None:
    inner = json.dumps(json.dumps(marks))
    script = stage.here / "test-lyrics.lua"
    script.write_text(
        'local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\\\])")\n'
        'package.path = here .. "bandmate/?.lua;" .. package.path\n'
        f'require("marks").put(0, require("json").decode({inner}), "Analyse", false)\n'
    )
    stage.reaper.run_script(script)


@pytest.mark.parametrize(("name", "new"), [("Voice", "Lyrics"), ("lyrics", "Lyrics 2")])
def test_words_lie_on_a_new_track_and_one_undo_takes_them_back(stage, name, new) -> None:
    stage.project.tracks.append(Track(name=name))
    before = [track.name for track in stage.project.tracks]
    texts = [
        {"text": '[Verse]\nRain on the "roof"', "start_seconds": 0.5, "length_seconds": 1.0},
        {"text": "[Chorus]\nRain, rain", "start_seconds": 1.5, "length_seconds": 1.0},
    ]
    put(stage, {"markers": [], "tempo": [], "lyrics": texts})
    assert [track.name for track in stage.project.tracks] == [*before, new]
    items = stage.project.tracks[-1].items
    assert [(item.notes, item.position, item.end - item.position) for item in items] == [
        (words["text"], words["start_seconds"], words["length_seconds"]) for words in texts
    ]
    assert stage.undone() == ["Bandmate: Analyse"]


def test_without_words_there_is_no_track(stage) -> None:
    before = [track.name for track in stage.project.tracks]
    put(stage, {"markers": [], "tempo": []})
    assert [track.name for track in stage.project.tracks] == before


def test_the_agent_gives_each_section_its_words() -> None:
    marks = analysis_marks(heard(LYRICS, (24_000, 72_000), (72_000, 120_000)), 44_100)
    assert marks is not None
    assert [(words.text, words.start_seconds, words.length_seconds) for words in marks.lyrics] == [
        ('[Verse]\nRain on the "roof"', 0.5, 1.0),
        ("[Chorus]\nRain, rain", 1.5, 1.0),
    ]
    assert marks.summary.endswith(". Check the lyrics on their track.")
    silent = analysis_marks(heard(""), 44_100)
    assert silent is not None
    assert silent.lyrics == ()
    assert "lyrics" not in silent.summary
