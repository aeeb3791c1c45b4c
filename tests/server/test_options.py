"""Options of engines: asked for, kept with the job, and sorted from the parameters of tasks."""

import pytest

from bandmate_protocol.messages import (
    Attach,
    Describe,
    Done,
    Error,
    JobList,
    ListJobs,
    Redo,
    Slot,
    StoreSlot,
    Submit,
)
from bandmate_server.jobs import Job, JobStore
from tests.running import RunningServer
from tests.server.wire import Wire, timeline_of


def listed(wire, job):
    """The parameters and options that a job is listed with."""
    answer = wire.ask(ListJobs(request="l", prefix=job))
    assert isinstance(answer, JobList)
    return answer.jobs[0].params, answer.jobs[0].options


def test_the_catalogue_has_an_engines_options_as_a_form(wire):
    engines = {engine.name: engine for engine in wire.ask(Describe(request="d")).engines}
    double = engines["double"]
    assert double.abilities == ("analyse",)
    level, finish = double.options["properties"]["level"], double.options["properties"]["finish"]
    assert (level["title"], level["unit"], level["maximum"], level["default"]) == ("Level", "dB", 9, 3)
    assert (finish["enum"], finish["advanced"]) == (["gloss", "matt"], True)
    assert "steps" in engines["acestep"].options["properties"]
    assert "steps" not in engines["sketch"].options["properties"]
    assert engines["dsp"].options == {}


def test_an_option_reaches_its_engine_and_stays_with_the_job(wire):
    done = wire.run("where", options={"level": 7})
    assert done.report["level"] == 7
    assert listed(wire, done.job) == ({}, {"level": 7})
    again = wire.ask(Redo(request="r", job=done.job))
    assert wire.end(again.job).report["level"] == 7


def test_an_option_among_the_parameters_is_moved_to_the_options(wire):
    done = wire.run("where", {"fail_full": False, "level": 8})
    assert done.report["level"] == 8
    assert listed(wire, done.job) == ({"fail_full": False}, {"level": 8})


def test_an_option_that_is_given_as_such_counts_before_one_among_the_parameters(wire):
    done = wire.run("where", {"level": 8}, options={"level": 2})
    assert listed(wire, done.job) == ({}, {"level": 2})


def test_a_parameter_among_the_options_is_moved_to_the_parameters(wire):
    done = wire.run("where", options={"fail_full": False, "level": 1})
    assert listed(wire, done.job) == ({"fail_full": False}, {"level": 1})


@pytest.mark.parametrize("where", ["params", "options"])
def test_an_unknown_name_is_refused_with_what_there_is(wire, where):
    error = wire.submit("where", **{where: {"levle": 7}})
    assert isinstance(error, Error)
    assert (error.code, error.sentence) == ("bad_params", "`where` has no parameter or option `levle`.")
    assert error.remedy == "Did you mean `level`? Parameters: fail_full. Options of double: level, finish."


def test_an_option_of_another_ability_is_unknown(wire):
    assert wire.submit("where", options={"swing": True}).code == "bad_params"


def test_a_value_out_of_bounds_fails_the_job_with_them(wire):
    failed = wire.run("where", options={"level": 10})
    assert failed.code == "bad_params"
    assert failed.sentence == "Level must be a whole number from 0 to 9 dB, not 10."


def test_an_option_of_another_engine_has_no_effect_and_a_remark_says_so(wire):
    done = wire.run(
        "generate", {"prompt": "piano", "steps": 8, "sampler": "ode"}, engine="sketch", seconds=0.2
    )
    assert isinstance(done, Done)
    assert "`steps` has no effect with sketch; it is an option of acestep." in done.remarks
    assert not any("sampler" in remark for remark in done.remarks), "that is its default"
    params, options = listed(wire, done.job)
    assert (params, options["steps"]) == ({"prompt": "piano"}, 8)


def test_a_slot_keeps_options_and_refuses_unknown_ones(wire):
    slot = Slot(number=60, task="where", options={"level": 4})
    assert slot in wire.ask(StoreSlot(request="s", slot=slot)).slots
    wrong = wire.ask(StoreSlot(request="t", slot=Slot(number=60, task="where", options={"levle": 4})))
    assert "Options of double: level" in wrong.remedy


def test_a_job_of_an_earlier_version_runs_with_the_options_among_its_parameters(tmp_path):
    server = RunningServer(tmp_path)
    path = server.home / "data" / "jobs.sqlite"
    path.parent.mkdir(parents=True)
    store = JobStore(path)
    submit = Submit(request="r", task="where", params={"level": 6}, timeline=timeline_of(1), seed=1)
    known = {"owner": "me", "reason": "", "placement": "device", "version": "0.0.9", "state": "interrupted"}
    store.add(Job(id="abcd2345", submit=submit, engine="double", seed=1, **known))
    store.close()
    server.start()
    with Wire(server) as wire:
        wire.ask(Attach(request="a", job="abcd2345"))
        assert wire.end("abcd2345").report["level"] == 6
    assert server.stop() == 0
