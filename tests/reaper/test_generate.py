"""Generate into tracks, from the action to audio in items."""

from pathlib import Path

import pytest

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
    print(stage.reaper.console, len(stage.reaper.costs), max(stage.reaper.costs))
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
