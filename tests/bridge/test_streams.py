"""The command line in odd shells: closed streams, narrow encodings, readers that leave, dumb terminals."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bridge.command_line import CommandLine
from tests.running import server_environ

SHORT = ("generate", "claves", "--bars", "1", "--seed", "3", "--bpm", "120")
OUT = (*SHORT, "-o", "out.wav")


def in_shell(bandmate: CommandLine, line: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """`$B` in a line for `sh` is Bandmate."""
    program = f"B='{sys.executable} -m bandmate_plugins'; {line}"
    return subprocess.run(
        ["sh", "-c", program],
        cwd=bandmate.folder,
        env=server_environ(bandmate.home) | environ,
        capture_output=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_a_closed_stream_changes_nothing(bandmate: CommandLine, closed: str) -> None:
    ended = in_shell(bandmate, f"$B {' '.join(OUT)} {closed}")
    assert ended.returncode == 0, ended
    data = (bandmate.folder / "out.wav").read_bytes()
    assert data[:4] == b"RIFF"
    # What is meant for a person is not in the file: it is as long as its header says.
    assert len(data) == int.from_bytes(data[4:8], "little") + 8


@pytest.mark.parametrize("command", ["jobs", "plugins", "doctor --json", "--help"])
def test_commands_that_only_print_end_well_with_closed_streams(bandmate: CommandLine, command: str) -> None:
    ended = in_shell(bandmate, f"$B {command} >&- 2>&-")
    assert ended.returncode in (0, 1), ended


def test_a_narrow_encoding_escapes_what_it_lacks(bandmate: CommandLine) -> None:
    bandmate.good(*SHORT, "-o", "Песня.wav")
    ended = bandmate.good(
        "separate",
        "Песня.wav",
        "--stems",
        "drums",
        "-o",
        "барабан.wav",
        PYTHONUTF8="0",
        PYTHONIOENCODING="cp1252",
    )
    assert (bandmate.folder / "барабан.wav").is_file()
    assert ended.out.startswith("\\u0431\\u0430\\u0440")


def test_standard_error_that_nobody_reads_ends_no_work(bandmate: CommandLine) -> None:
    ended = in_shell(bandmate, f"($B {' '.join(OUT)} >said; echo $? >code) 2>&1 | true; cat said code")
    assert ended.stdout.decode().splitlines()[-1] == "0", ended
    assert (bandmate.folder / "out.wav").is_file()


def test_a_reader_that_leaves_early_gets_no_traceback(bandmate: CommandLine) -> None:
    ended = in_shell(bandmate, "($B plugins; echo $? >code) | true; cat code")
    assert ended.stdout.strip() == b"1", ended
    assert b"rror" not in ended.stderr


def in_terminal(bandmate: CommandLine, *arguments: str, **environ: str) -> str:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bandmate_plugins", *arguments],
        cwd=bandmate.folder,
        env=server_environ(bandmate.home) | environ,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    # When the last one has closed it, Linux says so by an error (EIO).
    with contextlib.suppress(OSError):
        while data := os.read(ours, 65_536):
            seen += data
    os.close(ours)
    assert process.wait(60) == 0, seen
    return seen.decode()


def test_a_dumb_terminal_gets_plain_lines(bandmate: CommandLine) -> None:
    seen = in_terminal(bandmate, *OUT, TERM="dumb")
    assert "Connecting ...\r\n" in seen
    assert "\x1b" not in seen


def test_a_terminal_gets_a_bar_and_no_colours_if_none_are_wanted(bandmate: CommandLine) -> None:
    seen = in_terminal(bandmate, *OUT, TERM="xterm", COLUMNS="60", NO_COLOR="1")
    assert "\x1b[" in seen
    assert "Connecting ..." not in seen
    assert "\x1b[3" not in seen  # foreground colours


@pytest.mark.parametrize("columns", ["0", "1"])
def test_terminals_of_no_width_are_survived(bandmate: CommandLine, columns: str, tmp_path: Path) -> None:
    for arguments in (OUT, ("jobs",), ("plugins",), ("generate", "--help")):
        in_terminal(bandmate, *arguments, TERM="xterm", COLUMNS=columns)
