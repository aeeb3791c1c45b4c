"""Acting on the project in focus from another connection."""

import pytest

from bandmate_protocol.messages import Context, Error, Invoke, Invoked
from tests.server.wire import Wire


@pytest.fixture
def bridge(server):
    with Wire(server, role="project") as connected:
        yield connected


def say(wire, project, focused=True):
    wire.send(Context(project=project, project_name=f"{project}.rpp", focused=focused))
    # A round trip, so that the server has it.
    from bandmate_protocol.messages import ListJobs

    wire.ask(ListJobs(request=f"sync-{project}-{len(wire.events)}"))


def test_an_invoke_reaches_the_bridge_in_focus_and_its_answer_the_asker(bridge, wire):
    say(bridge, "song")
    wire.send(Invoke(request="press", task="generate", params={"prompt": "drums"}))
    asked = bridge.until(lambda event: isinstance(event, Invoke))
    assert (asked.task, asked.params) == ("generate", {"prompt": "drums"})
    bridge.send(Invoked(request=asked.request, job="abcd1234"))
    answer = wire.answer("press")
    assert answer.job == "abcd1234"


def test_the_latest_project_in_focus_is_meant_unless_one_is_named(server, wire):
    with Wire(server, role="project") as first, Wire(server, role="project") as second:
        say(first, "first")
        say(second, "second")
        wire.send(Invoke(request="any", task="generate"))
        second.until(lambda event: isinstance(event, Invoke))
        say(first, "first")
        wire.send(Invoke(request="any2", task="generate"))
        first.until(lambda event: isinstance(event, Invoke))
        say(first, "first", focused=False)
        wire.send(Invoke(request="any3", task="generate"))
        second.until(lambda event: isinstance(event, Invoke))
        wire.send(Invoke(request="named", task="generate", project="first"))
        assert first.until(lambda event: isinstance(event, Invoke)).project == "first"


def test_without_a_project_the_surface_is_told(wire):
    wire.send(Invoke(request="lost", task="generate"))
    error = wire.answer("lost")
    assert isinstance(error, Error)
    assert error.code == "no_target"
    assert "bandmate watch" in error.remedy


def test_a_bridge_that_leaves_before_it_answers_is_said(server, wire):
    with Wire(server, role="project") as bridge:
        say(bridge, "song")
        wire.send(Invoke(request="late", task="generate"))
        bridge.until(lambda event: isinstance(event, Invoke))
    error = wire.answer("late")
    assert error.code == "no_target"


def test_nobody_answers_for_another_bridge(server, bridge, wire):
    say(bridge, "song")
    wire.send(Invoke(request="press", task="generate"))
    asked = bridge.until(lambda event: isinstance(event, Invoke))
    with Wire(server, role="project") as impostor:
        impostor.send(Invoked(request=asked.request, job="aaaaaaaa"))
    bridge.send(Invoked(request=asked.request, sentence="There is no selection."))
    answer = wire.answer("press")
    assert answer.sentence == "There is no selection."
