"""`hello` and `welcome`: versions, keys, and what may not come before them."""

from __future__ import annotations

import msgpack
import pytest

from bandmate_protocol.codec import CLIENT_FRAMES, SERVER_FRAMES, encode_message
from bandmate_protocol.errors import ErrorCode, LocalProtocolError
from bandmate_protocol.messages import Describe, Error, Hello, Ping, Pong, Welcome
from bandmate_protocol.session import RemoteFault
from tests.protocol.pair import KEY, LIMITS, Pair, client_session, server_session


def hello(**changes: object) -> bytes:
    fields = {
        "type": "hello",
        "protocol_min": 1,
        "protocol_max": 1,
        "role": "test",
        "client_name": "tests",
        "client_version": "1",
    }
    return msgpack.packb(fields | changes)


def welcome(**changes: object) -> bytes:
    limits = {"frame_bytes": 4 << 20, "upload_bytes": 1, "range_seconds": 1.0, "jobs": 1}
    fields = {"type": "welcome", "protocol": 1, "server_version": "1", "resume_key": KEY, "limits": limits}
    return msgpack.packb(fields | changes)


def test_hello_comes_out_and_welcome_comes_back(fresh: Pair) -> None:
    assert fresh.client.state == fresh.server.state == "greeting"
    [greeting] = fresh.to_server()
    assert isinstance(greeting, Hello)
    assert fresh.server.hello is greeting
    assert fresh.server.state == "open"
    [answer] = fresh.to_client()
    assert answer == Welcome(protocol=1, server_version="1.0", resume_key=KEY, limits=LIMITS)
    assert fresh.client.welcome is answer
    assert fresh.client.state == "open"
    assert fresh.server.credit == 8 << 20


@pytest.mark.parametrize(("low", "high"), [(2, 9), (2, 2), (65_535, 65_535)])
def test_without_a_shared_version_both_ranges_are_named(low: int, high: int) -> None:
    server = server_session()
    [fault] = server.receive(hello(protocol_min=low, protocol_max=high))
    assert isinstance(fault, RemoteFault)
    assert fault.code is ErrorCode.UNSUPPORTED_PROTOCOL
    assert fault.fatal
    assert f"{low} to {high}" in fault.sentence
    assert "1 to 1" in fault.sentence
    assert server.state == "closed"
    [frame] = server.to_send()
    answer = SERVER_FRAMES.decode(frame)
    assert isinstance(answer, Error)
    assert (answer.code, answer.sentence) == ("unsupported_protocol", fault.sentence)
    assert answer.remedy


def test_a_newer_client_that_still_speaks_this_version_is_met() -> None:
    server = server_session()
    server.receive(hello(protocol_max=40, a_field_of_version_40=True))
    answer = SERVER_FRAMES.decode(server.to_send()[0])
    assert isinstance(answer, Welcome)
    assert answer.protocol == 1


@pytest.mark.parametrize(
    "frame",
    [
        encode_message(Ping(request="r")),
        encode_message(Describe(request="r")),
        b"",
        b"GET / HTTP/1.1",
        hello(protocol_min=0),
        "hello",
    ],
)
def test_anything_else_before_hello_closes(frame: bytes | str) -> None:
    server = server_session()
    [fault] = server.receive(frame)
    assert isinstance(fault, RemoteFault)
    assert fault.fatal
    assert server.state == "closed"
    assert isinstance(SERVER_FRAMES.decode(server.to_send()[0]), Error)
    assert server.receive(hello()) == []
    assert server.to_send() == []


def test_a_known_key_is_taken_up_and_an_unknown_one_replaced() -> None:
    known = "a-key-from-before"
    for key, expected, resumed in ((known, known, True), ("b" * 16, KEY, False), (None, KEY, False)):
        pair = Pair(client_session(resume_key=key), server_session(knows_key=lambda asked: asked == known))
        pair.greet()
        assert pair.server.resume_key == expected
        assert pair.client.welcome is not None
        assert (pair.client.welcome.resume_key, pair.client.welcome.resumed) == (expected, resumed)


def test_a_client_that_names_encodings_is_greeted_all_the_same() -> None:
    server = server_session()
    [greeting] = server.receive(hello(encodings=["flac", "s24le", "f32le"]))
    assert isinstance(greeting, Hello)
    [answer] = server.to_send()
    assert "encoding" not in msgpack.unpackb(answer)


def test_a_server_that_names_its_encoding_and_machine_is_understood() -> None:
    client = client_session()
    client.to_send()
    [answer] = client.receive(welcome(encoding="f32le", machine="NVIDIA RTX 4090, 24 GB"))
    assert isinstance(answer, Welcome)
    assert client.state == "open"


@pytest.mark.parametrize("change", [{"protocol": 2}, {"resume_key": "short"}, {"limits": {}}])
def test_a_welcome_that_does_not_fit_closes_the_client(change: dict[str, object]) -> None:
    client = client_session()
    client.to_send()
    [fault] = client.receive(welcome(**change))
    assert isinstance(fault, RemoteFault)
    assert fault.fatal
    assert client.state == "closed"
    assert isinstance(CLIENT_FRAMES.decode(client.to_send()[0]), Error)


def test_a_refusal_instead_of_a_welcome_comes_out_and_closes() -> None:
    client = client_session()
    refusal = Error(code="not_allowed", sentence="The token is wrong.")
    assert client.receive(encode_message(refusal)) == [refusal]
    assert client.state == "closed"


def test_a_client_waits_for_welcome_before_it_sends() -> None:
    client = client_session()
    with pytest.raises(LocalProtocolError, match="greeting"):
        client.send(Describe(request="r"))
    [fault] = client.receive(encode_message(Pong(request="r")))
    assert isinstance(fault, RemoteFault)
    assert fault.fatal


def test_a_server_waits_for_hello_before_it_sends() -> None:
    with pytest.raises(LocalProtocolError, match="greeting"):
        server_session().send(Pong(request="r"))


def test_greeting_twice_is_a_fault_that_does_not_close(pair: Pair) -> None:
    for session, frame in ((pair.server, hello()), (pair.client, welcome())):
        [fault] = session.receive(frame)
        assert isinstance(fault, RemoteFault)
        assert fault.code is ErrorCode.UNEXPECTED_MESSAGE
        assert not fault.fatal
        assert session.state == "open"


def test_a_window_that_could_stall_is_a_local_mistake() -> None:
    with pytest.raises(LocalProtocolError, match="4096"):
        client_session(credit_bytes=4095)


def test_a_hello_out_of_bounds_is_a_local_mistake() -> None:
    with pytest.raises(LocalProtocolError, match="client_name"):
        client_session(client_name="x" * 65)
