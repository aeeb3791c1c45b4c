"""Jobs on a client's session: asked for, accepted, attached to, let go of."""

from __future__ import annotations

from bandmate_protocol.codec import encode_message
from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.messages import (
    Accepted,
    Attach,
    Attached,
    Done,
    Error,
    HeldStem,
    Notes,
    Submit,
)
from bandmate_protocol.session import JobEnded, RemoteFault
from tests.protocol.pair import (
    JOB,
    KEY,
    TIMELINE,
    Pair,
    audio,
    client_session,
    stem,
    stem_end,
)


class TestJobs:
    def test_only_jobs_that_were_asked_for_are_accepted(self, pair: Pair) -> None:
        accepted = Accepted(request="never asked", job=JOB, task="x", engine="x", reason="", seed=0)
        [fault] = pair.client.receive(encode_message(accepted))
        assert isinstance(fault, RemoteFault)
        assert fault.code is ErrorCode.UNEXPECTED_MESSAGE
        assert pair.client.follows == {}

    def test_a_refused_request_is_over(self, pair: Pair) -> None:
        request = pair.client.new_request_id()
        pair.client.send(Submit(request=request, task="sing", timeline=TIMELINE))
        pair.to_server()
        refusal = Error(code="no_such_task", sentence="No task sing.", request=request)
        pair.server.send(refusal)
        assert pair.to_client() == [refusal]
        assert pair.client.follows == {}

    def test_attach_says_what_is_held(self, pair: Pair, job: str) -> None:
        pair.server.send(stem())
        pair.server.send_audio(audio(0, 4))
        pair.server.send_audio(audio(6, 2))
        pair.to_client()
        later = Pair(client_session(resume_key=KEY, follows=pair.client.follows)).greet()
        assert later.client.unfinished_jobs() == [job]
        request = later.client.attach(job)
        held = (HeldStem(stem=0, attempt=0, revision=0, frames=4),)
        assert later.to_server() == [Attach(request=request, job=job, held=held)]

    def test_an_attach_is_answered_under_its_own_job(self, pair: Pair, job: str) -> None:
        request = pair.client.attach(job)
        other = Attached(request=request, job="zzzzzzzz", state="running", attempt=0)
        [fault] = pair.client.receive(encode_message(other))
        assert isinstance(fault, RemoteFault)

    def test_a_job_that_ended_can_be_attached_to_again_and_ends_again(self, pair: Pair, job: str) -> None:
        end = Done(job=job, attempt=0)
        assert pair.client.receive(encode_message(end)) == [JobEnded(end)]
        assert pair.client.receive(encode_message(end)) == []
        assert pair.client.unfinished_jobs() == []
        request = pair.client.attach(job)
        attached = Attached(request=request, job=job, state="done", attempt=0)
        assert pair.client.receive(encode_message(attached)) == [attached]
        assert pair.client.receive(encode_message(end)) == [JobEnded(end)]

    def test_an_old_job_is_attached_to_by_its_id_alone(self, pair: Pair) -> None:
        pair.client.attach("zzzzzzzz")
        [asked] = pair.to_server()
        assert asked.held == ()
        pair.server.send(stem(job="zzzzzzzz", attempt=3))
        assert [type(event).__name__ for event in pair.to_client()] == ["StemStarted"]

    def test_a_job_that_was_let_go_of_is_unknown(self, pair: Pair, job: str) -> None:
        pair.client.forget_job(job)
        [fault] = pair.client.receive(encode_message(stem_end()))
        assert isinstance(fault, RemoteFault)

    def test_mistakes_in_a_jobs_messages_are_answered(self, pair: Pair, job: str) -> None:
        pair.server.send(Notes(job=job, attempt=0, stem=5, notes=()))
        [fault] = pair.to_client()
        assert isinstance(fault, RemoteFault)
        [answer] = pair.to_server()
        assert isinstance(answer, Error)
        assert answer.sentence == fault.sentence
