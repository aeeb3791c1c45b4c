"""A peer that sends garbage, too much, or another version: refused, shown, and tried again, never fatal."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.messages import Error
from tests.running import RunningServer
from tests.vst.bad_server import TOKEN, BadServer, framed, welcome
from tests.vst.built_plugin import SOURCE
from tests.vst.conftest import find
from tests.vst.hosting import Hosted

VECTORS = SOURCE.parents[1] / "protocol" / "vectors"
MORE_THAN_ENOUGH = 120


def golden_nonsense() -> bytes:
    """Every frame that the protocol's vectors call invalid, until the client has had enough."""
    names = [vector["file"] for vector in json.loads((VECTORS / "vectors.json").read_text())["invalid"]]
    frames = b"".join(framed((VECTORS / name).read_bytes()) for name in names)
    return frames + framed(b"\xc1 no message") * MORE_THAN_ENOUGH


def noise(size: int) -> bytes:
    return np.random.default_rng(9).bytes(size)


AFTER_A_WELCOME = {
    "reserved bits": b"\xff" * 70_000,
    "a masked frame": b"\x82\x84abcdabcd",
    "a text": framed(b"hello", 0x81),
    "the rest of nothing": framed(b"abc", 0x80),
    "a message inside another": framed(b"abc", 0x02) + framed(b"abc", 0x02),
    "a length of 2^63": b"\x82\x7f" + b"\x80" + bytes(7),
    "a byte over the limit": b"\x82\x7f" + ((4 << 20) + 1).to_bytes(8),
    "too much in parts": framed(noise(3 << 20), 0x02) + framed(noise(2 << 20), 0x80),
    "noise in frames": b"".join(framed(noise(1 + n * 7)) for n in range(MORE_THAN_ENOUGH)),
    "golden nonsense": golden_nonsense(),
    "deep nesting": framed(b"\x91" * 200_000) * MORE_THAN_ENOUGH,
    "a second welcome": welcome() * MORE_THAN_ENOUGH,
    "a goodbye": framed(b"\x03\xe8", 0x88),
}


def test_what_is_pressed_without_a_server_does_not_come_later(
    vst3: Path, home: Path, steady: RunningServer
) -> None:
    hosted = Hosted(vst3)
    hosted.until_status("No server")
    hosted.press("generate")
    time.sleep(0.3)
    find(home, steady)
    song = hosted.until_status("Ready")
    assert song["said"] == ""
    # Nor does what needs the track's audio, of which there is none yet; and that is shown.
    hosted.press("cover")
    assert hosted.until_status("No audio captured")["takes"] == []
    # Also what it said before its first block could be read.
    assert "client fault" not in steady.log


def test_garbage_and_oversized_frames_are_refused(vst3: Path, home: Path, steady: RunningServer) -> None:
    hosted = Hosted(vst3)
    bad = BadServer(home, [welcome() + attack for attack in AFTER_A_WELCOME.values()])
    bad.close()
    names = list(AFTER_A_WELCOME)
    assert [names[place] for place in bad.refused] == names
    # The last of them had said its welcome, too.
    hosted.until_status("No server")
    find(home, steady)
    hosted.until_status("Ready")
    assert hosted.generate()["status"] == "Done"


@pytest.mark.parametrize("answer", [b"\x16\x03\x01" * 8000, b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"\r\n\r\n"])
def test_what_is_no_server_at_all_is_left(
    vst3: Path, home: Path, steady: RunningServer, answer: bytes
) -> None:
    hosted = Hosted(vst3)
    bad = BadServer(home, [answer], greets=False)
    bad.close()
    assert bad.refused == [0]
    find(home, steady)
    hosted.until_status("Ready")


def test_a_server_with_another_token_is_not_sent_ours(vst3: Path, home: Path, steady: RunningServer) -> None:
    hosted = Hosted(vst3)
    bad = BadServer(home, [welcome()] * 3, token="0" * 64)
    song = hosted.until_status("Wrong token")
    assert "did not prove" in song["said"]
    bad.close()
    assert len(bad.refused) == 3
    assert bad.heard.count(b"GET /health") == 3
    assert TOKEN.encode() not in bad.heard
    find(home, steady)
    hosted.until_status("Ready")


@pytest.mark.parametrize(
    "answer",
    [
        welcome(protocol=2),
        framed(Error(code=ErrorCode.UNSUPPORTED_PROTOCOL, sentence="Too old.", remedy="Update."))
        + framed(b"\x03\xe8", 0x88),
    ],
    ids=["a welcome in another", "a refusal"],
)
def test_another_version_is_shown_and_mended(
    vst3: Path, home: Path, steady: RunningServer, answer: bytes
) -> None:
    hosted = Hosted(vst3)
    bad = BadServer(home, [answer])
    song = hosted.until_status("Other version")
    assert song["said"]
    bad.close()
    assert bad.refused == [0]
    # It stays said while nobody is there.
    assert hosted.song["status"] == "Other version"
    find(home, steady)
    hosted.until_status("Ready")
