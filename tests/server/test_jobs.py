"""Jobs from submit to stems, over a real WebSocket on a real server."""

import os
import time

import psutil
import pytest

from bandmate_plugins._engines.sketch.performance.recipe import BAND_VERSION
from bandmate_protocol.messages import (
    Attach,
    Cancel,
    Describe,
    Done,
    Error,
    Failed,
    HeldStem,
    JobList,
    ListJobs,
    Redo,
    Stem,
    TempoPoint,
    Timeline,
)
from bandmate_protocol.session import JobProgress, StemFinished, StemPiece, StemStarted
from tests.server.wire import Wire, timeline_of


def test_a_job_streams_its_stems_and_is_done(wire):
    done = wire.run("noise", {"stems": 3}, seed=7)
    assert isinstance(done, Done)
    assert done.remarks == ("That was noise.",)
    assert done.report == {"seed": 7}
    stems = [event.stem for event in wire.events if isinstance(event, StemStarted)]
    assert [(stem.name, stem.frames, stem.sample_rate) for stem in stems] == [
        (f"Noise {index}", 96_000, 48_000) for index in range(3)
    ]
    finished = [event.end for event in wire.events if isinstance(event, StemFinished)]
    assert len(finished) == 3
    assert all(-30 < end.loudness_lufs < -15 and -25 < end.true_peak_dbtp < -10 for end in finished)
    assert all(len(audio) == 96_000 * 8 for audio in wire.audio.values())


def test_the_same_seed_gives_the_same_bytes(wire):
    first = wire.run("noise", seed=3)
    second = wire.run("noise", seed=3)
    other = wire.run("noise", seed=4)
    assert wire.finished[first.job, 0] == wire.finished[second.job, 0]
    assert wire.finished[first.job, 0] != wire.finished[other.job, 0]


def test_the_catalogue_lists_tasks_engines_and_plugins(wire):
    catalogue = wire.ask(Describe(request="d"))
    tasks = {task.name: task for task in catalogue.tasks}
    assert {"generate", "noise", "gain"} <= set(tasks)
    assert tasks["noise"].params["properties"]["pieces"]["default"] == 10
    assert "double" in tasks["where"].engines
    assert {plugin.name: plugin.status for plugin in catalogue.plugins}["double"] == "enabled"


def test_a_job_on_the_device_says_where_it_ran(wire):
    accepted = wire.submit("where")
    assert accepted.engine == "double"
    assert accepted.reason
    assert wire.end(accepted.job).report == {"device": "cpu", "tier": "full"}


def test_out_of_memory_is_tried_once_on_the_smaller_tier(wire):
    done = wire.run("where", {"fail_full": True})
    assert done.report["tier"] == "small"
    assert done.attempt == 1


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("raise", "engine_failed", "the plugin has a bug"),
        ("exit", "engine_failed", "SystemExit"),
        ("nan", "engine_failed", "NaN"),
        ("short", "engine_failed", "Trouble"),
        ("memory", "out_of_memory", "memory"),
        ("die", "worker_died", "exit status 7"),
    ],
)
def test_trouble_fails_its_own_job_with_a_sentence(wire, kind, code, words):
    failed = wire.run("trouble", {"kind": kind})
    assert isinstance(failed, Failed)
    assert failed.code == code
    assert words in failed.sentence + failed.remedy
    assert "Traceback" not in failed.sentence
    assert isinstance(wire.run("noise"), Done), "the next job finds a worker"


def test_a_worker_that_dies_once_is_followed_by_another(wire, tmp_path):
    done = wire.run("trouble", {"kind": "die", "marker": str(tmp_path / "died")})
    assert isinstance(done, Done)
    assert done.attempt == 1


def test_what_a_plugin_prints_does_not_reach_the_protocol(wire):
    assert isinstance(wire.run("trouble", {"kind": "print"}), Done)
    assert not wire.faults()


def test_cancel_ends_a_running_job(wire):
    accepted = wire.submit("noise", {"pieces": 500, "delay_ms": 20})
    wire.until(lambda event: isinstance(event, JobProgress))
    wire.send(Cancel(job=accepted.job))
    assert type(wire.end(accepted.job)).__name__ == "Cancelled"
    listed = wire.ask(ListJobs(request="l", prefix=accepted.job))
    assert listed.jobs[0].state == "cancelled"


def test_cancel_ends_a_job_whose_worker_still_starts(own_server):
    with Wire(own_server) as wire:
        accepted = wire.submit("noise", {"pieces": 500, "delay_ms": 20})
        wire.send(Cancel(job=accepted.job))
        assert type(wire.end(accepted.job)).__name__ == "Cancelled"
        assert "did not answer" not in own_server.log
        assert isinstance(wire.run("noise"), Done)


def test_cancel_ends_a_job_that_has_waited_for_another(wire):
    first = wire.submit("noise", {"pieces": 10, "delay_ms": 30})
    second = wire.submit("noise", {"pieces": 200, "delay_ms": 100}, 20.0)
    assert isinstance(wire.end(first.job), Done)
    wire.until(lambda event: isinstance(event, StemPiece) and event.stem.job == second.job)
    wire.send(Cancel(job=second.job))
    assert type(wire.end(second.job, 5)).__name__ == "Cancelled"


def test_cancel_ends_a_waiting_job_and_leaves_the_running_one(wire):
    running = wire.submit("noise", {"pieces": 40, "delay_ms": 10})
    waiting = wire.submit("noise")
    assert waiting.ahead == 1
    wire.send(Cancel(job=waiting.job))
    assert type(wire.end(waiting.job)).__name__ == "Cancelled"
    assert isinstance(wire.end(running.job), Done)


def test_a_worker_that_does_not_answer_a_cancel_is_replaced(tmp_path):
    from tests.running import RunningServer

    server = RunningServer(tmp_path, environ={"BANDMATE_SERVER_GRACE_SECONDS": "0.3"}).start()
    with Wire(server) as wire:
        accepted = wire.submit("trouble", {"kind": "hang"})
        wire.until(lambda event: isinstance(event, StemPiece))
        # Before it hangs the worker would still answer.
        time.sleep(0.5)
        (worker,) = server.workers()
        wire.send(Cancel(job=accepted.job))
        assert type(wire.end(accepted.job)).__name__ == "Cancelled"
        assert isinstance(wire.run("noise"), Done)
        assert worker not in server.workers()
    assert server.stop() == 0


def test_a_worker_without_progress_is_replaced(tmp_path):
    from tests.running import RunningServer

    server = RunningServer(tmp_path, environ={"BANDMATE_SERVER_STALL_SECONDS": "3"}).start()
    with Wire(server) as wire:
        failed = wire.run("trouble", {"kind": "hang"})
        assert failed.code == "worker_stuck"
        assert isinstance(wire.run("noise"), Done)
    assert server.stop() == 0


def test_attach_takes_up_a_finished_job_from_where_the_client_is(server, wire):
    done = wire.run("noise", {"stems": 1}, seed=1)
    whole = bytes(wire.audio[done.job, 0])
    with Wire(server) as late:
        held = (HeldStem(stem=0, attempt=0, revision=0, frames=40_001),)
        late.send(Attach(request="a", job=done.job, held=held))
        late.audio[done.job, 0] = bytearray(whole[: 40_001 * 8])
        late.until(lambda event: isinstance(event, StemStarted))
        offsets = []
        while sum(size for _, size in offsets) < 96_000 - 40_001:
            for event in late.step():
                if type(event).__name__ == "StemPiece":
                    offsets.append((event.offset, len(event.data) // 8))
        assert offsets[0][0] == 40_001
        assert bytes(late.audio[done.job, 0]) == whole


def test_attach_twice_replaces_the_stream(wire):
    accepted = wire.submit("noise", {"pieces": 30, "delay_ms": 5})
    wire.send(Attach(request="again", job=accepted.job))
    assert isinstance(wire.end(accepted.job), Done)


def test_redo_draws_a_new_seed_or_takes_one(wire):
    first = wire.submit("noise", seed=11)
    wire.end(first.job)
    again = wire.ask(Redo(request="r", job=first.job))
    assert again.seed != 11
    wire.end(again.job)
    same = wire.ask(Redo(request="s", job=first.job, seed=11))
    wire.end(same.job)
    assert wire.finished[same.job, 0] == wire.finished[first.job, 0]


def test_what_a_job_was_made_with_is_kept_with_it_and_goes_with_a_redo(wire):
    done = wire.run("generate", {"prompt": "piano"}, engine="sketch")
    assert done.report["recipe"] == {"soundfont": "none", "band": BAND_VERSION}

    def values() -> tuple[dict, dict]:
        (job,) = wire.ask(ListJobs(request="l", most=1)).jobs
        return job.params, job.options

    assert values() == ({"prompt": "piano"}, {"soundfont": "none", "band": BAND_VERSION})
    again = wire.ask(Redo(request="r", job=done.job, seed=3))
    assert values() == ({"prompt": "piano"}, {"soundfont": "none", "band": BAND_VERSION})
    wire.end(again.job)


def test_a_list_of_large_jobs_is_cut_to_what_a_frame_holds(wire):
    tempo = tuple(TempoPoint(position=float(place), bpm=120.0) for place in range(4_096))
    timeline = Timeline(sample_rate=48_000, start_frame=0, end_frame=4_800, tempo=tempo)
    for _ in range(6):
        assert isinstance(wire.run("noise", timeline=timeline), Done)
    listed = wire.ask(ListJobs(request="l", most=100))
    assert isinstance(listed, JobList)
    assert 1 <= len(listed.jobs) < 6


def test_jobs_are_listed_newest_first_with_their_recipe(wire):
    done = wire.run("noise", {"stems": 1}, seed=5, origin={"project": "song.rpp"})
    listed = wire.ask(ListJobs(request="l", most=1))
    assert isinstance(listed, JobList)
    (job,) = listed.jobs
    assert (job.job, job.state, job.seed, job.params) == (done.job, "done", 5, {"stems": 1})
    assert job.origin == {"project": "song.rpp"}
    assert job.stems[0].sha256 == wire.finished[done.job, 0]


@pytest.mark.parametrize(
    ("task", "more", "code", "words"),
    [
        ("sing", {}, "no_such_task", "noise"),
        ("noise", {"params": {"piecess": 3}}, "bad_params", "pieces"),
        ("where", {"engine": "demucs"}, "no_such_engine", "double"),
        ("noise", {"seconds": 7_201}, "range_too_long", "7200"),
        ("noise", {"timeline": timeline_of(0)}, "bad_timeline", "empty"),
        (
            "noise",
            {
                "timeline": Timeline(
                    sample_rate=48_000,
                    start_frame=0,
                    end_frame=9,
                    tempo=(TempoPoint(position=5.0, bpm=120.0),),
                )
            },
            "bad_timeline",
            "tempo",
        ),
        ("gain", {}, "input_missing", "`gain` needs audio, but none was sent. Select"),
    ],
)
def test_what_cannot_be_done_is_said(wire, task, more, code, words):
    error = wire.submit(task, more.pop("params", None), **more)
    assert isinstance(error, Error)
    assert error.code == code
    assert words in error.sentence + " " + error.remedy


def test_wrong_values_fail_the_job_with_their_bounds(wire):
    failed = wire.run("noise", {"pieces": "many"})
    assert failed.code == "bad_params"
    assert "Pieces must be a whole number" in failed.sentence


@pytest.mark.parametrize("kind", ["attach", "redo", "cancel"])
def test_a_job_that_is_not_there(wire, kind):
    message = {
        "attach": Attach(request="x", job="zzzzzzzz"),
        "redo": Redo(request="x", job="zzzzzzzz"),
        "cancel": Cancel(job="zzzzzzzz"),
    }[kind]
    wire.send(message)
    error = wire.until(lambda event: isinstance(event, Error))
    assert error.code == "no_such_job"
    assert "bandmate jobs" in error.remedy


def test_a_client_that_connects_anew_has_no_quota_of_its_own(tmp_path):
    from tests.running import RunningServer

    server = RunningServer(tmp_path, environ={"BANDMATE_SERVER_JOBS_IN_ALL": "2"}).start()
    for count in range(3):
        with Wire(server) as wire:
            answer = wire.submit("noise", {"pieces": 1000, "delay_ms": 20})
            assert isinstance(answer, Error) == (count == 2)
    assert answer.code == "quota_exceeded"
    assert "jobs_in_all" in answer.remedy
    assert server.stop() == 0


def test_a_client_has_a_quota_of_jobs(tmp_path):
    from tests.running import RunningServer

    server = RunningServer(tmp_path, environ={"BANDMATE_SERVER_JOBS_PER_CLIENT": "2"}).start()
    with Wire(server) as wire:
        jobs = [wire.submit("noise", {"pieces": 40, "delay_ms": 10}) for _ in range(3)]
        assert jobs[2].code == "quota_exceeded"
        with Wire(server) as other:
            accepted = other.submit("noise")
            for job in jobs[:2]:
                wire.send(Cancel(job=job.job))
            assert isinstance(other.end(accepted.job), Done)
    assert server.stop() == 0


def test_jobs_import_no_model_library_and_no_numpy_into_the_server(own_server):
    with Wire(own_server) as wire:
        wire.run("noise")
    mapped = {os.path.basename(each.path) for each in psutil.Process(own_server.process.pid).memory_maps()}
    assert not any(name.startswith(("libtorch", "_multiarray_umath")) for name in mapped)


def test_stems_are_announced_before_their_audio(wire):
    wire.run("noise", {"stems": 4})
    kinds = [type(event).__name__ for event in wire.events]
    last_start = max(index for index, kind in enumerate(kinds) if kind == "StemStarted")
    assert last_start < kinds.index("StemPiece")


def test_a_stem_names_where_it_begins(wire):
    wire.run("noise", timeline=timeline_of(1.0, rate=44_100, start=12_345))
    stem: Stem = next(event.stem for event in wire.events if isinstance(event, StemStarted))
    assert (stem.sample_rate, stem.start_frame, stem.frames) == (44_100, 12_345, 44_100)
