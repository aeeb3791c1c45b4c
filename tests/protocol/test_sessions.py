"""The open sessions: sending, mistakes on either side, pings, credit."""

from __future__ import annotations

import msgpack
import pytest

from bandmate_protocol.codec import CLIENT_FRAMES, SERVER_FRAMES, encode_message
from bandmate_protocol.errors import ErrorCode, LocalProtocolError
from bandmate_protocol.messages import (
    MAX_AUDIO_BYTES,
    Cancelled,
    Credit,
    Describe,
    Done,
    Error,
    Hello,
    Invoke,
    Message,
    Pong,
    Progress,
    Upload,
    Welcome,
)
from bandmate_protocol.session import MAX_FAULTS, RemoteFault, StemPiece
from tests.protocol.pair import (
    JOB,
    KEY,
    LIMITS,
    Pair,
    audio,
    client_session,
    server_session,
    stem,
)

WELCOME = Welcome(protocol=1, server_version="1", resume_key=KEY, limits=LIMITS)
HELLO = Hello(protocol_min=1, protocol_max=1, role="test", client_name="x", client_version="1")


class TestSending:
    def test_messages_come_out_on_the_other_side(self, pair: Pair) -> None:
        asked = Describe(request="r1")
        pair.client.send(asked)
        assert pair.to_server() == [asked]
        answer = Invoke(request="r2", task="generate")
        pair.server.send(answer)
        assert pair.to_client() == [answer]

    def test_what_was_given_to_send_is_not_given_again(self, pair: Pair) -> None:
        pair.client.ping()
        assert len(pair.client.to_send()) == 1
        assert pair.client.to_send() == []

    @pytest.mark.parametrize("message", [WELCOME, HELLO, Describe(request="r"), audio(0, 1), Credit(bytes=1)])
    def test_a_server_does_not_send_what_is_not_its_own(self, pair: Pair, message: Message) -> None:
        with pytest.raises(LocalProtocolError):
            pair.server.send(message)
        assert pair.server.to_send() == []

    @pytest.mark.parametrize("message", [WELCOME, HELLO, stem(), audio(0, 1), Credit(bytes=1)])
    def test_a_client_does_not_send_what_is_not_its_own(self, pair: Pair, message: Message) -> None:
        with pytest.raises(LocalProtocolError):
            pair.client.send(message)
        assert pair.client.to_send() == []

    @pytest.mark.parametrize(
        ("message", "named"),
        [
            (Progress(job="no job", attempt=0, stage="", step=0, steps=0), "job"),
            (Progress(job=JOB, attempt=-1, stage="", step=0, steps=0), "attempt"),
            (Progress(job=JOB, attempt=0, stage="two\nlines", step=0, steps=0), "stage"),
            (Done(job=JOB, attempt=0, report={"x": float("nan")}), "finite"),
            (Done(job=JOB, attempt=0, report={"x": object()}), "object"),
            (Done(job=JOB, attempt=0, report={"x": "x" * (4 << 20)}), "bytes"),
        ],
    )
    def test_what_the_other_side_would_refuse_is_found_here(
        self, pair: Pair, message: Message, named: str
    ) -> None:
        with pytest.raises(LocalProtocolError, match=named):
            pair.server.send(message)

    def test_a_client_keeps_to_the_servers_frame_limit(self) -> None:
        small = msgpack.unpackb(encode_message(LIMITS)) | {"frame_bytes": 1000}
        pair = Pair(server=server_session(limits=type(LIMITS)(**small))).greet()
        big = Upload(sha256="0" * 64, total_bytes=2000, offset=0, data=bytes(1000))
        with pytest.raises(LocalProtocolError, match="accepts 1000"):
            pair.client.send(big)
        [fault] = pair.server.receive(encode_message(big))
        assert isinstance(fault, RemoteFault)
        assert "at most 1000" in fault.sentence

    def test_a_closed_session_takes_and_sends_nothing(self, pair: Pair) -> None:
        pair.client.close()
        pair.server.close()
        with pytest.raises(LocalProtocolError, match="closed"):
            pair.client.send(Describe(request="r"))
        with pytest.raises(LocalProtocolError, match="closed"):
            pair.server.send_audio(audio(0, 1))
        assert pair.client.receive(encode_message(stem())) == []

    def test_request_ids_differ_within_and_between_sessions(self) -> None:
        sessions = [client_session() for _ in range(20)]
        ids = {session.new_request_id() for session in sessions for _ in range(20)}
        assert len(ids) == 400


class TestFaults:
    def test_a_bad_message_is_answered_under_its_request_id(self, pair: Pair) -> None:
        frame = msgpack.packb({"type": "submit", "request": "r9", "task": "generate"})
        [fault] = pair.server.receive(frame)
        assert isinstance(fault, RemoteFault)
        assert not fault.fatal
        [answer] = pair.to_client()
        assert answer == Error(code="bad_message", sentence=fault.sentence, request="r9")
        assert "timeline" in fault.sentence

    def test_an_unknown_type_is_answered_and_the_connection_goes_on(self, pair: Pair) -> None:
        for session, decoder in ((pair.server, SERVER_FRAMES), (pair.client, CLIENT_FRAMES)):
            [fault] = session.receive(msgpack.packb({"type": "of_the_future", "request": "r1"}))
            assert isinstance(fault, RemoteFault)
            assert fault.code is ErrorCode.UNKNOWN_TYPE
            answer = decoder.decode(session.to_send()[0])
            assert isinstance(answer, Error)
            assert (answer.code, answer.request) == ("unknown_type", "r1")
            assert session.state == "open"

    def test_an_error_is_never_answered_with_an_error(self, pair: Pair) -> None:
        for session in (pair.server, pair.client):
            [fault] = session.receive(msgpack.packb({"type": "error", "code": "NOT A WORD", "sentence": "x"}))
            assert isinstance(fault, RemoteFault)
            assert session.to_send() == []

    def test_a_text_frame_is_a_fault(self, pair: Pair) -> None:
        [fault] = pair.server.receive('{"type": "ping"}')
        assert isinstance(fault, RemoteFault)
        assert "text" in fault.sentence

    def test_many_faults_in_a_row_close_the_connection(self, pair: Pair) -> None:
        for number in range(MAX_FAULTS):
            [fault] = pair.server.receive(b"\xc1")
            assert isinstance(fault, RemoteFault)
            assert fault.fatal == (number == MAX_FAULTS - 1)
        assert pair.server.state == "closed"
        assert len(pair.server.to_send()) == MAX_FAULTS

    def test_faults_with_good_messages_between_do_not(self, pair: Pair) -> None:
        for _ in range(MAX_FAULTS * 2):
            pair.server.receive(b"\xc1")
            pair.server.receive(encode_message(Describe(request="r")))
        assert pair.server.state == "open"


class TestPing:
    def test_a_ping_is_answered_inside(self, pair: Pair) -> None:
        request = pair.client.ping()
        assert pair.to_server() == []
        assert pair.to_client() == [Pong(request=request)]


class TestCredit:
    def test_audio_takes_credit_and_stops_at_its_end(self, job: str) -> None:
        pair = Pair(client_session(credit_bytes=4096)).greet()
        pair.start_job(job)
        pair.server.send(stem(frames=2000))
        pair.server.send_audio(audio(0, 1000))
        assert pair.server.credit == 96
        with pytest.raises(LocalProtocolError, match="accepts 96"):
            pair.server.send_audio(audio(1000, 25))
        pair.server.send_audio(audio(1000, 24))
        assert pair.server.credit == 0

    def test_a_piece_has_a_most_of_bytes(self, pair: Pair) -> None:
        with pytest.raises(LocalProtocolError, match=str(MAX_AUDIO_BYTES)):
            pair.server.send_audio(audio(0, MAX_AUDIO_BYTES // 4 + 1))

    def test_credit_comes_back_in_batches_as_audio_is_stored(self) -> None:
        pair = Pair(client_session(credit_bytes=4096)).greet()
        pair.start_job()
        pair.server.send(stem(frames=2000))
        pair.server.send_audio(audio(0, 300))
        assert sum(len(event.data) for event in pair.to_client() if isinstance(event, StemPiece)) == 1200
        pair.client.confirm_stored(1023)
        assert pair.client.to_send() == []
        pair.client.confirm_stored(1)
        assert pair.to_server() == []
        assert pair.server.credit == 4096 - 1200 + 1024

    def test_what_a_follow_drops_is_granted_anew_by_itself(self, pair: Pair, job: str) -> None:
        pair.server.send(stem(frames=100_000))
        for _ in range(200):
            pair.server.send_audio(audio(0, 60_000))
            pieces = [event for event in pair.to_client() if isinstance(event, StemPiece)]
            for piece in pieces:
                pair.client.confirm_stored(len(piece.data))
            pair.to_server()
        assert pair.server.credit > 6 << 20

    def test_audio_of_an_unknown_job_is_a_fault_and_its_credit_comes_back(self, pair: Pair) -> None:
        for _ in range(90):
            pair.server.send_audio(audio(0, 60_000, job="zzzzzzzz"))
            [fault] = pair.to_client()
            assert isinstance(fault, RemoteFault)
            pair.to_server()
        assert pair.server.credit > 6 << 20

    def test_more_audio_than_was_granted_closes(self) -> None:
        pair = Pair(client_session(credit_bytes=4096)).greet()
        pair.start_job()
        pair.client.receive(encode_message(stem(frames=2000)))
        assert pair.client.receive(encode_message(audio(0, 1024)))
        [fault] = pair.client.receive(encode_message(audio(1024, 1)))
        assert isinstance(fault, RemoteFault)
        assert fault.fatal

    def test_storing_more_than_came_is_a_local_mistake(self, pair: Pair, job: str) -> None:
        pair.client.receive(encode_message(stem()))
        pair.client.receive(encode_message(audio(0, 10)))
        pair.client.receive(encode_message(audio(5, 5)))
        pair.client.confirm_stored(40)
        for count in (1, -1):
            with pytest.raises(LocalProtocolError):
                pair.client.confirm_stored(count)

    def test_storing_after_the_connection_ended_is_fine(self, pair: Pair, job: str) -> None:
        pair.client.receive(encode_message(stem()))
        pair.client.receive(encode_message(audio(0, 10)))
        pair.client.close()
        pair.client.confirm_stored(40)

    def test_credit_never_grows_over_what_an_integer_holds(self, pair: Pair) -> None:
        for _ in range(3):
            assert pair.server.receive(encode_message(Credit(bytes=2**53))) == []
        assert pair.server.credit == 2**53

    def test_control_frames_pass_audio(self, pair: Pair) -> None:
        pair.server.send_audio(audio(0, 1))
        pair.server.send(Pong(request="r"))
        pair.server.send_audio(audio(1, 1))
        kinds = [msgpack.unpackb(frame)["type"] for frame in pair.server.to_send()]
        assert kinds == ["pong", "audio", "audio"]


def test_a_frame_that_was_encoded_before_is_sent_as_it_is(pair: Pair) -> None:
    message = Cancelled(job="0123abcd", attempt=0)
    frame = encode_message(message)
    pair.server.send_encoded(message, frame)
    (sent,) = pair.server.to_send()
    assert sent is frame
    with pytest.raises(LocalProtocolError):
        pair.client.send_encoded(message, frame)
