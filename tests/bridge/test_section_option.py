"""`--section`: ranges by the names of a project's regions and markers."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate_bridge.rpp import Marker, Project
from tests.bridge.command_line import CommandLine
from tests.bridge.recordings import audio_song, items_of

RATE = 48_000
BAR = 2 * RATE
DRUMS = ("--track", "Drums")


def region(name: str, first_bar: int, bars: int) -> Marker:
    start = (first_bar - 1) * BAR
    return Marker(0, name, start, start + bars * BAR)


FORM = (region("Verse", 3, 2), region("Chorus", 5, 2), region("Verse", 8, 2), region("Out", 10, 1))


def song_with(bandmate: CommandLine, *markers: Marker) -> Path:
    project = Project.load(audio_song(bandmate.folder))
    project.insert_markers(markers)
    project.save()
    return project.path


def place_of(song: Path, track: int = -1) -> list[tuple[int, int]]:
    """Start and length in bars of the items of a track."""
    return [(round(item.start_frame / BAR) + 1, round(item.frames / BAR)) for item in items_of(song, track)]


def test_new_music_fills_a_section(bandmate: CommandLine) -> None:
    song = song_with(bandmate, *FORM)
    bandmate.good("generate", "claves", "--into", song, "--section", "chorus", "--alone")
    assert place_of(song) == [(5, 2)]
    bandmate.good("generate", "shaker", "--into", song, "--section", "Verse:2", "--alone")
    assert place_of(song) == [(8, 2)]


def test_sections_that_follow_one_another_are_one_range(bandmate: CommandLine) -> None:
    song = song_with(bandmate, *FORM)
    bandmate.good("generate", "claves", "--into", song, "--section", "chorus", "--section", "verse:1")
    assert place_of(song) == [(3, 4)]


def test_a_section_of_the_markers_reaches_to_the_next_marker(bandmate: CommandLine) -> None:
    marks = [("Am", 1), ("Intro", 2), ("F", 2), ("Verse", 4), ("Solo", 9)]
    song = song_with(bandmate, *(Marker(0, name, (bar - 1) * BAR) for name, bar in marks))
    bandmate.good("generate", "claves", "--into", song, "--section", "verse", "--alone")
    assert place_of(song) == [(4, 5)]
    bandmate.good("separate", "--into", song, *DRUMS, "--section", "solo", "--stems", "bass")
    (item,) = items_of(song, 1)
    end = items_of(song, 0)[0].start_frame + items_of(song, 0)[0].frames
    assert item.start_frame == 8 * BAR
    assert abs(item.start_frame + item.frames - end) <= 2


def test_every_occurrence_is_repainted(bandmate: CommandLine) -> None:
    song = song_with(bandmate, *FORM)
    bandmate.good("repaint", "busier", "--into", song, *DRUMS, "--section", "verse", "--alone")
    changed = [item for item in items_of(song, 0) if len(item.takes) > 1]
    assert [(round(item.start_frame / BAR) + 1, round(item.frames / BAR)) for item in changed] == [
        (3, 2),
        (8, 2),
    ]


def test_one_range_of_several_has_to_be_named(bandmate: CommandLine) -> None:
    song = song_with(bandmate, *FORM)
    for command in (("generate", "claves"), ("cover", "as a string quartet", *DRUMS), ("analyse", *DRUMS)):
        said = bandmate.refused(*command, "--into", song, "--section", "verse")
        assert "'verse' means 2 separate sections, but one range is needed." in " ".join(said.split())
        assert "'verse:1' (Verse at 3.1), 'verse:2' (Verse at 8.1)" in " ".join(said.split())


@pytest.mark.parametrize(
    "command", [("generate", "claves"), ("repaint", "fill", *DRUMS), ("separate", *DRUMS)]
)
def test_an_unknown_section_is_refused_with_what_there_is(
    bandmate: CommandLine, command: tuple[str, ...]
) -> None:
    song = song_with(bandmate, *FORM)
    said = " ".join(bandmate.refused(*command, "--into", song, "--section", "chrous").split())
    assert "There is no section 'chrous'. Did you mean 'Chorus'? Sections: Verse (x2), Chorus, Out." in said


def test_a_project_without_sections_says_how_to_get_some(bandmate: CommandLine) -> None:
    song = song_with(bandmate)
    said = " ".join(bandmate.refused("generate", "claves", "--into", song, "--section", "A").split())
    assert "The project has no regions and no named markers." in said
    assert "bandmate analyse" in said


def test_a_name_and_a_position_do_not_go_together(bandmate: CommandLine) -> None:
    song = song_with(bandmate, *FORM)
    for more in (("--at", "3.1"), ("--bars", 4)):
        said = bandmate.refused("generate", "claves", "--into", song, "--section", "A", *more, code=2)
        assert "Give --section or positions, not both." in said
    asked = ("cover", "jazz trio", "--into", song, *DRUMS, "--section", "A", "--from", "1.1", "--to", "2.1")
    assert "Give --section or positions, not both." in bandmate.refused(*asked, code=2)
    said = bandmate.refused("generate", "claves", "-o", "out.wav", "--section", "A", code=2)
    assert "--section needs a project" in said


def played_bars(song: Path) -> list[int]:
    """The bars in which the notes of the MIDI items of the last track begin that has some."""
    project = Project.load(song)
    track = [track for track in project.tracks if any(item.is_midi for item in track.items)][-1]
    found = [note for item in track.items for note in project.played_notes(track, item)]
    return sorted({int(note.start // 4) + 1 for note in found})


def test_a_part_plays_in_the_sections_of_the_project(bandmate: CommandLine) -> None:
    song = song_with(bandmate, *FORM)
    asked = ("--into", song, "--at", "3.1", "--bars", 8, "--midi", "--alone")
    bandmate.good("generate", "claves in the verse", *asked)
    assert played_bars(song) == [3, 4, 8, 9]
    bandmate.good("generate", "tambourine", *asked, "--only", "chorus, out")
    assert played_bars(song) == [5, 6, 10]
    said = " ".join(bandmate.refused("generate", "claves in the bridge", *asked).split())
    assert "There is no section 'bridge'. Sections: Verse (x2), Chorus, Out." in said


def test_an_accompaniment_plays_in_the_sections_of_the_project(bandmate: CommandLine) -> None:
    song = song_with(bandmate, *FORM)
    bandmate.good(
        "accompany", "shaker in the chorus", "--into", song, *DRUMS, "--from", "3.1", "--to", "11.1", "--midi"
    )
    assert played_bars(song) == [5, 6]


def test_a_repaint_knows_what_played_in_a_section(bandmate: CommandLine) -> None:
    """The piece is rebuilt with its sections, so that what rests there rests."""
    song = song_with(bandmate, *FORM)
    asked = ("--into", song, "--at", "3.1", "--bars", 8, "--seed", 3, "--alone")
    bandmate.good("generate", "house drums", *asked, "--only", "verse")
    track = Project.load(song).tracks[-1].name
    done = bandmate.good(
        "repaint", "busier", "--into", song, "--track", track, "--section", "verse:2", "--alone"
    )
    assert "plays on" in done.out or "again" in done.out
