"""Bad input: one sentence, an exit code, every file as it was."""

from __future__ import annotations

import re
import socket
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.rpp import Project
from tests.bridge.command_line import CommandLine, snapshot

INTO = ("--at", "9.1", "--bars", "1")


def test_not_a_project(bandmate: CommandLine) -> None:
    (bandmate.folder / "a.rpp").write_text("hello\n")
    said = bandmate.refused("generate", "bass", "--into", "a.rpp", *INTO)
    assert "not a REAPER project" in said
    assert "no-such" in bandmate.refused("generate", "bass", "--into", "no-such.rpp", *INTO)


def test_a_truncated_project(bandmate: CommandLine, song: Path) -> None:
    song.write_bytes(song.read_bytes()[:-200])
    assert "truncated" in bandmate.refused("generate", "bass", "--into", song, *INTO)


def test_a_project_whose_tempo_changed_meanwhile(bandmate: CommandLine, song: Path) -> None:
    process = bandmate.start("generate", "rock band", "--into", song, "--at", "1.1", "--seconds", "240")
    assert process.stderr is not None
    for line in process.stderr:
        if "Playing" in line:
            break
    changed = song.read_bytes().replace(b"PT 30 120 1", b"PT 30 121 1")
    assert changed != song.read_bytes()
    song.write_bytes(changed)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "changed" in err
    assert "bandmate fetch" in err
    assert snapshot(bandmate.folder) == {"song.rpp": changed}
    bandmate.good("fetch")
    assert len(Project.load(song).tracks) > 3


def test_a_track_that_does_not_exist(bandmate: CommandLine, song: Path) -> None:
    said = bandmate.refused("generate", "bass", "--into", song, *INTO, "--track", "Tuba")
    assert "1 Guitar" in said
    assert "2 Voice" in said


def test_a_track_that_exists_twice(bandmate: CommandLine, song: Path) -> None:
    said = bandmate.refused("generate", "bass", "--into", song, *INTO, "--track", "Voice")
    assert "2 tracks are named 'Voice'" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--at", "0.1", "--bars", "1"), "before the start"),
        (("--at", "9.9", "--bars", "1"), "beat 9"),
        (("--at", "later", "--bars", "1"), "not a position"),
        (("--bars", "1"), "--at"),
        (("--at", "1.1", "--bars", "1e9"), "too long"),
        (("--at", "1.1", "--seconds", "8000"), "at most"),
    ],
)
def test_a_range_that_cannot_be(
    bandmate: CommandLine, song: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert words in bandmate.refused("generate", "bass", "--into", song, *arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-o", "out.wav", "--bars", "0"), "not a length"),
        (("-o", "out.wav", "--bars", "nan"), "not a length"),
        (("-o", "out.wav", "--bars", "1", "--beats", "2"), "one length"),
        (("-o", "out.wav", "--metre", "4:4"), "not a metre"),
        (("-o", "out.wav", "--metre", "4/5"), "note value, one of 1, 2, 4, 8"),
        (("-o", "out.wav", "--metre", "7/12"), "note value"),
        (("-o", "out.wav", "--metre", "4/0"), "note value"),
        (("-o", "out.wav", "--metre", "0/4"), "not a metre"),
        (("-o", "out.wav", "--bpm", "0"), "range"),
        (("-o", "out.wav", "--seed", "-1"), "range"),
        (("-o", "out.wav", "--rate", "1"), "range"),
        (("-o", "out.wav", "--at", "9.1"), "--into"),
        (("-o", "out.wav", "--track", "Voice"), "--into"),
        (("-o", "out.wav", "--flat"), "--into"),
        (("-o", "out.wav", "--alone"), "--into"),
        (("-o", "out.wav", "--into", "song.rpp"), "not both"),
        (("--into", "song.rpp", "--at", "1.1", "--bpm", "90"), "Remove --bpm"),
        (("--into", "song.rpp", "--at", "1.1", "--metre", "4/4"), "Remove --metre"),
        ((), "No output given"),
    ],
)
def test_wrong_usage(bandmate: CommandLine, arguments: tuple[str, ...], words: str) -> None:
    assert words in bandmate.refused("generate", "bass", *arguments, code=2)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("out.mp3", "does not end in .wav or .flac, the only audio formats that Bandmate writes"),
        ("out.mp3", "-o out.wav, -o out/ for a folder of stems, or -o out.dawproject"),
        ("take 2.5", "take 2.5.wav"),
        ("no/out.wav", "does not exist"),
    ],
)
def test_a_file_that_cannot_be_made(bandmate: CommandLine, output: str, words: str) -> None:
    assert words in bandmate.refused("generate", "bass", "-o", output)


@pytest.mark.skipif(sys.platform == "win32", reason="another kind of permissions")
def test_a_write_protected_project_is_refused_before_any_work(bandmate: CommandLine, song: Path) -> None:
    song.chmod(0o444)
    jobs = bandmate.good("jobs", "--json").out
    said = bandmate.refused("generate", "bass", "--into", song, "--at", "1.1", "--bars", 1)
    assert "is write-protected" in said
    assert bandmate.good("jobs", "--json").out == jobs


def test_an_unknown_engine(bandmate: CommandLine) -> None:
    for engine in ("mellotron", "No Such"):
        said = bandmate.refused("generate", "bass", "-o", "out.wav", "--bars", 1, "--engine", engine)
        assert "sketch" in said


def test_an_unknown_job(bandmate: CommandLine) -> None:
    for command in ("redo", "cancel"):
        assert "There is no job zzzz" in bandmate.refused(command, "zzzz")
        assert "is not a job id" in bandmate.refused(command, "no job", code=2)


def test_a_prompt_that_is_too_long(bandmate: CommandLine) -> None:
    said = bandmate.refused("generate", "x" * 10_001, "-o", "out.wav", "--bars", 1)
    assert "at most 10000 characters" in said


def test_context_that_cannot_be_used(bandmate: CommandLine) -> None:
    run = ("generate", "bass", "-o", "out.wav", "--bars", 1, "--context")
    assert "There is no file" in bandmate.refused(*run, "gone.wav")
    (bandmate.folder / "empty.wav").touch()
    assert "is empty" in bandmate.refused(*run, "empty.wav")
    (bandmate.folder / "text.wav").write_text("no audio at all\n" * 100)
    assert "Error: " in bandmate.refused(*run, "text.wav")
    broken = np.full((48_000, 2), np.nan, dtype="float32")
    soundfile.write(bandmate.folder / "nan.wav", broken, 48_000, subtype="FLOAT")
    assert "Error: " in bandmate.refused(*run, "nan.wav")


def test_a_wrong_token(bandmate: CommandLine) -> None:
    said = bandmate.refused("generate", "bass", "-o", "out.wav", BANDMATE_TOKEN="f" * 64)
    assert "the token was not sent" in said


def test_a_server_that_is_not_there(bandmate: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = bandmate.refused("jobs", code=3, BANDMATE_SERVER=f"127.0.0.1:{port}")
    assert f"127.0.0.1:{port}" in said


def test_no_room_for_the_result(bandmate: CommandLine, song: Path) -> None:
    import resource

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    import subprocess
    import sys

    from tests.running import server_environ

    before = snapshot(bandmate.folder)
    places = {
        "out.wav": ("-o", "out.wav"),
        "stems": ("-o", "stems/"),
        "Bandmate": ("--into", "song.rpp", "--at", "1.1"),
    }
    for named, where in places.items():
        done = subprocess.run(
            [sys.executable, "-m", "bandmate_plugins", "generate", "bass", *where, "--bars", "4"],
            cwd=bandmate.folder,
            env=server_environ(bandmate.home),
            preexec_fn=small,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, done
        assert re.search(rf"There is not enough space for \S*{named}\.", done.stderr), done
        assert ".part" not in done.stderr
        assert snapshot(bandmate.folder) == before
