"""A third party's tasks in REAPER: takes, reports, what listens, and what no hand may press, by what they say."""

from pathlib import Path

import pytest

from bandmate_bridge.client import Client
from bandmate_bridge.reaper.agent.marks import report_note
from tests.reaper.model import Track
from tests.reaper.models_stage import View, invoked
from tests.reaper.pictures import source_item
from tests.running import RunningServer


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with the doubles."""
    running = RunningServer(tmp_path_factory.mktemp("home")).start()
    yield running
    running.stop()


@pytest.fixture
def loop(stage):
    """One selected item, of which the time from 2 to 4 s is selected."""
    item = source_item(stage.song)
    item.selected = True
    stage.project.tracks = [Track("Loop", items=[item])]
    stage.project.selection = (2.0, 4.0)
    return item


def newest(stage):
    with Client.connect(stage.server.address, token=stage.server.token) as client:
        return client.jobs(1)[0]


def test_a_take_arrives_as_a_take(stage, loop):
    stage.make("reverse")
    (track,) = stage.project.tracks
    assert [len(item.takes) for item in track.items] == [1, 2, 1]
    middle = track.items[1]
    assert (middle.values["D_POSITION"], middle.values["D_LENGTH"]) == pytest.approx((2.0, 2.0))
    assert Path(middle.takes[-1].source.file).name.startswith("Loop reversed")
    assert stage.undone() == ["Bandmate: Loop reversed"]


def test_a_report_is_shown_and_changes_nothing(stage, loop):
    stage.action("Panel")
    stage.make("peak")
    assert [len(track.items) for track in stage.project.tracks] == [1]
    stage.reaper.run_until(lambda: any("peak: 0." in text for text in stage.reaper.service.gfx.texts))
    assert stage.undone() == []


def test_one_that_listens_is_given_what_plays(stage, loop):
    stage.make("shadow")
    assert [track.name for track in stage.project.tracks] == ["Loop", "Shadow"]
    assert [given.role for given in newest(stage).inputs] == ["context"]


def test_a_hidden_task_has_no_form_and_is_refused(stage, loop):
    stage.action("Panel")
    stage.reaper.run_until(lambda: "Reverse" in stage.reaper.service.gfx.texts)
    assert "Secret" not in stage.reaper.service.gfx.texts
    assert invoked(stage, task="secret").sentence == "REAPER does not know the task secret."


def test_the_note_of_a_report_is_one_line_of_plain_values():
    assert report_note({"peak": 0.5, "name": "a\nb", "list": [1, 2]}) == "peak: 0.5, name: a b"
    assert report_note({"beats": [], "frames": 1, "sample_rate": 48_000}) == ""
    assert len(report_note({"text": "x" * 1000})) == 300


@pytest.fixture(params=[False, True], ids=["gfx", "imgui"])
def view(request, stage):
    """The panel, drawn in either way."""
    made = View(stage, imgui=request.param)
    made.open()
    return made


def shown_fields(view) -> set[str]:
    return {"Fail full", "Level (dB)", "Finish", "Swing"} & set(view.texts)


def test_the_fields_are_those_of_the_engine_that_is_chosen(view, stage):
    view.click("Where")
    view.click("double")
    view.until(lambda: shown_fields(view) == {"Fail full", "Level (dB)"})
    view.click("dsp")
    view.until(lambda: shown_fields(view) == {"Fail full"})
    assert "Advanced" not in view.texts


def test_rare_options_are_folded_and_keep_their_values(view, stage):
    view.click("Where")
    view.click("double")
    assert not {"Finish", "matt", "gloss"} & set(view.texts)
    view.click("Advanced")
    view.click("gloss")
    assert shown_fields(view) == {"Fail full", "Level (dB)", "Finish"}
    view.click("Advanced")
    view.until(lambda: shown_fields(view) == {"Fail full", "Level (dB)"})
    assert sent_job(view, stage) == ("double", {"finish": "gloss"}, {})
    view.click("dsp")
    assert sent_job(view, stage) == ("dsp", {}, {})


def sent_job(view, stage) -> tuple[str, dict, dict]:
    """The engine, options and parameters of the job that the panel's button makes."""
    stage.forget_jobs()
    view.press_enter()
    stage.finish()
    job = newest(stage)
    return job.engine, job.options, job.params
