"""The notes of MIDI items in REAPER, as what is played or as a part of a band."""

import pytest

from bandmate_bridge.client import Client
from tests.patience import PATIENCE_SECONDS
from tests.reaper import rpp_file
from tests.reaper.model import Item, Source, Take, Track
from tests.reaper.test_into_open import command, is_known

pytestmark = pytest.mark.parametrize("lua", ["5.3", "5.4"], indirect=True)

TICKS = 960
TUNE = (67, 64, 60, 72, 71, 67, 62, 65)


def tune(name="Tune", position=4.0, selected=True):
    """A track with a note a beat, for two bars at 120 bpm; its source ends with the last note."""
    take = Take(source=Source("", "MIDI"))
    take.notes += [(at * TICKS, at * TICKS + 480, 0, pitch, 70 + at) for at, pitch in enumerate(TUNE)]
    item = Item(takes=[take], selected=selected)
    item.values |= {"D_POSITION": position, "D_LENGTH": 3.75}
    return Track(name, items=[item])


def newest(stage):
    with Client.connect(stage.server.address, token=stage.server.token) as client:
        return client.job(client.jobs(1)[0].job)


def given(job):
    return {
        part.name: [(note.start / 24_000, note.pitch, note.velocity) for note in part.notes]
        for part in job.timeline.parts
    }


NOTES = [(float(at), pitch, 70 + at) for at, pitch in enumerate(TUNE)]


def test_the_selected_item_is_played_where_it_is(stage):
    stage.project.tracks += [tune(), tune("Other", selected=False)]
    stage.make("generate", prompt="flute", notes="only")
    job = newest(stage)
    assert given(job) == {"Tune": NOTES}
    assert (job.timeline.start_frame, job.timeline.end_frame) == (4 * 48_000, 8 * 48_000)
    assert [stem.name for stem in job.stems] == ["Tune"]


def test_each_track_with_selected_items_is_a_part(stage):
    stage.project.tracks += [tune(), tune("Second", position=8.0)]
    stage.make("generate", prompt="flute", notes="only")
    job = newest(stage)
    assert given(job) == {"Tune": NOTES, "Second": [(at + 8, *rest) for at, *rest in NOTES]}


def test_a_band_plays_around_the_selected_item_in_the_time_selection(stage):
    stage.project.tracks.append(tune())
    stage.project.selection = (4.0, 6.0)
    stage.make("generate", prompt="jazz", notes="melody")
    job = newest(stage)
    assert given(job) == {"Tune": NOTES[:4]}
    assert job.params["notes"] == "melody"
    assert len(job.stems) == 4


def test_without_a_midi_item_nothing_is_asked_for(stage):
    stage.project.tracks.append(tune(selected=False))
    stage.project.selection = (4.0, 6.0)
    stage.ask("generate", prompt="flute", notes="only")
    stage.reaper.run_until(
        lambda: "No MIDI item is selected" in "".join(stage.reaper.console), PATIENCE_SECONDS
    )


def test_notes_are_left_alone_unless_they_are_asked_for(stage):
    stage.project.tracks.append(tune())
    stage.project.selection = (4.0, 6.0)
    stage.make("generate", prompt="flute")
    assert newest(stage).timeline.parts == ()


def test_a_command_plays_the_midi_items_of_the_open_project(stage):
    """REAPER's own items count, not those of the file."""
    stage.project.tempo = []
    path = stage.song / "song.rpp"
    rpp_file.save(stage.project, path)
    stage.open(path)
    stage.action("Panel")
    with Client.connect(stage.server.address, token=stage.server.token, role="surface") as client:
        stage.reaper.run_until(lambda: is_known(client, path))
    stage.forget_jobs()
    stage.project.tracks.append(tune(selected=False))
    command(stage, "generate", "flute", "--into", "song.rpp", "--midi-track", "Tune", "--alone")
    job = newest(stage)
    assert given(job) == {"Tune": NOTES}
    assert job.timeline.start_frame == 4 * 48_000
