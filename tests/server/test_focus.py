"""Acting on the project in focus from another connection."""

import asyncio

import pytest

from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Context, Error, Invoke, Invoked
from bandmate_server import focus
from bandmate_server.sessions import FocusBoard
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


class Board:
    """A board with a bridge and a surface that note what they are sent."""

    def __init__(self):
        self.focus, self.bridge, self.asker = FocusBoard(), object(), object()
        self.asked, self.told, self.answered = [], [], asyncio.Event()
        self.focus.update_context(
            self.bridge, self.asked.append, Context(project="p", project_name="song.rpp")
        )

    def press(self, number, **options):
        invoke = Invoke(request=f"r{number}", task="generate", **options)
        self.focus.pass_invoke(self.asker, self._tell, invoke)

    def answer(self, number, **said):
        request = self.asked[number].request
        self.focus.pass_answer(self.bridge, Invoked(request=request, job="abcd1234", **said))

    def _tell(self, message):
        self.told.append(message)
        self.answered.set()


@pytest.mark.anyio
async def test_a_bridge_that_says_nothing_is_given_up_and_one_that_works_is_waited_for(monkeypatch):
    monkeypatch.setattr(focus, "SILENT_SECONDS", 0.05)
    board = Board()
    board.press(1)
    await board.answered.wait()
    assert (board.told[0].request, board.told[0].code) == ("r1", "no_target")
    assert "The project's bridge has not responded for" in board.told[0].sentence
    board.focus.pass_answer(board.bridge, Invoked(request=board.asked[0].request, job="abcd1234"))
    board.press(2)
    end = asyncio.get_running_loop().time() + 0.3
    while asyncio.get_running_loop().time() < end:
        board.focus.note_frame(board.bridge)
        await asyncio.sleep(0)
    board.focus.pass_answer(board.bridge, Invoked(request=board.asked[1].request, job="abcd1234"))
    assert [message.request for message in board.told] == ["r1", "r2"], "each is answered once"


@pytest.mark.anyio
async def test_a_bridge_that_answers_nothing_is_not_asked_without_end():
    board = Board()
    for number in range(focus.MAX_WAITING_INVOKES):
        board.press(number)
    with pytest.raises(RequestError, match="requests to this project are still unanswered") as refused:
        board.press(-1)
    assert refused.value.code == "quota_exceeded"
    board.focus.pass_answer(board.bridge, Invoked(request=board.asked[0].request, sentence="No."))
    board.press(-1)
    board.focus.drop_connection(board.bridge)
    assert len(board.told) == focus.MAX_WAITING_INVOKES + 1
    assert {message.code for message in board.told[1:]} == {"no_target"}


def test_nobody_answers_for_another_bridge(server, bridge, wire):
    say(bridge, "song")
    wire.send(Invoke(request="press", task="generate"))
    asked = bridge.until(lambda event: isinstance(event, Invoke))
    with Wire(server, role="project") as impostor:
        impostor.send(Invoked(request=asked.request, job="aaaaaaaa"))
    bridge.send(Invoked(request=asked.request, sentence="There is no selection."))
    answer = wire.answer("press")
    assert answer.sentence == "There is no selection."


@pytest.mark.anyio
async def test_what_became_of_a_result_reaches_who_wanted_to_know_it():
    board = Board()
    board.press(1)
    board.press(2, wants_outcome=True)
    assert [asked.wants_outcome for asked in board.asked] == [False, True]
    for number in (0, 1):
        board.answer(number)
        board.answer(number, placed=True)
        board.answer(number, placed=True)
    said = [(message.request, message.placed) for message in board.told]
    assert said == [("r1", False), ("r2", False), ("r2", True)], "the outcome once, and only if it was wanted"


@pytest.mark.anyio
async def test_outcomes_that_never_come_are_not_kept_without_end():
    board = Board()
    for number in range(focus.MAX_FOLLOWED_INVOKES + 1):
        board.press(number, wants_outcome=True)
        board.answer(number)
    board.told.clear()
    board.answer(0, placed=True)
    board.answer(1, placed=True)
    assert [message.request for message in board.told] == ["r1"]
