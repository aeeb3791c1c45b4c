"""Sentences reach clients with their template and values, so that these can show them in another language."""

from bandmate_protocol.messages import Accepted, Done, Error, Submit
from bandmate_protocol.texts import text_of
from tests.server.wire import timeline_of


def test_an_error_carries_how_it_is_made(wire):
    said = wire.ask(Submit(request="w", task="sing", timeline=timeline_of(1)))
    assert isinstance(said, Error)
    assert said.wording.template == "There is no task `{name}`."
    assert said.wording.values == {"name": "sing"}
    assert text_of(said.wording) == said.sentence
    assert text_of(said.remedy_wording) == said.remedy


def test_remarks_of_a_job_carry_it_too(wire):
    done = wire.run("generate", {"prompt": "rock band with a flugelbinder"}, engine="sketch")
    assert isinstance(done, Done)
    assert tuple(text_of(wording) for wording in done.remark_wordings) == done.remarks
    assert any("flugelbinder" in str(wording.values) for wording in done.remark_wordings)


def test_why_an_engine_does_a_job_carries_it_too(wire):
    accepted = wire.ask(Submit(request="w", task="generate", timeline=timeline_of(1), engine="sketch"))
    assert isinstance(accepted, Accepted)
    assert accepted.reason == "sketch: the engine that you chose."
    assert text_of(accepted.reason_wording) == accepted.reason
