"""Notes of a request: kept with the job, played again by a redo, and left out of lists of several jobs."""

import msgspec

from bandmate_protocol.messages import Done, Error, GivenPart, ListJobs, Note, Redo
from tests.server.wire import timeline_of

PART = GivenPart(
    name="Tune",
    notes=tuple(Note(start=at * 12_000, frames=6_000, pitch=60 + at, velocity=90) for at in range(8)),
)
TIMELINE = msgspec.structs.replace(timeline_of(2.0), parts=(PART,))


def job_of(wire, prefix):
    (job,) = wire.ask(ListJobs(request=f"one-{prefix}-{len(wire.events)}", prefix=prefix)).jobs
    return job


def test_a_job_keeps_its_notes_and_a_redo_plays_them(wire):
    params = {"prompt": "piano", "notes": "only"}
    first = wire.submit("generate", params, timeline=TIMELINE, engine="sketch", seed=1)
    done = wire.end(first.job)
    assert isinstance(done, Done), done
    assert not done.seed_used
    assert job_of(wire, first.job).timeline.parts == (PART,)
    listed = next(job for job in wire.ask(ListJobs(request="many")).jobs if job.job == first.job)
    assert listed.timeline.parts == (GivenPart(name="Tune"),)
    again = wire.ask(Redo(request="again", job=first.job, seed=2))
    assert isinstance(wire.end(again.job), Done)
    assert job_of(wire, again.job).stems[0].sha256 == job_of(wire, first.job).stems[0].sha256


def test_notes_that_are_asked_for_and_not_there_fail_in_a_sentence(wire):
    accepted = wire.submit("generate", {"prompt": "piano", "notes": "only"}, engine="sketch")
    assert not isinstance(accepted, Error)
    failed = wire.end(accepted.job)
    assert (failed.code, failed.sentence) == ("bad_params", "There are no notes to play.")
