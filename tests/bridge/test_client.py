"""The client against a server that cuts, forgets, falls silent and talks nonsense."""

from __future__ import annotations

import _thread
import hashlib
import os
import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bandmate_bridge.client import Client, ServerAddress
from bandmate_bridge.client import connection as wire
from bandmate_bridge.client import silent_jobs as quiet
from bandmate_bridge.client.uploads import PIECE_BYTES
from bandmate_bridge.jobs.job_run import JobRun
from bandmate_bridge.jobs.receive import StemReceiver
from bandmate_bridge.progress import ProgressEvent
from bandmate_plugins._platform import home
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.messages import Done, Failed, Timeline
from bandmate_protocol.session import JobEnded
from tests.bridge.double_server import TOKEN, DoubleServer

pytestmark = pytest.mark.usefixtures("home")


def connected(double: DoubleServer, **options: object) -> Client:
    return Client.connect(double.address, token=TOKEN, role="test", **options)  # type: ignore[arg-type]


def rendered(client: Client, second: Timeline, folder: Path, seed: int = 1) -> list[str]:
    """Runs a job into files; the hashes of their audio as other programs read it."""
    receiver = StemReceiver(folder)
    accepted = client.submit("noise", second, seed=seed)
    JobRun(client, accepted.job, receiver).finish()
    kept = receiver.keep(lambda stem: folder / f"{accepted.job}-{stem.name}.wav")
    hashes = []
    for received in kept:
        samples, _ = soundfile.read(received.path, dtype="float32")
        hashes.append(hashlib.sha256(samples.tobytes()).hexdigest())
        assert hashes[-1] == received.end.sha256
        assert len(received.notes) == 1
    return hashes


def expected(double: DoubleServer, second: Timeline, seed: int = 1) -> list[str]:
    return [hashlib.sha256(double.audio(seed, stem, second.frames)).hexdigest() for stem in range(2)]


def test_a_job_arrives_in_files(double: DoubleServer, second: Timeline, tmp_path: Path) -> None:
    with connected(double) as client:
        assert rendered(client, second, tmp_path) == expected(double, second)
    assert sorted(path.suffix for path in tmp_path.iterdir() if path.is_file()) == [".wav", ".wav"]


def test_a_job_longer_than_the_credit_arrives(double: DoubleServer, tmp_path: Path, second: Timeline) -> None:
    # 80 s of two stereo stems are 61 MB; the window is 8 MB.
    long = Timeline(sample_rate=48_000, start_frame=0, end_frame=80 * 48_000, tempo=second.tempo)
    with connected(double) as client:
        assert rendered(client, long, tmp_path) == expected(double, long)


@given(cuts=st.lists(st.integers(2, 160), max_size=4), seed=st.integers(0, 2**31))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cuts_at_any_frame_do_not_change_what_arrives(
    double: DoubleServer,
    second: Timeline,
    tmp_path_factory: pytest.TempPathFactory,
    cuts: list[int],
    seed: int,
) -> None:
    double.cuts.extend(cuts)
    folder = tmp_path_factory.mktemp("cut")
    with connected(double) as client:
        assert rendered(client, second, folder, seed) == expected(double, second, seed)
    double.cuts.clear()


def test_after_a_cut_only_what_is_missing_is_asked_for(
    double: DoubleServer, second: Timeline, tmp_path: Path
) -> None:
    double.cuts.append(100)
    with connected(double) as client:
        rendered(client, second, tmp_path)
        assert client.connections == 2
    (held,) = double.held
    assert sum(each.frames for each in held) > second.frames


def test_a_job_that_was_accepted_unheard_is_not_asked_for_twice(
    double: DoubleServer, second: Timeline, tmp_path: Path
) -> None:
    double.lose_accepted = True
    with connected(double) as client:
        assert rendered(client, second, tmp_path) == expected(double, second)
    assert len(double.jobs) == 1


def test_a_redo_that_was_accepted_unheard_is_not_asked_for_twice(
    double: DoubleServer, second: Timeline, tmp_path: Path
) -> None:
    with connected(double) as client:
        rendered(client, second, tmp_path)
        double.lose_accepted = True
        accepted = client.redo("00000000", seed=7)
        for event in client.follow(accepted.job):
            last = event
    assert isinstance(last, JobEnded)
    assert len(double.jobs) == 2


def test_a_job_that_the_server_lost_is_said(double: DoubleServer, second: Timeline, tmp_path: Path) -> None:
    double.cuts.append(60)
    double.forget_jobs = True
    receiver = StemReceiver(tmp_path)
    with connected(double) as client:
        accepted = client.submit("noise", second, seed=1)
        with pytest.raises(RequestError) as caught:
            JobRun(client, accepted.job, receiver).finish()
    assert caught.value.code == ErrorCode.NO_SUCH_JOB
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_audio_that_does_not_fit_its_hash_is_not_kept(
    double: DoubleServer, second: Timeline, tmp_path: Path
) -> None:
    double.damage = True
    receiver = StemReceiver(tmp_path)
    with connected(double) as client:
        accepted = client.submit("noise", second, seed=1)
        with pytest.raises(BandmateError, match="arrived damaged"):
            JobRun(client, accepted.job, receiver).finish()
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_stems_of_an_engine_that_gives_no_mix_are_mixed(
    double: DoubleServer, second: Timeline, tmp_path: Path
) -> None:
    receiver = StemReceiver(tmp_path)
    with connected(double) as client:
        JobRun(client, client.submit("noise", second, seed=1).job, receiver).finish()
    receiver.mix()
    (mix,) = receiver.keep(lambda stem: tmp_path / f"{stem.name}.wav")
    samples, _ = soundfile.read(mix.path, dtype="float32")
    left, right = (
        np.frombuffer(double.audio(1, stem, second.frames), "<f4").reshape(-1, 2) for stem in range(2)
    )
    np.testing.assert_array_equal(samples, left + right)
    assert hashlib.sha256(samples.tobytes()).hexdigest() == mix.end.sha256
    assert (mix.stem.name, mix.stem.role, len(mix.notes)) == ("Mix", "mix", 2)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["Mix.wav"]


def test_ctrl_c_cancels_the_job_and_leaves_nothing(
    double: DoubleServer, second: Timeline, tmp_path: Path
) -> None:
    double.hold_jobs = True

    def impatient(event: ProgressEvent) -> None:
        raise KeyboardInterrupt

    receiver = StemReceiver(tmp_path)
    with connected(double) as client:
        accepted = client.submit("noise", second)
        with pytest.raises(KeyboardInterrupt):
            JobRun(client, accepted.job, receiver, impatient).finish()
    assert double.cancelled == [accepted.job]
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_ctrl_c_before_the_answer_cancels_the_job_too(double: DoubleServer, second: Timeline) -> None:
    double.on_submit = _thread.interrupt_main
    with connected(double) as client:
        with pytest.raises(KeyboardInterrupt):
            client.submit("noise", second, seed=1)
        # The server takes messages in order, so that it has seen the cancel before this.
        assert len(client.jobs()) == 1
    assert double.cancelled == ["00000000"]


def test_a_server_that_is_gone_for_good_leaves_the_way_to_the_job(
    double: DoubleServer, second: Timeline, tmp_path: Path
) -> None:
    double.hold_jobs = True
    with Client.connect(double.address, token=TOKEN, role="test", patience=0.1) as client:
        accepted = client.submit("noise", second, seed=1)
        double.cuts.append(0)
        double.stop()
        with pytest.raises(RequestError) as caught:
            JobRun(client, accepted.job, StemReceiver(tmp_path)).finish()
    assert caught.value.code == ErrorCode.NO_SERVER
    assert f"`bandmate fetch {accepted.job}`" in caught.value.remedy


def test_another_jobs_events_wait_their_turn(double: DoubleServer, second: Timeline, tmp_path: Path) -> None:
    with connected(double) as client:
        first, other = (client.submit("noise", second, seed=seed) for seed in (1, 2))
        for accepted in (other, first):
            receiver = StemReceiver(tmp_path)
            JobRun(client, accepted.job, receiver).finish()
            assert len(receiver.stems) == 2
            receiver.abandon()


def test_a_server_that_says_nothing_more_is_given_up(
    double: DoubleServer, second: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "PING_SECONDS", 0.1)
    monkeypatch.setattr(wire, "SILENCE_SECONDS", 0.4)
    monkeypatch.setattr(wire, "GREETING_SECONDS", 0.5)
    double.silent_after = 20
    with connected(double, patience=1.0) as client:
        accepted = client.submit("noise", second)
        double.silent_after = 0
        with pytest.raises(RequestError) as caught:
            for _ in client.follow(accepted.job):
                pass
    assert caught.value.code == ErrorCode.NO_SERVER
    assert "did not greet" in caught.value.sentence


def test_a_server_that_was_restarted_is_found_again(
    double: DoubleServer, second: Timeline, tmp_path: Path
) -> None:
    double.cuts.append(70)
    with connected(double) as client:
        accepted = client.submit("noise", second, seed=3)
        double.stop()
        timer = threading.Timer(0.5, double.start)
        timer.start()
        receiver = StemReceiver(tmp_path)
        JobRun(client, accepted.job, receiver).finish()
        timer.join()
        receiver.abandon()


def test_a_job_that_is_done_and_never_told_so_is_taken_up_again(
    double: DoubleServer, second: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quiet, "ASK_SECONDS", 1.0)
    double.lose_ends = 1
    receiver = StemReceiver(tmp_path)
    with connected(double) as client:
        client.submit("noise", second, seed=1)
        event = None
        while not isinstance(event, JobEnded):
            event = client.poll(0.05)
            receiver.take(event)
        assert client.connections == 1
    assert isinstance(event.message, Done)
    kept = receiver.keep(lambda stem: tmp_path / f"{stem.name}.wav")
    assert [received.end.sha256 for received in kept] == expected(double, second)
    assert double.held, "it was taken up from what was there"
    assert all(each.frames == second.frames for each in double.held[0])


def test_a_job_whose_end_never_comes_is_said_to_be_lost(
    double: DoubleServer, second: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quiet, "ASK_SECONDS", 0.05)
    double.lose_ends = 1000
    with connected(double) as client:
        accepted = client.submit("noise", second)
        client.attach(accepted.job)
        while not isinstance(event := client.poll(0.05), JobEnded):
            pass
    assert isinstance(event.message, Failed)
    assert "does not send" in event.message.sentence


def test_a_job_that_runs_in_silence_is_only_asked_about(
    double: DoubleServer, second: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quiet, "ASK_SECONDS", 0.05)
    double.hold_jobs = True
    with connected(double) as client:
        accepted = client.submit("noise", second)
        while double.listed < 3:
            client.poll(0.05)
        assert double.held == []
        client.cancel(accepted.job)


@pytest.mark.parametrize("code", ["disk_full", "file_unusable"])
def test_a_job_that_failed_on_the_server_is_not_cancelled_there(
    double: DoubleServer, second: Timeline, tmp_path: Path, code: str
) -> None:
    double.fail_with = code
    with connected(double) as client:
        accepted = client.submit("noise", second)
        with pytest.raises(RequestError) as caught:
            JobRun(client, accepted.job, StemReceiver(tmp_path)).finish()
    assert caught.value.code == code
    assert double.cancelled == []


def test_what_the_server_has_to_say_is_passed_on(double: DoubleServer) -> None:
    double.notices = ["The list of jobs was damaged."]
    said: list[str] = []
    with connected(double, warn=said.append):
        pass
    with connected(double, warn=said.append):
        pass
    assert said == ["The list of jobs was damaged."]


def test_poll_waits_as_long_as_it_was_asked_to(double: DoubleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PING_SECONDS", 0.05)
    with connected(double) as client:
        begun = time.monotonic()
        assert client.poll(0.3) is None
        assert time.monotonic() - begun >= 0.3


def test_nothing_there_is_said(second: Timeline) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(RequestError) as caught:
        Client.connect(f"127.0.0.1:{port}", token=TOKEN)
    assert caught.value.code == ErrorCode.NO_SERVER


def own_server(double: DoubleServer) -> None:
    """Has commands find the double as this user's own server."""
    home.write_private(home.config_dir() / "token", TOKEN.encode())
    port = ServerAddress.parse(double.address).port
    home.write_running(
        home.ServerRecord(host="127.0.0.1", port=port, pid=os.getpid(), version="0", on_demand=True)
    )


def test_a_server_that_ends_while_it_is_greeted_is_followed_by_another(double: DoubleServer) -> None:
    own_server(double)
    double.cuts.append(0)
    with Client.connect(role="test"):
        pass
    assert double.connections == 2


def test_a_server_that_is_found_and_never_greets_is_said_with_what_to_do(double: DoubleServer) -> None:
    own_server(double)
    double.cuts.extend([0] * 10)
    with pytest.raises(RequestError) as caught:
        Client.connect(role="test")
    assert caught.value.code == ErrorCode.NO_SERVER
    assert "BANDMATE_SERVER" not in caught.value.remedy
    assert "Run the command again" in caught.value.remedy


def test_a_server_with_another_token_is_not_sent_ours(double: DoubleServer) -> None:
    with pytest.raises(RequestError, match="the token was not sent") as caught:
        Client.connect(double.address, token="b" * 64)
    assert caught.value.code == ErrorCode.NOT_ALLOWED
    assert "BANDMATE_TOKEN" in caught.value.remedy
    assert double.shown == []
    with Client.connect(double.address, token=TOKEN):
        assert double.shown == [f"Bearer {TOKEN}"]


def test_a_refused_host_is_said(double: DoubleServer) -> None:
    with pytest.raises(RequestError, match="does not accept that host name") as caught:
        Client.connect(f"localhost:{double.port}", token=TOKEN)
    assert caught.value.code == ErrorCode.NOT_ALLOWED


def test_another_version_of_the_protocol_is_said(
    double: DoubleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bandmate_protocol.session.client.PROTOCOL_MIN", 7)
    monkeypatch.setattr("bandmate_protocol.session.client.PROTOCOL_MAX", 8)
    with pytest.raises(RequestError, match="another version") as caught:
        connected(double)
    assert caught.value.code == ErrorCode.UNSUPPORTED_PROTOCOL


def test_garbage_for_a_greeting_is_said(double: DoubleServer) -> None:
    double.garbage = True
    with pytest.raises(RequestError, match="does not speak Bandmate's protocol"):
        connected(double)


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"SSH-2.0-OpenSSH_9\r\n"]
)
def test_a_port_with_something_else_on_it_is_said(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(RequestError, match="is not a Bandmate server") as caught:
            Client.connect(f"127.0.0.1:{other.getsockname()[1]}", token=TOKEN)
        thread.join()
    assert caught.value.code == ErrorCode.PORT_BUSY


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("box:7000", ServerAddress("box", 7000)),
        ("7000", ServerAddress("127.0.0.1", 7000)),
        ("[::1]:7000", ServerAddress("::1", 7000)),
        ("ws://box", ServerAddress("box", 7893)),
        ("ws://box:7000/ws", ServerAddress("box", 7000)),
        ("http://[::1]/", ServerAddress("::1", 7893)),
    ],
)
def test_an_address_is_read_bare_or_as_a_url(text: str, address: ServerAddress) -> None:
    assert ServerAddress.parse(text) == address


@pytest.mark.parametrize(
    "address", ["", "host", "host:", "host:0", "host:99999", "host:1x", "wss://host:1", "ws://", "ws://a/b:1"]
)
def test_an_address_that_cannot_be_is_said(address: str) -> None:
    with pytest.raises(RequestError, match="is not a server address"):
        Client.connect(address, token=TOKEN)


def test_a_job_is_found_by_its_start(double: DoubleServer, second: Timeline) -> None:
    with connected(double) as client:
        with pytest.raises(RequestError, match="There is no job 9"):
            client.job("9")
        for seed in (1, 2):
            for _ in client.follow(client.submit("noise", second, seed=seed).job):
                pass
        assert client.job("00000001").seed == 2
        with pytest.raises(RequestError) as caught:
            client.job("0000")
    assert caught.value.code == ErrorCode.AMBIGUOUS_JOB


def test_what_the_protocol_forbids_is_said_before_it_is_sent(double: DoubleServer, second: Timeline) -> None:
    with connected(double) as client, pytest.raises(RequestError) as caught:
        client.submit("noise", second, engine="No Such Thing")
    assert caught.value.code == ErrorCode.BAD_PARAMS


def test_a_file_goes_up_once(double: DoubleServer, tmp_path: Path) -> None:
    data = os.urandom(3 * PIECE_BYTES + 17)
    (tmp_path / "a.wav").write_bytes(data)
    with connected(double) as client:
        steps: list[tuple[int, int]] = []
        digest = client.upload(tmp_path / "a.wav", lambda done, total: steps.append((done, total)))
        assert bytes(double.files[digest]) == data
        assert steps[-1] == (len(data), len(data))
        steps.clear()
        assert client.upload(tmp_path / "a.wav", lambda done, total: steps.append((done, total))) == digest
        assert steps == [(len(data), len(data))]


def test_an_upload_that_is_cut_goes_on_where_it_was(double: DoubleServer, tmp_path: Path) -> None:
    data = os.urandom(6 * PIECE_BYTES)
    (tmp_path / "a.wav").write_bytes(data)
    double.cuts.extend([4, 5])
    with connected(double) as client:
        digest = client.upload(tmp_path / "a.wav")
        assert client.connections > 1
    assert bytes(double.files[digest]) == data


def test_an_upload_goes_on_where_another_client_has_brought_it(double: DoubleServer, tmp_path: Path) -> None:
    data = os.urandom(6 * PIECE_BYTES + 5)
    (tmp_path / "a.wav").write_bytes(data)
    double.intrude = data
    with connected(double) as client:
        digest = client.upload(tmp_path / "a.wav")
    assert bytes(double.files[digest]) == data


def test_an_upload_whose_check_was_cut_off_is_checked(double: DoubleServer, tmp_path: Path) -> None:
    data = os.urandom(2 * PIECE_BYTES)
    (tmp_path / "a.wav").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    double.files[digest] = bytearray(data)
    with connected(double) as client:
        assert client.upload(tmp_path / "a.wav") == digest
    assert digest in double.whole


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, ErrorCode.FILE_UNUSABLE),
        (b"", ErrorCode.INPUT_UNUSABLE),
        (b"x" * ((1 << 24) + 1), ErrorCode.QUOTA_EXCEEDED),
    ],
)
def test_a_file_that_cannot_go_up_is_said(
    double: DoubleServer, tmp_path: Path, content: bytes | None, code: ErrorCode
) -> None:
    if content is not None:
        (tmp_path / "a.wav").write_bytes(content)
    with connected(double) as client, pytest.raises(RequestError) as caught:
        client.upload(tmp_path / "a.wav")
    assert caught.value.code == code


def test_a_failure_carries_the_servers_words(double: DoubleServer, second: Timeline) -> None:
    double.forget_jobs = True
    with connected(double) as client:
        client.attach("zzzzzzzz")
        started = time.monotonic()
        while (event := client.poll(0.1)) is None:
            assert time.monotonic() - started < 10
    assert isinstance(event, JobEnded)
    assert isinstance(event.message, Failed)
    assert event.message.code == "no_such_job"
