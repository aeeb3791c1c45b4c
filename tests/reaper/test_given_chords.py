"""Chords in REAPER: as a field of the form, and as markers and regions of the project."""

import pytest

from bandmate_bridge.client import Client
from bandmate_bridge.reaper.agent.forms import form_fields
from bandmate_plugins._host.loading.describe import describe_task
from bandmate_plugins._tasks.accompany import AccompanyTask
from bandmate_plugins._tasks.cover import CoverTask
from bandmate_plugins._tasks.generate import GenerateTask
from bandmate_plugins._tasks.repaint import RepaintTask
from bandmate_protocol.forms import task_schemas
from tests.bridge.project.written import tone
from tests.reaper.model import Item, Mark, Source, Take, Track


def newest(stage):
    with Client.connect(stage.server.address, token=stage.server.token) as client:
        return client.jobs(1)[0]


def chord_marks(job):
    return [(mark.position / job.timeline.sample_rate, mark.symbol) for mark in job.timeline.chords]


@pytest.mark.parametrize("task", [GenerateTask, AccompanyTask, CoverTask, RepaintTask])
def test_every_form_that_makes_music_asks_for_chords(task):
    (field,) = [field for field in form_fields(task_schemas(describe_task(task()))) if field.name == "chords"]
    assert (field.title, field.kind, field.default) == ("Chords", "string", "")


def test_chords_of_the_form_are_played(stage):
    stage.project.selection = (0.0, 16.0)
    stage.project.marks = [Mark(1, "E", 0.0, None, 0), Mark(2, "Am", 4.0, None, 0)]
    stage.make("generate", prompt="electric bass", chords="Am F | C G | x2")
    job = newest(stage)
    assert job.params["chords"] == "Am F | C G | x2"
    assert job.timeline.chords == ()


def test_chord_markers_are_the_chords_of_new_music(stage):
    stage.project.selection = (0.0, 8.0)
    names = ["Am", "F", "C", "G", "Outro with a name that is far too long for a chord"]
    stage.project.marks = [Mark(at + 1, name, 2.0 * at, None, 0) for at, name in enumerate(names)]
    stage.make("generate", prompt="electric bass")
    assert chord_marks(newest(stage)) == [(0.0, "Am"), (2.0, "F"), (4.0, "C"), (6.0, "G")]


def test_chord_regions_are_the_chords_of_an_accompaniment(stage):
    tone(stage.song / "voice.wav", 233.08, rate=48_000)
    voice = Item(takes=[Take(source=Source(str(stage.song / "voice.wav")))], selected=True)
    voice.values |= {"D_POSITION": 0.0, "D_LENGTH": 8.0}
    stage.project.tracks.append(Track("Voice", items=[voice]))
    stage.project.marks = [
        Mark(1, "Gm", 0.0, 4.0, 0), Mark(2, "Cm7", 4.0, 8.0, 0), Mark(3, "Verse", 0.0, 8.0, 0)
    ]  # fmt: skip
    stage.make("accompany", prompt="upright bass")
    assert chord_marks(newest(stage)) == [(0.0, "Gm"), (4.0, "Cm7")]


def test_rehearsal_letters_are_no_chords(stage):
    stage.project.selection = (0.0, 8.0)
    stage.project.marks = [Mark(at + 1, name, 2.0 * at, None, 0) for at, name in enumerate("ABAC")]
    stage.make("generate", prompt="electric bass")
    assert chord_marks(newest(stage)) == []


def test_regions_are_the_sections_of_new_music(stage):
    stage.project.selection = (4.0, 12.0)
    stage.project.marks = [
        Mark(1, "Am", 4.0, None, 0), Mark(2, "F", 8.0, None, 0),
        Mark(1, "Verse", 0.0, 8.0, 0), Mark(2, "Chorus", 8.0, 12.0, 0), Mark(3, "Out", 12.0, 16.0, 0),
    ]  # fmt: skip
    stage.make("generate", prompt="claves in the chorus")
    job = newest(stage)
    rate = job.timeline.sample_rate
    assert [(one.name, one.start_frame / rate, one.end_frame / rate) for one in job.timeline.sections] == [
        ("Verse", 0.0, 8.0), ("Chorus", 8.0, 12.0), ("Out", 12.0, 16.0)
    ]  # fmt: skip
