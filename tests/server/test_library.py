"""The library over the wire: rated, noted, kept, dropped, restored, searched, and what each job costs."""

from __future__ import annotations

import pytest

from bandmate_protocol.messages import (
    Annotate,
    DropJobs,
    Error,
    Have,
    Input,
    JobList,
    JobsChanged,
    JobsDropped,
    ListJobs,
    Pin,
    RestoreJobs,
    WatchJobs,
)
from bandmate_server.jobs.dropping import DROP_UNDO_MS
from tests.running import RunningServer
from tests.server.wire import Wire

STEM_BYTES = 4 * 2 * 4_800
"""Of a tenth of a second of `noise`."""


@pytest.fixture
def wire(own_server):
    with Wire(own_server) as connected:
        yield connected


def made(wire: Wire, seed: int, stems: int = 1, **more: object) -> str:
    return wire.run("noise", {"stems": stems}, 0.1, seed=seed, **more).job


def listed(wire: Wire, **filters: object) -> JobList:
    return wire.ask(ListJobs(request=wire.session.new_request_id(), **filters))


def annotate(wire: Wire, job: str, **said: object):
    return wire.ask(Annotate(request=wire.session.new_request_id(), job=job, **said))


def drop(wire: Wire, *jobs: str, **how: bool):
    return wire.ask(DropJobs(request=wire.session.new_request_id(), jobs=jobs, **how))


def restore(wire: Wire, *jobs: str):
    return wire.ask(RestoreJobs(request=wire.session.new_request_id(), jobs=jobs))


def ids(found: JobList) -> list[str]:
    return [each.job for each in found.jobs]


def test_what_is_said_about_a_job_is_kept_field_by_field_and_over_a_restart(own_server, wire):
    job = made(wire, 1)
    with Wire(own_server) as other:
        annotate(wire, job, rating=4)
        (found,) = annotate(other, job, note="Louder\nbass.", kept=True).jobs
    assert (found.rating, found.note, found.kept) == (4, "Louder\nbass.", True)
    assert own_server.stop() == 0
    own_server.start()
    with Wire(own_server) as again:
        (found,) = listed(again).jobs
        assert (found.rating, found.note, found.kept) == (4, "Louder\nbass.", True)
        (found,) = annotate(again, job, rating=0, note="", kept=False).jobs
        assert (found.rating, found.note, found.kept) == (0, "", False)


def test_a_note_that_somebody_else_changed_is_not_overwritten(own_server, wire):
    job = made(wire, 1)
    with Wire(own_server) as other:
        annotate(other, job, note="Theirs.", note_before="")
        refused = annotate(wire, job, note="Mine.", note_before="")
    assert isinstance(refused, Error)
    assert (refused.code, job in refused.sentence) == ("job_changed", True)
    assert listed(wire).jobs[0].note == "Theirs."
    assert annotate(wire, job, note="Both.", note_before="Theirs.").jobs[0].note == "Both."


def test_every_job_can_be_found_by_words_and_facts(wire):
    jobs = [made(wire, seed) for seed in range(3)]
    sketch = wire.run("generate", {"prompt": "Dusty LO-FI claves"}, engine="sketch").job
    failed = wire.run("trouble", {"kind": "raise"}).job
    annotate(wire, jobs[0], note="Straße im Regen", rating=2)
    annotate(wire, jobs[1], kept=True, rating=5)
    since = listed(wire, prefix=sketch).jobs[0].created_ms
    for filters, expected in (
        ({}, [failed, sketch, *reversed(jobs)]),
        ({"words": "lo-fi DUSTY"}, [sketch]),
        ({"words": "claves nothing"}, []),
        ({"words": "STRASSE"}, [jobs[0]]),
        ({"words": jobs[2]}, [jobs[2]]),
        ({"words": "100%"}, []),
        ({"task": "noise"}, list(reversed(jobs))),
        ({"engine": "sketch"}, [sketch]),
        ({"engine": "none", "state": "done"}, list(reversed(jobs))),
        ({"state": "failed"}, [failed]),
        ({"rating": 2}, [jobs[1], jobs[0]]),
        ({"rating": 3}, [jobs[1]]),
        ({"kept": True}, [jobs[1]]),
        ({"kept": False, "task": "noise"}, [jobs[2], jobs[0]]),
        ({"since_ms": since}, [failed, sketch]),
        ({"skip": 1, "most": 2}, [sketch, jobs[2]]),
        ({"task": "noise", "before": jobs[2]}, [jobs[1], jobs[0]]),
    ):
        found = listed(wire, **filters)
        assert ids(found) == expected, filters
    assert listed(wire, most=1).total == 5
    assert listed(wire, most=1, task="noise", skip=2).total == 3


def test_a_brief_list_has_what_a_table_shows(wire):
    job = made(wire, 1, origin={"project": "x", "subject": "Demo 7.wav"})
    (brief,) = listed(wire, brief=True, words="demo 7").jobs
    (whole,) = listed(wire).jobs
    assert whole.stems
    assert (brief.stems, brief.inputs, brief.params) == ((), (), {})
    assert brief.origin == {"subject": "Demo 7.wav"}
    assert (brief.job, brief.timeline.frames, brief.disk_bytes) == (job, 4_800, STEM_BYTES)


def test_a_job_costs_what_dropping_it_would_free(wire):
    first, twin, other = made(wire, 1), made(wire, 1), made(wire, 2, stems=2)
    costs = {each.job: each.disk_bytes for each in listed(wire).jobs}
    assert costs == {first: 0, twin: 0, other: 2 * STEM_BYTES}, "the same stem lies there once"
    assert listed(wire).disk_bytes == 3 * STEM_BYTES
    assert drop(wire, first, twin, preview=True).disk_bytes == STEM_BYTES
    assert drop(wire, first, preview=True).disk_bytes == 0
    assert drop(wire, other, preview=True).disk_bytes == 2 * STEM_BYTES
    assert len(listed(wire).jobs) == 3, "a preview drops nothing"
    wire.ask(Pin(request="p", owner="song", sha256=(wire.finished[other, 0],)))
    assert drop(wire, other, preview=True).disk_bytes == STEM_BYTES


def test_a_dropped_job_leaves_the_list_and_comes_back(wire):
    job = made(wire, 1)
    dropped = drop(wire, job)
    assert isinstance(dropped, JobsDropped)
    assert (dropped.disk_bytes, dropped.undo_seconds) == (STEM_BYTES, DROP_UNDO_MS / 1000)
    assert ids(listed(wire)) == []
    assert ids(listed(wire, dropped=True)) == [job]
    assert listed(wire, prefix=job).jobs[0].dropped_ms is not None
    assert ids(restore(wire, job)) == [job]
    assert ids(listed(wire)) == [job]
    assert listed(wire).jobs[0].dropped_ms is None


def test_what_is_dropped_for_good_says_that_it_cannot_come_back(own_server, wire):
    job = made(wire, 1)
    sha256 = wire.finished[job, 0]
    audio = own_server.home / "data" / "audio"
    assert list(audio.glob(f"{sha256}.*"))
    assert drop(wire, job, now=True).undo_seconds == 0
    assert not list(audio.glob(f"{sha256}.*")), "its peaks went too"
    assert not (own_server.home / "data" / "spool" / job).exists()
    refused = restore(wire, job)
    assert (refused.code, "cannot be restored" in refused.sentence) == ("no_such_job", True)
    assert listed(wire).disk_bytes == 0


def test_audio_that_another_job_needs_stays(own_server, wire):
    first, twin = made(wire, 1), made(wire, 1)
    sha256 = wire.finished[first, 0]
    source = (Input(role="source", sha256=wire.finished[made(wire, 2), 0], frames=4_800, at_frame=0),)
    user = wire.run("gain", {}, 0.1, inputs=source).job
    assert drop(wire, first, now=True).disk_bytes == 0
    assert wire.ask(Have(request="h1", sha256=(sha256,))).sha256 == ()
    base = ids(listed(wire, task="noise"))[0]
    assert drop(wire, base, now=True).disk_bytes == 0, "an input of another job"
    assert wire.ask(Have(request="h2", sha256=(source[0].sha256,))).sha256 == ()
    assert drop(wire, user, twin, now=True).disk_bytes >= STEM_BYTES * 2
    assert wire.ask(Have(request="h3", sha256=(sha256, source[0].sha256))).sha256 == (
        sha256,
        source[0].sha256,
    )


def test_a_job_that_another_is_heard_together_with_goes_with_the_last_of_them(own_server, wire):
    base = made(wire, 1)
    middle = made(wire, 2, origin={"base": base})
    patch = made(wire, 3, origin={"base": middle})
    dropped = drop(wire, base, middle, now=True)
    assert (set(dropped.needed), dropped.disk_bytes) == ({base, middle}, 0)
    assert ids(listed(wire)) == [patch]
    assert listed(wire, prefix=base).jobs[0].stems, "the page still finds it"
    assert drop(wire, patch, now=True).disk_bytes == STEM_BYTES
    assert ids(listed(wire, dropped=True)) == [middle, base]
    drop(wire, base, middle, now=True)
    assert ids(listed(wire, dropped=True)) == []
    assert not list((own_server.home / "data" / "audio").glob("*.f32"))


def test_jobs_in_use_are_not_dropped(wire):
    kept = made(wire, 1)
    annotate(wire, kept, kept=True)
    running = wire.submit("noise", {"pieces": 1000, "delay_ms": 50}).job
    for job, words in ((kept, "is kept"), (running, "has not ended")):
        refused = drop(wire, job)
        assert (refused.code, words in refused.sentence) == ("job_in_use", True)
        assert job in refused.remedy
    assert drop(wire, "zzzzzzzz").code == "no_such_job"


def test_changes_are_told_to_all_who_watch(own_server, wire):
    job = made(wire, 1)
    with Wire(own_server) as other:
        assert isinstance(other.ask(WatchJobs(request="w")), JobsChanged)
        for change in (
            lambda: annotate(wire, job, rating=3),
            lambda: made(wire, 2),
            lambda: drop(wire, job),
            lambda: restore(wire, job),
        ):
            change()
            assert isinstance(other.answer("w"), JobsChanged)


def test_a_file_that_cannot_fit_is_refused_before_any_of_it_is_here(tmp_path):
    from bandmate_protocol.messages import Upload

    server = RunningServer(tmp_path / "home", environ={"BANDMATE_SERVER_UPLOAD_GB": "1000000"}).start()
    with Wire(server) as wire:
        wire.send(Upload(sha256="a" * 64, total_bytes=10**15, offset=0, data=b"RIFF"))
        refused = wire.until(lambda event: isinstance(event, Error))
        assert (refused.code, "1000000.00 GB" in refused.sentence) == ("disk_full", True)
        assert wire.ask(Have(request="h", sha256=("a" * 64,))).offsets == (0,)
    assert server.stop() == 0
