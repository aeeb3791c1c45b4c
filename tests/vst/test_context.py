"""What the plugin says of the host's transport, and how often, to a peer that only listens."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from bandmate_protocol.codec import CLIENT_FRAMES, encode_message
from bandmate_protocol.messages import Context, Transport, Welcome
from bandmate_protocol.proof import proof_of
from tests.patience import PATIENCE_SECONDS
from tests.vst.bad_server import LIMITS, TOKEN
from tests.vst.clap_host import ClapHost, Song

PERIOD_S = 0.05


class Listener:
    """Greets, and takes down every context that comes."""

    def __init__(self) -> None:
        self.heard: list[Context] = []

    def __call__(self, connection: ServerConnection) -> None:
        greeting = Welcome(protocol=1, server_version="1.0", resume_key="0123456789abcdef", limits=LIMITS)
        for frame in connection:
            assert isinstance(frame, bytes)
            message = CLIENT_FRAMES.decode(frame)
            if isinstance(message, Context):
                self.heard.append(message)
            elif not self.heard:
                connection.send(encode_message(greeting))

    @property
    def last(self) -> Transport | None:
        return self.heard[-1].transport if self.heard else None


def prove(connection: ServerConnection, request: Request) -> Response | None:
    path, _, nonce = request.path.partition("?nonce=")
    if path != "/health":
        return None
    said = {"status": "ok", "protocol": 1, "proof": proof_of(TOKEN, request.headers["Host"], nonce)}
    return connection.respond(HTTPStatus.OK, json.dumps(said))


@pytest.fixture
def listener(home: Path) -> Iterator[Listener]:
    heard = Listener()
    with serve(
        heard,
        "127.0.0.1",
        0,
        subprotocols=[Subprotocol("bandmate.v1")],
        compression=None,
        process_request=prove,
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        where = {"host": "127.0.0.1", "port": server.socket.getsockname()[1]}
        (home / "state" / "server.json").write_text(json.dumps(where))
        (home / "config" / "token").write_text(TOKEN)
        yield heard
        server.shutdown()


def test_the_transport_is_told_20_times_a_second_and_standing_still_once(
    built: Path, listener: Listener
) -> None:
    song = Song(93.0, 3, 4, frame=48_000)
    host = ClapHost(built / "plugins" / "bandmate.clap", song)

    def until(wanted: Transport) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while listener.last != wanted:
            assert time.monotonic() < deadline, listener.last
            host.block(64)
            time.sleep(0.01)

    until(Transport(position=48_000, bpm=93.0))
    song.looping = True
    until(Transport(position=48_000, bpm=93.0, looping=True))
    line = listener.heard[-1].timeline
    assert line is not None
    assert (line.tempo[0].numerator, line.tempo[0].denominator) == (3, 4)
    told = len(listener.heard)
    time.sleep(10 * PERIOD_S)
    assert len(listener.heard) == told, "nothing is said while it stands still"
    begun = time.monotonic()
    song.playing = True
    for _ in range(100):
        host.block(512)
        time.sleep(0.01)
    song.playing = False
    until(Transport(position=song.frame, bpm=93.0, looping=True))
    lasted = time.monotonic() - begun
    host.close()
    rolling = [said.transport for said in listener.heard[told:] if said.transport]
    assert 5 < len(rolling) <= lasted / PERIOD_S + 2
    positions = [said.position for said in rolling]
    assert positions == sorted(positions)
    assert all(said.playing for said in rolling[:-1])
