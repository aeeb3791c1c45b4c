"""New tracks in REAPER have names that the project does not have yet, as in a project file."""

import pytest

from tests.reaper.model import Track

pytestmark = pytest.mark.parametrize("lua", ["5.3", "5.4"], indirect=True)


def test_new_tracks_have_names_that_the_project_does_not(stage):
    stage.project.tracks = [Track("drums")]
    stage.project.selection = (0.0, 2.0)
    named = []
    for prompt in ("rock drums", "rock drums", "drums, bass", "drums, bass"):
        before = list(stage.project.tracks)
        stage.make("generate", prompt=prompt)
        named.append([track.name for track in stage.project.tracks if track not in before])
    assert named == [
        ["Rock drums"],
        ["Drums 2"],
        ["drums, bass", "Drums 3", "Electric bass"],
        ["drums, bass 2", "Drums 4", "Electric bass 2"],
    ]


def test_notes_are_named_as_the_track_that_they_are_of(stage):
    stage.settings(midi=True)
    stage.project.tracks = [Track("Drums")]
    stage.project.selection = (0.0, 2.0)
    stage.make("generate", prompt="rock drums")
    assert [track.name for track in stage.project.tracks] == ["Drums", "Rock drums", "Rock drums MIDI"]
