"""The control desk: what pressing does, and what of it is shown."""

from __future__ import annotations

import pytest

from bandmate_protocol.messages import Context, Invoked, Transport
from bandmate_server.surfaces.control.actions import CancelJob, RedoJob, RunTask, StoreLastAction
from tests.server.control.stage import LINE, Stage

pytestmark = pytest.mark.anyio


async def test_it_shows_the_project_and_the_slots(stage: Stage) -> None:
    assert stage.model.value_of("target/name") == "song"
    assert stage.model.value_of("selection/seconds") == 1.0
    assert stage.model.value_of("slot/1/name") == "Drums"
    stage.focus.drop_connection(stage)
    assert stage.model.value_of("target/name") == ""


async def test_times_are_those_of_the_daws_ruler(stage: Stage) -> None:
    transport = Transport(position=LINE.sample_rate)
    context = Context(project="p", timeline=LINE, transport=transport, ruler_start=3590.0)
    stage.focus.update_context(stage, lambda _: None, context)
    assert stage.model.value_of("transport/seconds") == 3591.0
    start = LINE.start_frame / LINE.sample_rate
    assert stage.model.value_of("selection/start") == 3590.0 + start


async def test_cancel_ends_every_job_of_the_surface(stage: Stage) -> None:
    jobs = []
    for _ in range(2):
        stage.desk.perform_action(RunTask("cover", {"strength": 1.0}))
        jobs.append(stage.accept(stage.invokes[-1]))
    assert stage.invokes[-1].params == {"strength": 1.0}
    await stage.until(lambda: stage.model.value_of("job/state") in ("queued", "running"))
    stage.desk.perform_action(CancelJob())
    await stage.until(lambda: all(job.state == "cancelled" for job in jobs))
    await stage.until(lambda: stage.model.value_of("job/state") == "cancelled")
    stage.desk.perform_action(CancelJob())
    assert stage.model.value_of("error") == "No job of a surface is running."


async def test_cancel_before_the_bridge_answers_counts(stage: Stage) -> None:
    stage.desk.perform_action(RunTask("cover"))
    stage.desk.perform_action(CancelJob())
    job = stage.accept(stage.invokes[-1])
    await stage.until(lambda: job.state == "cancelled")
    stage.desk.perform_action(RunTask("cover"))
    again = stage.accept(stage.invokes[-1])
    await stage.until(lambda: again.state == "running")


async def test_a_new_job_begins_at_nothing(stage: Stage) -> None:
    stage.model.set_display("job/progress", 1.0)
    stage.model.set_display("job/stage", "Mixing")
    stage.desk.perform_action(RunTask("cover"))
    stage.accept(stage.invokes[-1])
    assert stage.model.value_of("job/progress") == 0.0
    assert stage.model.value_of("job/stage") == ""


async def test_what_ran_is_done_again_and_kept(stage: Stage) -> None:
    stage.desk.perform_action(RedoJob())
    assert "There is nothing to redo yet" in str(stage.model.value_of("error"))
    stage.desk.perform_action(StoreLastAction(9))
    assert "Run something first" in str(stage.model.value_of("error"))
    stage.desk.perform_action(RunTask("cover", {"prompt": "strings"}))
    stage.desk.perform_action(RedoJob())
    assert [each.params for each in stage.invokes] == [{"prompt": "strings"}] * 2
    stage.desk.perform_action(StoreLastAction(9))
    assert stage.model.value_of("slot/9/name") == "strings"


async def test_a_bridge_that_starts_nothing_is_heard(stage: Stage) -> None:
    stage.desk.perform_action(RunTask("cover"))
    stage.focus.pass_answer(stage, Invoked(request=stage.invokes[-1].request, sentence="Select something."))
    assert stage.model.value_of("error") == "Select something."
    assert stage.model.value_of("job/state") == "failed"


async def test_a_chosen_project_is_the_target(stage: Stage) -> None:
    stage.desk.choose_project("other")
    assert stage.model.value_of("target/name") == ""
    stage.desk.perform_action(RunTask("cover"))
    assert "No project other is connected" in str(stage.model.value_of("error"))
    stage.desk.choose_project("")
    stage.desk.perform_action(RunTask("cover"))
    assert len(stage.invokes) == 1
