"""`bandmate listen --compare`, against a real server: pairs, equally loud, in an order that the page hides."""

from __future__ import annotations

import base64
import json
import re
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bandmate_bridge.listen_page.pairs import equal_gains
from bandmate_plugins._listening.loudness import LoudnessMeter
from tests.bridge.command_line import CommandLine
from tests.examples.test_page import Page
from tests.plugins.sketch.test_soundfont import made_soundfont
from tests.running import RunningServer

RATE = 48_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    place = tmp_path_factory.mktemp("home")
    font = place / "made.sf2"
    font.write_bytes(made_soundfont())
    running = RunningServer(place, environ={"BANDMATE_SOUNDFONT": str(font)}).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture
def bandmate(server: RunningServer, tmp_path: Path) -> CommandLine:
    ideas = tmp_path / "work" / "ideas"
    ideas.mkdir(parents=True)
    for name, prompt in (("one", "jazz piano"), ("two", "pop piano and strings"), ("three", "folk guitar")):
        example = {"prompt": prompt, "title": f"<{name}>", "bpm": 120, "key": "C major", "bars": 2}
        (ideas / f"{name}.json").write_text(json.dumps(example), encoding="utf-8")
    return CommandLine(server.home, tmp_path / "work")


def page_key(folder: Path) -> dict[str, Any]:
    text = (folder / "index.html").read_text("utf-8")
    encoded = re.search(r'encodedKey = "([^"]+)"', text)
    assert encoded
    found: dict[str, Any] = json.loads(base64.b64decode(encoded[1]))
    return found


def read_wav(path: Path) -> np.ndarray:
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 2, 2)
        return np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").reshape(-1, 2) / 32_768


def lufs(path: Path) -> float:
    meter = LoudnessMeter(RATE, 2)
    meter.add(read_wav(path).astype(np.float32))
    found = meter.integrated_lufs()
    assert found is not None
    return found


def test_pairs_are_equally_loud_and_the_page_does_not_tell_which_is_which(bandmate: CommandLine) -> None:
    done = bandmate.good("listen", "ideas", "--compare", "own", "soundfont", "--seed", "1", "-o", "page")
    assert "3 of 3 pairs" in done.out
    folder = bandmate.folder / "page"
    text = (folder / "index.html").read_text("utf-8")
    page = Page(text)
    assert {"<one>", "<two>", "A is better", "no difference", "Show the key"} <= set(page.texts)
    assert all(address.startswith("audio/pair") for address in page.addresses)
    shown = " ".join(page.texts[: page.texts.index("Show the key")])
    assert "soundfont" not in shown.casefold()
    assert "http" not in text
    known = page_key(folder)
    assert known["seed"] == 1
    assert {tuple(pair["ways"]) for pair in known["pairs"].values()} == {
        ("own", "soundfont"),
        ("soundfont", "own"),
    }
    for name, pair in known["pairs"].items():
        a, b = (folder / "audio" / f"{name}-{side}.wav" for side in "ab")
        assert lufs(a) == pytest.approx(lufs(b), abs=0.1)
        assert np.abs(read_wav(a) - read_wav(b)).max() > 0.01
        sampled = pair["remarks"][pair["ways"].index("soundfont")]
        assert "From the SoundFont" in sampled
    again = bandmate.good("listen", "ideas", "--compare", "own", "soundfont", "--seed", "1", "-o", "again")
    assert "3 of 3" in again.out
    assert page_key(bandmate.folder / "again") == known


def test_two_folders_of_recordings_are_compared_by_their_names(bandmate: CommandLine) -> None:
    for name, seed in (("before", "1"), ("after", "2")):
        out = bandmate.folder / name
        out.mkdir()
        for file in ("rock", "jazz"):
            bandmate.good(
                "generate", file, "-o", str(out / f"{file}.wav"), "--bpm", "120", "--bars", "1", "--seed", seed
            )  # fmt: skip
    (bandmate.folder / "before" / "only.wav").write_bytes(
        (bandmate.folder / "before" / "rock.wav").read_bytes()
    )
    done = bandmate.good("listen", "--compare", "before", "after", "--seed", "1", "-o", "page")
    assert "2 of 2 pairs" in done.out
    known = page_key(bandmate.folder / "page")["pairs"]
    assert sorted(pair["title"] for pair in known.values()) == ["jazz", "rock"]
    for name in known:
        a, b = (lufs(bandmate.folder / "page" / "audio" / f"{name}-{side}.wav") for side in "ab")
        assert a == pytest.approx(b, abs=0.1)


def test_a_change_of_a_field_is_a_way_and_what_is_none_is_refused(bandmate: CommandLine) -> None:
    done = bandmate.good("listen", "ideas/one.json", "--compare", "seed=1", "prompt=bossa nova", "-o", "page")
    assert "1 of 1 pairs" in done.out
    (pair,) = page_key(bandmate.folder / "page")["pairs"].values()
    assert sorted(pair["ways"]) == ["prompt=bossa nova", "seed=1"]
    for way, said in (
        ("louder", "is no way to sound"),
        ("seed=x", "cannot be used"),
        ("key=H", "is not a key"),
    ):
        assert said in bandmate.refused("listen", "ideas", "--compare", "own", way, "-o", "other")
    for ways, said in (
        (("own", "gone/"), "There is no folder gone/."),
        (("own", "ideas/one.json"), "ideas/one.json is not a folder."),
    ):
        assert said in bandmate.refused("listen", "ideas", "--compare", *ways, "-o", "other")
    said = bandmate.refused("listen", "--compare", "own", "-o", "other", code=2)
    assert "--compare takes two ways" in said
    (bandmate.folder / "empty").mkdir()
    (bandmate.folder / "empty" / "x.json").write_text('{"prompt": "pop"}')
    assert "no names in common" in bandmate.refused(
        "listen", "ideas", "--compare", "own", "empty", "-o", "other"
    )
    failed = bandmate.run("listen", "ideas/one.json", "--compare", "own", "engine=nobody", "-o", "failed")
    assert failed.code == 1
    assert "nobody" in (bandmate.folder / "failed" / "index.html").read_text("utf-8")


@pytest.mark.parametrize("compare", [(), ("--compare", "seed=1", "seed=2")])
def test_what_was_made_is_on_the_page_if_the_rest_is_not(
    bandmate: CommandLine, compare: tuple[str, ...]
) -> None:
    """The folder of the audio is taken away after the first piece."""
    (bandmate.folder / "page" / "audio").mkdir(parents=True)
    names = ("pair02-a.wav", "three.wav") if compare else ("three.wav",)
    for name in names:
        (bandmate.folder / "page" / "audio" / name).mkdir()
    ended = bandmate.run("listen", "ideas", *compare, "-o", "page")
    assert ended.code not in (0, None)
    text = (bandmate.folder / "page" / "index.html").read_text("utf-8")
    assert "Not complete: 1 of 3" in text
    assert "&lt;one&gt;" in text
    whole = bandmate.good("listen", "ideas/one.json", *compare, "-o", "whole")
    assert "1 of 1" in whole.out
    assert "Not complete" not in (bandmate.folder / "whole" / "index.html").read_text("utf-8")


def test_gains_only_make_softer() -> None:
    assert equal_gains([-16.0, -22.0]) == pytest.approx([10 ** (-6 / 20), 1.0])
    assert equal_gains([None, -10.0]) == [1.0, 1.0]
