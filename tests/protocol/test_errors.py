"""Errors survive a trip between processes, and texts are made to fit their bounds."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_protocol.codec import SERVER_FRAMES, encode_message
from bandmate_protocol.errors import (
    BandmateError,
    ErrorCode,
    LocalProtocolError,
    RemoteProtocolError,
    RequestError,
)
from bandmate_protocol.messages import Error, Failed, Progress
from bandmate_protocol.texts import fault_fields
from bandmate_protocol.units import MAX_LABEL_LENGTH, MAX_SENTENCE_LENGTH, one_line, shorten_text


@pytest.mark.parametrize(
    "error",
    [
        RequestError(ErrorCode.NO_SUCH_TASK, "No task sing.", "There is generate."),
        LocalProtocolError("The session is closed.", "Open another."),
        RemoteProtocolError(ErrorCode.BAD_MESSAGE, "Not a map.", type="ping", request="r"),
    ],
)
def test_an_error_survives_a_pipe(error: BandmateError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_models_survive_a_pickle_and_fit_the_wire() -> None:
    names = ["one", "one", "two\nlines", "x" * 1000, *map(str, range(100))]
    error = RequestError(ErrorCode.ENGINE_UNAVAILABLE, "It lacks one.", models=names)
    assert pickle.loads(pickle.dumps(error)).models == tuple(names)
    message = Error(code="engine_unavailable", **fault_fields(*error.texts, models=error.models))
    assert message.models[:2] == ("one", "two lines")
    assert len(message.models) == 64
    assert SERVER_FRAMES.decode(encode_message(message)) == message


def test_an_error_reads_as_sentence_and_remedy() -> None:
    assert str(RequestError(ErrorCode.INTERNAL, "It broke.", "Try again.")) == "It broke. Try again."
    assert str(RequestError(ErrorCode.INTERNAL, "It broke.")) == "It broke."


@given(st.text(max_size=2 * MAX_LABEL_LENGTH))
def test_any_text_becomes_a_label(text: str) -> None:
    message = Progress(job="0123abcd", attempt=0, stage=one_line(text), step=0, steps=0)
    assert SERVER_FRAMES.decode(encode_message(message)) == message


@given(st.text(max_size=20), st.integers(0, MAX_SENTENCE_LENGTH))
def test_any_text_becomes_a_sentence(text: str, times: int) -> None:
    message = Failed(job="0123abcd", attempt=0, code="internal", sentence=shorten_text(text * times))
    assert SERVER_FRAMES.decode(encode_message(message)) == message


def test_a_label_keeps_its_words() -> None:
    assert one_line(" two\r\nlines\tand a tab\x00") == "two lines and a tab"
    assert one_line("x" * 300) == "x" * 255 + "…"
    assert one_line("short") == shorten_text("short") == "short"


def test_a_remedy_that_is_replaced_is_the_one_that_is_sent_and_copied() -> None:
    error = RequestError(ErrorCode.NO_SERVER, "It is gone.", "Try again.")
    error.remedy = "Wait."
    assert fault_fields(*error.texts)["remedy"] == "Wait."
    assert str(pickle.loads(pickle.dumps(error))) == "It is gone. Wait."
