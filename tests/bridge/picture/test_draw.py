"""The picture of an analysis: what is in it, that nothing overlaps, and what is refused."""

from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from bandmate_bridge.picture import draw
from bandmate_bridge.picture.draw import summary_text
from bandmate_bridge.picture.lanes import chord_colour, clock_text
from bandmate_bridge.picture.values import read_analysis
from bandmate_plugins._platform.installation import how_to_add
from bandmate_protocol.errors import ErrorCode, RequestError

RATE = 48_000


def report(bars: int = 16, **changes: Any) -> dict[str, Any]:
    """A report as `analyse` gives it: 4/4 at 120, four chords, two sections."""
    bar = 2 * RATE
    frames = bars * bar
    values = {
        "frames": frames,
        "sample_rate": RATE,
        "start_frame": 1_000,
        "tempo": [{"position": 1_000.0, "bpm": 120.0, "numerator": 4, "denominator": 4}],
        "beats": [1_000 + beat * RATE // 2 for beat in range(4 * bars)],
        "downbeats": [1_000 + number * bar for number in range(bars)],
        "metre": "4/4",
        "key": "C major",
        "key_confidence": 0.9,
        "chords": [
            {"position": 1_000 + number * bar, "symbol": ("C", "Am", "F", "G7")[number % 4]}
            for number in range(bars)
        ],
        "sections": [
            {"start_frame": 1_000, "end_frame": 1_000 + frames // 2, "label": "A"},
            {"start_frame": 1_000 + frames // 2, "end_frame": 1_000 + frames, "label": "B"},
        ],
        "loudness": {
            "integrated_lufs": -14.2,
            "range_lu": 3.1,
            "true_peak_dbtp": -1.0,
            "short_term_lufs": [-14.0 - step % 5 for step in range(bars * 20)],
            "short_term_step_frames": RATE // 10,
        },
        "overview": {"step_frames": RATE // 100, "low": [-0.5] * bars * 200, "high": [0.5] * bars * 200},
    }
    return {**values, **changes}


def test_the_time_at_the_left_is_the_rulers(tmp_path: Path) -> None:
    pictures = []
    for begins in (0.0, 3590.0):
        draw(report(), tmp_path / "picture.png", begins=begins)
        with Image.open(tmp_path / "picture.png") as picture:
            pictures.append(picture.convert("L"))
    changed = ImageChops.difference(*pictures).getbbox()
    assert changed is not None
    assert changed[1] > pictures[0].height * 0.85, "only the times along the bottom differ"
    assert clock_text(-62.0) == "-1:02"


def colours(path: Path) -> set[str]:
    with Image.open(path) as picture:
        found = picture.convert("RGB").getcolors(1 << 24)
    assert found is not None
    return {f"#{red:02x}{green:02x}{blue:02x}" for _, (red, green, blue) in found}


def test_every_lane_is_drawn(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    draw(report(), path, title="A song")
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.width == 2_400
    expected = {"#3c6e9f", "#b4552d", "#2f7d5b", "#a9c7e8", "#f5c99b", chord_colour("C"), chord_colour("Am")}
    assert expected <= colours(path)


@pytest.mark.parametrize("bars", [1, 3, 60, 1_800])
def test_any_length_can_be_drawn(tmp_path: Path, bars: int) -> None:
    path = tmp_path / "picture.png"
    draw(report(bars), path)
    assert path.stat().st_size > 10_000


def test_silence_can_be_drawn(tmp_path: Path) -> None:
    loudness = {
        "integrated_lufs": None,
        "range_lu": None,
        "true_peak_dbtp": None,
        "short_term_lufs": [-70.0] * 50,
        "short_term_step_frames": RATE // 10,
    }
    nothing: dict[str, Any] = {name: [] for name in ("tempo", "beats", "downbeats", "chords", "sections")}
    silent = report(4, **nothing, key=None, loudness=loudness)
    draw(silent, tmp_path / "picture.png")
    assert summary_text(read_analysis(silent)).split("   \u00b7   ") == [
        "no key",
        "no beat",
        "0:08.0",
        "silent",
    ]


def test_the_line_under_the_title() -> None:
    said = summary_text(read_analysis(report())).split("   \u00b7   ")
    assert said[:4] == ["C major", "4/4", "120.0 bpm", "0:32"]
    assert said[4:] == ["-14.2 LUFS", "range 3.1 LU", "true peak -1.0 dBTP"]
    faster = {"position": 9e5, "bpm": 131.0, "numerator": 4, "denominator": 4}
    assert "120 to 131 bpm" in summary_text(read_analysis(report(tempo=[*report()["tempo"], faster])))


def test_a_long_title_is_cut(tmp_path: Path) -> None:
    draw(report(), tmp_path / "long.png", title="A very long name of a song " * 20)
    draw(report(), tmp_path / "short.png", title="A")
    with Image.open(tmp_path / "long.png") as long, Image.open(tmp_path / "short.png") as short:
        assert long.size == short.size
        # The margin at the right stays empty.
        assert long.crop((2_290, 0, 2_400, 160)).getcolors() == [(110 * 160, (255, 255, 255))]


@pytest.mark.parametrize(
    ("seconds", "step", "text"),
    [(0, 1, "0:00"), (125, 5, "2:05"), (3_725, 60, "1:02:05"), (0.5, 0.5, "0:00.5")],
)
def test_times_are_written_as_people_do(seconds: float, step: float, text: str) -> None:
    assert clock_text(seconds, step) == text


def test_no_chord_has_no_colour() -> None:
    assert chord_colour("N") is None
    assert chord_colour("C") != chord_colour("Cm")
    assert chord_colour("Cmaj7") == chord_colour("C")


@pytest.mark.parametrize("spoilt", [{}, {"shares": {}}, {**report(), "beats": None}, report(frames=0)])
def test_what_is_no_analysis_is_refused(tmp_path: Path, spoilt: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="This is not a report of `analyse`") as caught:
        draw(spoilt, tmp_path / "picture.png")
    assert caught.value.code == ErrorCode.BAD_PARAMS


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        draw(report(), tmp_path / "nowhere" / "picture.png")
    assert caught.value.code == ErrorCode.FILE_UNUSABLE


def test_without_pillow_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = builtins.__import__

    def without_pillow(name: str, *rest: Any, **named: Any) -> Any:
        if name.split(".")[0] == "PIL":
            raise ImportError(name)
        return own(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without_pillow)
    with pytest.raises(RequestError, match="Pillow") as caught:
        draw(report(), tmp_path / "picture.png")
    assert how_to_add("server") in caught.value.remedy


def test_importing_it_brings_in_neither_pillow_nor_numpy() -> None:
    code = "import sys, bandmate_bridge.picture; print([n for n in ('PIL', 'numpy') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
