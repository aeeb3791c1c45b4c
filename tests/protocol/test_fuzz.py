"""The fuzz test, short in CI and a million frames with `--full`."""

from __future__ import annotations

import random
from collections.abc import Callable

from bandmate_protocol.errors import ErrorCode
from tests.protocol.fuzz import Fuzz


def test_broken_frames_do_no_harm(loops: Callable[[int, int], int]) -> None:
    count = loops(10_000, 1_000_000)
    seed = 1 if count == 10_000 else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    fuzz = Fuzz(seed)
    fuzz.run(count)
    # Frames that are all refused at the door would prove little.
    assert fuzz.seen["message"] > count / 20
    assert fuzz.seen[ErrorCode.BAD_MESSAGE] > count / 20
    assert fuzz.seen["StemStarted"] > count / 1_000
    assert fuzz.seen["StemPiece"] > count / 2_000
    assert fuzz.seen["JobEnded"] > 0
    assert fuzz.seen["Hello"] > 0
