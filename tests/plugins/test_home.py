"""Bandmate's folders, the token, and where the server says it is."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bandmate_plugins._platform import home as places
from bandmate_protocol.errors import BandmateError, ErrorCode

posix = pytest.mark.skipif(os.name == "nt", reason="Windows keeps others out by the folder, not by the mode")

FOLDERS = {
    "config": places.config_dir,
    "data": places.data_dir,
    "state": places.state_dir,
    "cache": places.cache_dir,
}


def test_one_setting_moves_everything(home: Path) -> None:
    assert {name: find() for name, find in FOLDERS.items()} == {name: home / name for name in FOLDERS}


def test_the_setting_may_be_relative_or_name_the_users_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BANDMATE_HOME", "here")
    assert places.data_dir() == tmp_path / "here" / "data"
    monkeypatch.setenv("BANDMATE_HOME", "~/there")
    assert places.data_dir() == Path.home() / "there" / "data"


def test_without_it_the_systems_places_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BANDMATE_HOME", raising=False)
    for find in FOLDERS.values():
        assert find().is_absolute()
        assert "bandmate" in find().parts


def test_the_token_is_made_once(home: Path) -> None:
    first = places.server_token()
    assert len(bytes.fromhex(first)) == 32
    assert places.server_token() == first
    assert (home / "config" / "token").read_text() == first


def test_every_home_has_its_own_token(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = places.server_token()
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "other"))
    assert places.server_token() != first


@posix
def test_only_the_owner_can_read_the_token(home: Path) -> None:
    places.server_token()
    path = home / "config" / "token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    places.server_token()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_processes_that_start_at_once_get_one_token(home: Path) -> None:
    code = (
        "import sys\n"
        "from bandmate_plugins._platform.home import server_token\n"
        "sys.stdin.read(1)\n"
        "print(server_token())"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("g")
        racer.stdin.flush()
    tokens = {racer.communicate(timeout=60)[0].strip() for racer in racers}
    assert len(tokens) == 1
    assert len(tokens.pop()) == 64
    assert [file.name for file in (home / "config").iterdir()] == ["token"]


def refuse_links(*paths: Any) -> NoReturn:
    raise OSError(errno.EPERM, "this file system has no hard links")


def test_threads_on_a_file_system_without_links_get_one_token(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", refuse_links)
    tokens: list[str] = []
    barrier = threading.Barrier(8)

    def race() -> None:
        barrier.wait()
        tokens.append(places.server_token())

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens) == 8
    assert len(set(tokens)) == 1
    assert [file.name for file in (home / "config").iterdir()] == ["token"]


def test_a_token_that_is_still_being_written_is_waited_for(home: Path) -> None:
    path = home / "config" / "token"
    path.parent.mkdir(parents=True)
    path.touch()

    def fill() -> None:
        time.sleep(0.2)
        path.write_text("ab" * 32)

    writer = threading.Thread(target=fill)
    writer.start()
    assert places.server_token() == "ab" * 32
    writer.join()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "incomplete"), (b"abc", "incomplete"), ("ü".encode() * 64, "cannot be read")],
)
def test_a_damaged_token_is_refused(home: Path, content: bytes, sentence: str) -> None:
    path = home / "config" / "token"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(BandmateError, match=sentence) as caught:
        places.server_token()
    assert caught.value.code == ErrorCode.FILE_UNUSABLE
    assert path.read_bytes() == content


def test_a_folder_in_the_tokens_place_is_refused(home: Path) -> None:
    (home / "config" / "token").mkdir(parents=True)
    with pytest.raises(BandmateError, match="cannot be read"):
        places.server_token()


def test_a_private_file_is_whole_or_not_there(home: Path) -> None:
    path = home / "deep" / "file"
    places.write_private(path, b"first")
    places.write_private(path, b"second")
    assert path.read_bytes() == b"second"
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folder = home / "folder"
    (folder / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match=r".+"):
        places.write_private(folder, b"data")
    assert sorted(file.name for file in home.iterdir()) == ["deep", "folder"]


def test_the_server_says_where_it_is(home: Path) -> None:
    assert places.read_running() is None
    server = places.ServerRecord("127.0.0.1", 4711, 123, "0.1.0")
    places.write_running(server)
    assert places.read_running() == server
    places.clear_running(124)
    assert places.read_running() == server
    places.clear_running(123)
    assert places.read_running() is None
    places.clear_running(123)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff"])
def test_a_damaged_note_is_no_server(home: Path, content: bytes) -> None:
    (home / "state").mkdir(parents=True)
    (home / "state" / "server.json").write_bytes(content)
    assert places.read_running() is None
