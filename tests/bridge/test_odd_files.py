"""Names and kinds of files that a shell allows: not UTF-8, as long as can be, links, pipes, devices."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.audiofiles.wav import WavFile
from bandmate_bridge.files import check_free, free_name, partial_path, put_in_place, shorten_name
from bandmate_bridge.path_text import path_text, printable_text, text_path
from bandmate_bridge.rpp import Project
from bandmate_protocol.errors import RequestError
from tests.bridge.command_line import CommandLine
from tests.running import server_environ

SHORT = ("generate", "claves", "--bars", "1", "--bpm", "120")
LATIN = os.fsdecode(b"caf\xe9")
"""A name that is not UTF-8, as old disks have them."""


def noise(path: Path, seed: int) -> Path:
    """Audio that no server has seen yet."""
    samples = np.random.default_rng(seed).uniform(-0.5, 0.5, (24_000, 2)).astype("float32")
    with path.open("wb") as file:
        soundfile.write(file, samples, 48_000, format="WAV", subtype="FLOAT")
    return path


@pytest.mark.parametrize("name", ["/a/b.wav", "/a/ü.wav", f"/a/{LATIN}.wav", "/a/100%.wav", "/bytes:/x"])
def test_a_path_comes_back_from_its_text(name: str) -> None:
    text = path_text(name)
    text.encode("utf-8")
    assert text_path(text) == Path(name)
    printable_text(name).encode("utf-8")


def test_names_that_are_not_utf_8_go_in_and_out(bandmate: CommandLine) -> None:
    noise(bandmate.folder / f"{LATIN}.wav", 1)
    bandmate.good("separate", f"{LATIN}.wav", "--stems", "drums", "-o", f"{LATIN} drums.wav")
    assert (bandmate.folder / f"{LATIN} drums.wav").is_file()
    bandmate.good(*SHORT, "-o", f"{LATIN}/", "--midi")
    assert sorted(path.suffix for path in (bandmate.folder / LATIN).iterdir()) == [".mid", ".wav"]
    bandmate.good("redo")
    assert (bandmate.folder / f"{LATIN}-2").is_dir()
    repaint = ("repaint", f"{LATIN}.wav", "claves", "--from", "0.1s", "--to", "0.3s", "--bpm", "120")
    bandmate.good(*repaint, "-o", f"{LATIN} new.wav")
    bandmate.good("redo")
    assert (bandmate.folder / f"{LATIN} new-2.wav").is_file()


def test_a_project_in_a_folder_that_is_not_utf_8_takes_results_and_redos(bandmate: CommandLine) -> None:
    folder = bandmate.folder / LATIN
    folder.mkdir()
    song = folder / f"{LATIN}.rpp"
    song.write_text("<REAPER_PROJECT 0.1 7.0 1\n  TEMPO 120 4 4\n  SAMPLERATE 48000 0 0\n>\n")
    bandmate.good(*SHORT[:4], "--into", song, "--at", "1.1")
    bandmate.good("redo")
    bandmate.good("repaint", "claves", "--into", song, "--track", "1", "--from", "1.2", "--to", "1.3")
    takes = [len(item.takes) for track in Project.load(song).tracks for item in track.items]
    assert max(takes) >= 2


@pytest.mark.parametrize("letter", ["n", "ü", "机"])
def test_the_longest_names_that_a_disk_takes(bandmate: CommandLine, letter: str) -> None:
    stem = shorten_name(letter * 255, ".wav").removesuffix(".wav")
    assert 248 <= len(os.fsencode(f"{stem}.wav")) - 1 <= 255
    bandmate.good(*SHORT, "-o", f"{stem}.wav", "--midi")
    bandmate.good("redo")
    assert len([*bandmate.folder.glob("*.wav")]) == len([*bandmate.folder.glob("*.mid")]) == 2
    song = bandmate.folder / f"{stem}.rpp"
    song.write_text("<REAPER_PROJECT 0.1 7.0 1\n  TEMPO 120 4 4\n>\n")
    bandmate.good(*SHORT[:4], "--into", song, "--at", "1.1")
    assert "claves" in song.read_text().casefold()


def test_a_name_that_is_too_long_is_said_before_any_work(bandmate: CommandLine) -> None:
    said = bandmate.refused(*SHORT, "-o", "n" * 252 + ".wav")
    assert "shorter name" in said
    assert "Connecting" not in said


def test_a_link_is_written_through(bandmate: CommandLine, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = bandmate.folder / "link.wav"
    link.symlink_to(elsewhere / "take.wav")
    bandmate.good(*SHORT, "-o", "link.wav")
    assert link.is_symlink()
    first = (elsewhere / "take.wav").read_bytes()
    assert "already exists" in bandmate.refused(*SHORT, "-o", "link.wav")
    (elsewhere / "take.wav").chmod(0o640)
    bandmate.good(*SHORT, "-o", "link.wav", "--force", "--rate", "44100")
    assert link.is_symlink()
    assert (elsewhere / "take.wav").read_bytes() != first
    assert (elsewhere / "take.wav").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in elsewhere.iterdir()] == ["take.wav"]


def test_a_project_behind_a_link_keeps_the_link(bandmate: CommandLine, song: Path) -> None:
    link = bandmate.folder / "link.rpp"
    link.symlink_to(song.name)
    before = song.read_bytes()
    bandmate.good(*SHORT[:4], "--into", link, "--at", "1.1")
    assert link.is_symlink()
    assert song.read_bytes() != before


def test_a_link_to_itself_is_said(tmp_path: Path) -> None:
    loop = tmp_path / "loop.wav"
    loop.symlink_to(loop)
    with pytest.raises(RequestError, match="is a broken link"):
        check_free(loop)


def test_a_link_onto_another_file_system_is_written_through(tmp_path: Path) -> None:
    """/dev/shm is one, next to the folder of the tests."""
    target = Path("/dev/shm") / f"bandmate-{os.getpid()}.wav"
    link = tmp_path / "link.wav"
    link.symlink_to(target)
    partial = tmp_path / ".new.part"
    try:
        for replace, data in ((False, b"one"), (True, b"two")):
            partial.write_bytes(data)
            put_in_place(partial, link, replace=replace)
            assert (link.is_symlink(), target.read_bytes(), partial.exists()) == (True, data, False)
    finally:
        target.unlink(missing_ok=True)


@pytest.mark.parametrize("arguments", [(), ("--force",)])
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/full", "pipe.wav", "pipe"])
def test_what_is_no_file_is_not_written_to(
    bandmate: CommandLine, name: str, arguments: tuple[str, ...]
) -> None:
    for pipe in ("pipe", "pipe.wav"):
        os.mkfifo(bandmate.folder / pipe)
    done = bandmate.run(*SHORT, "-o", name, *arguments)
    assert done.code == 1
    assert "is a device or a pipe" in done.err
    assert sorted(path.name for path in bandmate.folder.iterdir() if path.is_fifo()) == ["pipe", "pipe.wav"]


def test_what_is_protected_stays(bandmate: CommandLine) -> None:
    kept = bandmate.folder / "kept.wav"
    kept.write_bytes(b"mine")
    kept.chmod(0o444)
    assert "write-protected" in bandmate.refused(*SHORT, "-o", "kept.wav", "--force")


def test_an_error_names_the_file_that_was_asked_for(bandmate: CommandLine) -> None:
    done = bandmate.run(*SHORT, "-o", "/sys/out.wav")
    assert done.code == 1
    assert "/sys/out.wav" in done.err
    assert ".part" not in done.err


def test_a_full_disk_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    final = tmp_path / "out.wav"
    with pytest.raises(RequestError, match=r"not enough space for .*out\.wav") as caught:
        WavFile(partial_path(final), sample_rate=48_000, channels=2, frames=2**50, named=final)
    assert ".part" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_folder_without_permission_is_said() -> None:
    """As another user than root, who may write anywhere."""
    code = """
import os, sys
from pathlib import Path
from bandmate_bridge.files import check_free
from bandmate_bridge.requests.piped_audio import check_audio_file
from bandmate_protocol.errors import RequestError
if os.getuid() == 0:
    os.setgroups([])
    os.setuid(65534)
for check, path in ((check_free, sys.argv[1]), (check_audio_file, sys.argv[2])):
    try:
        check(Path(path))
    except RequestError as error:
        print(error)
"""
    with tempfile.TemporaryDirectory() as folder:
        closed = Path(folder) / "closed"
        closed.mkdir(mode=0o700)
        os.chmod(folder, 0o555)
        command = [sys.executable, "-c", code, f"{folder}/out.wav", f"{closed}/in.wav"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        os.chmod(folder, 0o755)
    assert "You may not write to the folder" in done.stdout
    if os.getuid() == 0:
        assert "in.wav cannot be read: Permission denied" in done.stdout


def piped(bandmate: CommandLine, audio: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`cat AUDIO | bandmate ...`"""
    with subprocess.Popen(["cat", str(audio)], stdout=subprocess.PIPE) as source:
        return subprocess.run(
            [sys.executable, "-m", "bandmate_plugins", *arguments],
            cwd=bandmate.folder,
            env=server_environ(bandmate.home),
            stdin=source.stdout,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


def test_audio_may_come_from_a_pipe(bandmate: CommandLine, tmp_path: Path) -> None:
    ended = piped(bandmate, noise(tmp_path / "a.wav", 2), "analyse", "/dev/stdin", "--engine", "dsp")
    assert (ended.returncode, "Length" in ended.stdout) == (0, True), ended
    music = ("claves", "--from", "0.1s", "--to", "0.3s", "--bpm", "120", "-o", "out.wav")
    ended = piped(bandmate, noise(tmp_path / "b.wav", 3), "repaint", "/dev/stdin", *music)
    assert ended.returncode == 0, ended
    assert (bandmate.folder / "out.wav").stat().st_size == (tmp_path / "b.wav").stat().st_size
    ended = piped(bandmate, noise(tmp_path / "c.wav", 4), *SHORT, "--context", "/dev/stdin", "-o", "with.wav")
    assert ended.returncode == 0, ended


def test_a_named_pipe_is_read_and_a_device_refused(bandmate: CommandLine, tmp_path: Path) -> None:
    pipe = bandmate.folder / "pipe.wav"
    os.mkfifo(pipe)
    source = noise(tmp_path / "a.wav", 5)
    with subprocess.Popen(["sh", "-c", 'cat "$0" > "$1"', str(source), str(pipe)]):
        assert "Length" in bandmate.good("analyse", "pipe.wav", "--engine", "dsp").out
    pipe.unlink()
    assert "is a device" in bandmate.refused("analyse", "/dev/zero")
    assert "is a device" in bandmate.refused("analyse", "/dev/null")


def test_free_names_stay_within_what_a_disk_takes(tmp_path: Path) -> None:
    long = tmp_path / ("n" * 251 + ".wav")
    long.touch()
    found = free_name(long)
    assert found.name == "n" * 249 + "-2.wav"
    found.touch()
    assert free_name(long).name == "n" * 249 + "-3.wav"
