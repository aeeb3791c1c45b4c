"""Generate into tracks, from the action to audio in items."""

from pathlib import Path

import pytest

from bandmate_bridge.client import Client
from tests.reaper import rpp_file

pytestmark = pytest.mark.parametrize("lua", ["5.3", "5.4"], indirect=True)


def finished(stage, label="Bandmate"):
    def done():
        return not stage.reaper.kept.get(("bandmate", "jobs"), "x").strip("[]") and stage.project.tracks

    return done


def test_a_band_comes_on_new_tracks_in_a_folder(stage):
    stage.project.selection = (4.0, 12.0)
    stage.ask("generate", prompt="dusty lo-fi drums, upright bass")
    stage.reaper.run_until(finished(stage))
    names = [track.name for track in stage.project.tracks]
    assert names[0] == "dusty lo-fi drums, upright bass"
    assert len(names) == 3
    assert stage.undone() == ["Bandmate: dusty lo-fi drums, upright bass"]
    read = rpp_file.save(stage.project, stage.song / "song.rpp")
    for track in read.tracks[1:]:
        (item,) = track.items
        assert (item.start_frame, item.frames) == (4 * 48_000, 8 * 48_000)
        data = Path(item.take.source.file).read_bytes()
        assert any(data[1000:])


def newest(stage):
    with Client.connect(stage.server.address, token=stage.server.token) as client:
        return client.jobs(1)[0]


@pytest.mark.parametrize("selection", [(4.0, 12.0), (0.0, 0.0)], ids=["selection", "cursor"])
def test_it_goes_with_what_plays_there(stage, selection):
    stage.project.selection, stage.project.cursor = (4.0, 12.0), 4.0
    stage.ask("generate", prompt="upright bass")
    stage.reaper.run_until(finished(stage))
    assert newest(stage).inputs == ()
    bass = stage.project.tracks[0]
    stage.project.selection = selection
    stage.ask("generate", prompt="piano", match_loudness=True)
    stage.reaper.run_until(lambda: finished(stage)() and len(stage.project.tracks) == 2)
    job = newest(stage)
    assert [(each.role, each.at_frame, each.frames) for each in job.inputs] == [
        ("context", 4 * 48_000, 8 * 48_000)
    ]
    assert job.params["match_loudness"] is True
    bass.values["B_MUTE"] = 1.0
    stage.project.tracks[1].values["B_MUTE"] = 1.0
    stage.ask("generate", prompt="strings")
    stage.reaper.run_until(lambda: finished(stage)() and len(stage.project.tracks) == 3)
    assert newest(stage).inputs == ()
