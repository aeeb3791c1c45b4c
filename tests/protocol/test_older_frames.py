"""Frames of peers that predate a field are read, and the new fields have their defaults.

The frames were written by the encoders of the commits before the fields were added.
"""

from __future__ import annotations

from pathlib import Path

import msgpack
import pytest

from bandmate_protocol.codec import CLIENT_FRAMES, SERVER_FRAMES
from bandmate_protocol.messages import (
    FORM_ORDER,
    Catalogue,
    Done,
    Error,
    Failed,
    Invoke,
    JobList,
    JobTarget,
    Slots,
    Submit,
)

FOLDER = Path(__file__).parent / "older_frames"


def test_an_older_catalogue_says_nothing_of_results() -> None:
    catalogue = SERVER_FRAMES.decode((FOLDER / "catalogue.msgpack").read_bytes())
    assert isinstance(catalogue, Catalogue)
    [task] = catalogue.tasks
    assert (task.name, task.engines) == ("generate", ("acestep", "sketch"))
    assert (task.result, task.hidden, task.listens, task.order) == (None, False, False, FORM_ORDER)
    assert catalogue.engines[0].wanted_models == ()
    assert catalogue.engines[0].options == {}


def test_older_requests_jobs_and_slots_have_no_options() -> None:
    submit = CLIENT_FRAMES.decode((FOLDER / "submit.msgpack").read_bytes())
    jobs = SERVER_FRAMES.decode((FOLDER / "job_list.msgpack").read_bytes())
    slots = SERVER_FRAMES.decode((FOLDER / "slots.msgpack").read_bytes())
    assert isinstance(submit, Submit)
    assert isinstance(jobs, JobList)
    assert isinstance(slots, Slots)
    assert (submit.options, submit.params["layers"]) == ({}, 3)
    assert [job.options for job in jobs.jobs] == [{} for _ in jobs.jobs]
    assert [slot.options for slot in slots.slots] == [{} for _ in slots.slots]


@pytest.mark.parametrize(("name", "kind"), [("error", Error), ("failed", Failed), ("done", Done)])
def test_older_ends_name_no_models(name: str, kind: type[Error | Failed | Done]) -> None:
    frame = (FOLDER / f"{name}.msgpack").read_bytes()
    message = SERVER_FRAMES.decode(frame)
    assert isinstance(message, kind)
    assert message.models == ()
    assert "models" not in msgpack.unpackb(frame), "the frame is one from before"


def test_an_older_invoke_names_its_target_in_a_free_map() -> None:
    """A map in the order of its writer, in which a key that nobody knows is skipped."""
    frame = (FOLDER / "invoke.msgpack").read_bytes()
    wanted = JobTarget(track="Drums", at="9.1", bars=8.0)
    for where in ({}, {"colour": "red"}):
        fields = msgpack.unpackb(frame)
        fields["where"] |= where
        message = CLIENT_FRAMES.decode(msgpack.packb(fields))
        assert isinstance(message, Invoke)
        assert message.where == wanted
    assert list(msgpack.unpackb(frame)["where"]) == ["at", "bars", "track"]
