"""Throws broken frames at the decoders and at both sessions.

    python -m tests.protocol.fuzz [COUNT] [SEED]

A frame is a message, or refused with a documented error; a session never raises, and what it answers can be
read by the other side. Nothing is left behind in memory.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from bandmate_protocol.codec import CLIENT_FRAMES, SERVER_FRAMES, FrameDecoder, encode_message
from bandmate_protocol.errors import ErrorCode, RemoteProtocolError
from bandmate_protocol.messages import Attach, Submit
from bandmate_protocol.session import ClientSession, RemoteFault, ServerSession, StemPiece
from tests.protocol import mutate
from tests.protocol.pair import TIMELINE, Pair, client_session, server_session
from tests.protocol.song import JOB

LIFE = 500
"""Frames that a session takes before it is replaced, if it did not close before."""

ROUNDS = 10
LEAK_BLOCKS = 2_000
"""Memory blocks that may stay between the middle and the end: caches that fill, never one for each frame."""

DOCUMENTED = {ErrorCode.BAD_MESSAGE, ErrorCode.UNKNOWN_TYPE}


class Fuzz:
    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.seen: Counter[str] = Counter()
        self.pair = Pair()
        self.age = LIFE

    def run(self, count: int) -> None:
        """Raises AssertionError, or whatever a decoder or session raised against its word."""
        blocks = []
        for _ in range(ROUNDS):
            for _ in range(count // ROUNDS):
                self.throw(mutate.frame(self.draw))
            blocks.append(self.blocks_left())
        grown = blocks[-1] - blocks[ROUNDS // 2]
        assert grown < LEAK_BLOCKS, f"{grown} blocks of memory stayed behind"

    def throw(self, frame: bytes) -> None:
        for decoder in (CLIENT_FRAMES, SERVER_FRAMES):
            self.decode(decoder, frame)
        if self.draw.random() < 0.1:
            # As the first frame of a connection.
            self.to_server(server_session(), frame)
            self.to_client(client_session(), frame)
        self.renew()
        self.to_server(self.pair.server, frame)
        self.to_client(self.pair.client, frame)

    def decode(self, decoder: FrameDecoder[Any], frame: bytes) -> None:
        try:
            message = decoder.decode(frame)
        except RemoteProtocolError as error:
            refusal = error
        else:
            assert decoder.decode(encode_message(message)) == message
            self.seen["message"] += 1
            return
        assert refusal.code in DOCUMENTED
        assert 0 < len(refusal.sentence) <= 4_096
        self.seen[refusal.code] += 1

    def to_server(self, server: ServerSession, frame: bytes) -> None:
        for event in server.receive(frame):
            self.note(event)
        for answer in server.to_send():
            SERVER_FRAMES.decode(answer)
        assert server.credit >= 0

    def to_client(self, client: ClientSession, frame: bytes) -> None:
        for event in client.receive(frame):
            self.note(event)
            if isinstance(event, StemPiece):
                client.confirm_stored(len(event.data))
        for answer in client.to_send():
            CLIENT_FRAMES.decode(answer)

    def note(self, event: object) -> None:
        if isinstance(event, RemoteFault):
            assert 0 < len(event.sentence) <= 4_096
            self.seen["fatal" if event.fatal else "fault"] += 1
        else:
            self.seen[type(event).__name__] += 1

    def renew(self) -> None:
        """Keeps a pair of sessions that are open, follow a job and wait for answers."""
        self.age += 1
        closed = "closed" in (self.pair.client.state, self.pair.server.state)
        follow = self.pair.client.follows.get(JOB)
        if self.age < LIFE and not closed and not (follow and follow.ended):
            return
        self.age = 0
        self.pair = Pair().greet()
        # What the samples answer to.
        self.pair.client.send(Attach(request="r-6", job=JOB))
        self.pair.client.send(Submit(request="r-5", task="generate", timeline=TIMELINE))
        self.pair.client.to_send()

    def blocks_left(self) -> int:
        self.pair, self.age = Pair(), LIFE
        gc.collect()
        return sys.getallocatedblocks()


def summary(fuzz: Fuzz) -> Iterator[str]:
    for name, count in fuzz.seen.most_common():
        yield f"{count:>10}  {name}"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    print(f"{count} frames with seed {seed}")
    fuzz = Fuzz(seed)
    begun = time.perf_counter()
    fuzz.run(count)
    print(f"{count / (time.perf_counter() - begun):.0f} frames a second; what came of them:")
    print("\n".join(summary(fuzz)))


if __name__ == "__main__":
    main()
