"""What the headless driver proves: the audio thread's abstinence, and the golden frames."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.vst.built_plugin import SOURCE

VECTORS = SOURCE.parents[1] / "protocol" / "vectors"
# What only a look at the single fields finds; the plugin makes it where it reads them.
BEYOND_FRAMES = {
    "required_field_missing",
    "null_for_a_required_field",
    "empty_request",
    "request_too_long",
    "text_for_bytes",
    "bytes_for_text",
    "float_for_an_integer",
    "boolean_for_an_integer",
    "negative_offset",
    "stem_over_its_bound",
    "job_in_capitals",
    "job_with_a_line_end",
    "hash_too_short",
    "label_of_two_lines",
    "unknown_choice",
    "bpm_under_its_bound",
    "no_tempo",
    "bytes_in_free_values",
    "type_of_the_future",
    "type_of_the_other_side",
    "type_of_the_client",
}


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which no server ever started."""
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "home"))
    return tmp_path


def driven(folder: Path, *words: object) -> dict[str, Any]:
    command = [folder / "driver" / "driver", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_the_audio_thread_takes_no_lock_no_memory_and_calls_nothing(built: Path, alone: Path) -> None:
    found = driven(built, "trap", alone)
    assert found["control"] == 1, "the traps see what they are for"
    assert found["hits"] == 0, found["last"]


def test_every_golden_frame_is_read_and_written(built: Path) -> None:
    vectors = json.loads((VECTORS / "vectors.json").read_text())
    found = driven(built, "vectors", VECTORS)
    assert found["read"] == len(vectors["valid"])
    assert found["wrong"] == []
    invalid = {vector["name"] for vector in vectors["invalid"]}
    assert invalid - set(found["refused"]) <= BEYOND_FRAMES


def test_loops_jumps_and_stops_lose_no_frame_at_any_rate(built: Path, alone: Path) -> None:
    found = driven(built, "jumps", alone)
    assert found["heard"] > 10_000_000
    assert found["wrong"] == 0
    assert found["resampling_db"] < -110


def test_solo_mute_level_and_another_take_are_heard_without_a_click(built: Path, alone: Path) -> None:
    found = driven(built, "levels", alone)
    assert found["wrong"] == 0
    assert found["step"] < 0.01, "a click would be a step of 0.1 or more"


def test_the_window_does_what_a_click_means(built: Path, alone: Path) -> None:
    found = driven(built, "window", alone)
    assert found["seen"] > 40
    assert found["wrong"] == []


@pytest.mark.full
@pytest.mark.parametrize("sanitizer", ["address", "thread"])
def test_a_sanitizer_finds_nothing(alone: Path, sanitizer: str) -> None:
    folder = alone / sanitizer
    options = ["-DBANDMATE_DRIVER=ON", f"-DBANDMATE_SANITIZE={sanitizer}"]
    subprocess.run(["cmake", "-S", SOURCE, "-B", folder, *options], check=True, capture_output=True)
    subprocess.run(["cmake", "--build", folder, "--target", "driver"], check=True, capture_output=True)
    assert driven(folder, "soak", alone, 20)["soaked"]
    assert driven(folder, "jumps", alone)["wrong"] == 0
    assert driven(folder, "levels", alone)["wrong"] == 0
    assert driven(folder, "window", alone)["wrong"] == []
