"""`bandmate listen`, against a real server, and the pictures on its page."""

from __future__ import annotations

import base64
import io
import json
import re
import wave
from array import array
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bandmate_bridge.listen_page import picture
from bandmate_bridge.listen_page.picture import (
    COLUMNS,
    SPECTRUM_ROWS,
    WAVE_ROWS,
    draw_spectrogram,
    draw_waveform,
)
from tests.bridge.command_line import CommandLine
from tests.running import RunningServer

RATE = 48_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path_factory.mktemp("home")).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture
def bandmate(server: RunningServer, tmp_path: Path) -> CommandLine:
    folder = tmp_path / "work"
    folder.mkdir()
    ideas = folder / "ideas"
    ideas.mkdir()
    one = {"prompt": 'rock drums <b>&"quoted"', "bpm": 120, "key": "A minor", "bars": 1, "title": "Un & deux"}
    (ideas / "one.json").write_text(json.dumps(one), encoding="utf-8")
    two = {
        "caption": "calm piano",
        "lyrics": "[verse]\n<la>",
        "bpm": 90,
        "duration": 2,
        "keyscale": "C major",
    }
    (ideas / "two.json").write_text(json.dumps(two), encoding="utf-8")
    return CommandLine(server.home, folder)


class Page(HTMLParser):
    """Addresses and texts of a page; fails on tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_a_page_holds_sound_pictures_and_what_was_measured(bandmate: CommandLine) -> None:
    done = bandmate.good("listen", "ideas", "-o", "page")
    assert "2 of 2 examples" in done.out
    text = (bandmate.folder / "page" / "index.html").read_text("utf-8")
    page = Page(text)
    assert all(address.startswith(("#", "data:image/png;base64,", "audio/")) for address in page.addresses)
    assert "http" not in re.sub(r'src="data:[^"]*"', "", text)
    assert {"Un & deux", 'rock drums <b>&"quoted"', "calm piano", "120 bpm", "C major"} <= set(page.texts)
    assert any("LUFS" in each for each in page.texts)
    with wave.open(str(bandmate.folder / "page" / "audio" / "one.wav")) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 2, 2)
        assert sound.getnframes() == 2 * RATE
        samples = np.frombuffer(sound.readframes(2 * RATE), dtype="<i2")
    assert np.abs(samples.astype(int)).max() > 3_000
    pictures = [address for address in page.addresses if address.startswith("data:")]
    assert len(pictures) == 4
    for address in pictures:
        image = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
        assert image.size in ((COLUMNS, WAVE_ROWS), (COLUMNS, SPECTRUM_ROWS))
        assert len(image.convert("RGB").getcolors(1 << 20) or []) > 1
    assert "already exists" in bandmate.refused("listen", "ideas", "-o", "page")
    bandmate.good("listen", "ideas/one.json", "-o", "page", "--force")


def test_what_fails_is_told_on_the_page_and_the_rest_is_made(bandmate: CommandLine) -> None:
    wrong = {"prompt": "pop", "engine": "nobody", "seconds": 1, "bpm": 100, "key": "C major", "metre": "4/4"}
    (bandmate.folder / "ideas" / "wrong.json").write_text(json.dumps(wrong), encoding="utf-8")
    done = bandmate.run("listen", "ideas", "-o", "page")
    assert done.code == 1
    assert "2 of 3 examples" in done.out
    assert "nobody" in done.err
    assert "nobody" in (bandmate.folder / "page" / "index.html").read_text("utf-8")


def test_without_examples_it_says_what_to_name(bandmate: CommandLine) -> None:
    (bandmate.folder / "empty").mkdir()
    assert "no examples" in bandmate.refused("listen", "empty", "-o", "page")


def levels(png: bytes) -> np.ndarray:
    """The picture's numbers, not its colours."""
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("hertz", [110.0, 1_000.0, 3_500.0])
def test_a_tone_lies_where_its_frequency_is(rate: int, hertz: float) -> None:
    tone = array("f", 0.5 * np.sin(2 * np.pi * hertz * np.arange(rate) / rate))
    seen = levels(draw_spectrogram(tone, rate))[:, COLUMNS // 2]
    while rate > 27_000:
        rate /= 2
    top = min(12_000.0, 0.49 * rate)
    row = SPECTRUM_ROWS - 1 - np.log(hertz / 40) / np.log(top / 40) * SPECTRUM_ROWS
    assert abs(int(np.argmax(seen)) - row) < 5
    assert seen.max() == 255


def test_the_transform_is_the_discrete_fourier_transform() -> None:
    noise = np.random.default_rng(1).normal(0, 1, 2_048)
    ours = np.array(picture._power_spectrum(noise.tolist())[:1_024])
    assert ours == pytest.approx(np.abs(np.fft.rfft(noise)[:1_024]) ** 2, rel=1e-9, abs=1e-9)


def test_a_waveform_reaches_as_far_as_the_sound() -> None:
    half = array("f", [0.5, -0.25] * 4_800 + [0.0] * 9_600)
    seen = levels(draw_waveform(half))
    loud = np.flatnonzero(seen[:, 10] == 176)
    assert (loud.min(), loud.max()) == (WAVE_ROWS // 4, WAVE_ROWS * 5 // 8)
    assert np.count_nonzero(seen[:, COLUMNS - 10] == 176) == 1


@pytest.mark.parametrize("frames", [0, 1, 7, 500])
def test_very_short_sounds_have_pictures(frames: int) -> None:
    short = array("f", [0.1] * frames)
    assert levels(draw_waveform(short)).shape == (WAVE_ROWS, COLUMNS)
    assert levels(draw_spectrogram(short, RATE)).shape == (SPECTRUM_ROWS, COLUMNS)
