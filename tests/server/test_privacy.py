"""Other users of the machine stay outside: folders closed, files private, whatever the umask was."""

import os
import stat
import sys

import pytest

from bandmate_plugins._platform import home
from bandmate_protocol.errors import BandmateError, RequestError
from bandmate_server.config import Settings
from bandmate_server.doctor.checks import check_folders
from bandmate_server.privacy import close_folders
from tests.running import RunningServer
from tests.server.wire import Wire

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")
FOLDERS = ("config", "data", "state", "cache")


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    return tmp_path


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o022, 0o000], ids=["usual umask", "no umask"])
def test_nothing_that_a_server_and_its_worker_make_is_open(tmp_path, umask):
    before = os.umask(umask)
    try:
        server = RunningServer(tmp_path / "home" / "deep")
        server.start()
    finally:
        os.umask(before)
    with Wire(server) as wire:
        wire.upload(b"R" * 1000)
        wire.run("noise")
    assert server.stop() == 0
    for folder in FOLDERS:
        assert mode(server.home / folder) == 0o700
    made = [path for path in server.home.rglob("*") if path.name != "console.log"]
    assert {path.suffix for path in made} >= {".f32", ".bin", ".log", ".sqlite", ".journal"}
    assert [path for path in made if mode(path) & 0o077] == []


def test_folders_that_were_open_are_closed_and_it_is_said(place):
    for folder in FOLDERS:
        (place / folder).mkdir()
        (place / folder).chmod(0o755)
    said = close_folders(Settings())
    assert [mode(place / folder) for folder in FOLDERS] == [0o700] * 4
    assert all(any(str(place / folder) in sentence for sentence in said) for folder in FOLDERS)
    assert close_folders(Settings()) == []


def test_a_data_folder_of_ones_own_choice_is_closed_if_it_is_bandmates_alone(place, tmp_path):
    ours, shared = tmp_path / "ours", tmp_path / "shared"
    for folder in (ours, shared):
        (folder / "audio").mkdir(parents=True)
        (folder / "jobs.sqlite-wal").touch()
        folder.chmod(0o755)
    (shared / "holiday.jpg").touch()
    close_folders(Settings(data=ours))
    assert mode(ours) == 0o700
    (sentence,) = [each for each in close_folders(Settings(data=shared)) if "shared" in each]
    assert mode(shared) == 0o755
    assert "chmod 700" in sentence


def test_a_home_that_others_may_write_to_is_said(place):
    place.chmod(0o777)
    try:
        assert any("could replace" in sentence for sentence in close_folders(Settings()))
    finally:
        place.chmod(0o755)


@pytest.fixture
def stranger(monkeypatch):
    """From here on everything there is belongs to another user than this one."""
    if os.geteuid() == 0:
        give = lambda path: os.chown(path, 65534, 65534)  # noqa: E731
    else:
        give = lambda path: monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)  # noqa: E731
    return give


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_of_another_user_is_refused_with_the_way_out(place, stranger, folder):
    home.server_token()
    (place / folder).mkdir(exist_ok=True)
    stranger(place / folder)
    with pytest.raises(RequestError, match="belongs to another user") as refused:
        close_folders(Settings())
    assert "=FOLDER" in refused.value.remedy
    findings = {finding.about: finding for finding in check_folders()}
    assert findings["privacy"].state == "bad"


def test_a_token_that_another_user_put_there_is_not_shown(place, stranger):
    home.server_token()
    (place / "config" / "token").unlink()
    (place / "config" / "token").write_text("0" * 64)
    stranger(place / "config" / "token")
    with pytest.raises(BandmateError, match="belongs to another user"):
        home.server_token()
