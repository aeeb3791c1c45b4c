"""A prompt is words, and needs no quotes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bridge.command_line import CommandLine
from tests.bridge.recordings import audio_song, recording

MUSIC = ("--bpm", 120, "--metre", "4/4")
RANGE = ("--from", "5.1", "--to", "6.1")


def newest_prompt(bandmate: CommandLine) -> str:
    return str(json.loads(bandmate.good("jobs", "--json", "--most", 1).out)[0]["params"]["prompt"])


def test_words_without_quotes_are_one_prompt(bandmate: CommandLine) -> None:
    bandmate.good("generate", "warm", "upright", "bass", "-o", "bass.wav", "--bars", 1)
    assert newest_prompt(bandmate) == "warm upright bass"


@pytest.mark.parametrize("command", ["cover", "accompany", "repaint", "extend", "loop"])
def test_after_a_file_too(bandmate: CommandLine, command: str) -> None:
    recording(bandmate.folder / "take.wav", seconds=8.0)
    spans = ("--from", "2s", "--to", "4s") if command == "repaint" else ()
    bandmate.good(command, "take.wav", "soft", "brushed drums", "-o", "out.wav", *MUSIC, *spans)
    assert newest_prompt(bandmate) == "soft brushed drums"


def test_and_with_a_project(bandmate: CommandLine) -> None:
    song: Path = audio_song(bandmate.folder)
    bandmate.good("repaint", "busier", "fill", "--into", song, "--track", "Drums", *RANGE)
    assert newest_prompt(bandmate) == "busier fill"


def test_a_slot_takes_them_too(bandmate: CommandLine) -> None:
    assert "warm upright bass" in bandmate.good("slots", "store", 3, "generate", "warm", "upright bass").out
