"""Saving: whole or not at all, with a backup, and never over somebody else's change."""

import os
import stat
import subprocess
import sys
import tempfile
import threading
from datetime import date
from pathlib import Path

import pytest

from bandmate_bridge.rpp import NewStem, NewTake, Project, new_project
from bandmate_bridge.rpp.save import SavedBackup, create_project, replace_project
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.bridge.project.samples import reaper6, reaper7


def edited(song: Path) -> Project:
    project = Project.load(song)
    project.insert_stems([NewStem("Drums", 0, 100, [NewTake("Drums", song.parent / "d.wav")])])
    return project


def folder(song: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in song.parent.iterdir()}


def today(song: Path) -> str:
    return f"{song.name}-bandmate-day-{date.today().isoformat()}"


def test_the_project_is_replaced_and_the_original_kept_beside_it(song: Path) -> None:
    project = edited(song)
    backup = project.save()
    kept = {"song.rpp-bandmate-bak": reaper7(), today(song): reaper7()}
    assert folder(song) == {"song.rpp": project.encode(), **kept}
    here = song.resolve()
    assert backup == SavedBackup(here.with_name("song.rpp-bandmate-bak"), here.with_name(today(song)))


def test_the_last_five_states_and_the_first_of_the_day_are_kept(song: Path) -> None:
    project = edited(song)
    states = [song.read_bytes()]
    for number in range(8):
        project.insert_stems([NewStem(f"Bass {number}", 0, 100, [NewTake("Bass", song.parent / "b.wav")])])
        backup = project.save()
        assert backup is not None
        assert (backup.day is not None) == (number == 0)
        states.append(song.read_bytes())
    names = [f"song.rpp-bandmate-bak{number}" for number in ("", 2, 3, 4, 5)]
    last = dict(zip(names, reversed(states[3:8]), strict=True))
    assert folder(song) == {"song.rpp": states[8], today(song): states[0], **last}


def test_three_days_are_kept_and_nothing_else_is_removed(song: Path) -> None:
    days = [f"song.rpp-bandmate-day-2020-01-0{day}" for day in (1, 2, 3)]
    others = ["song.rpp-bandmate-day-mine", "other.rpp-bandmate-day-2020-01-01"]
    for name in (*days, *others):
        song.with_name(name).write_bytes(b"kept")
    edited(song).save()
    assert set(folder(song)) == {"song.rpp", "song.rpp-bandmate-bak", today(song), *days[1:], *others}


def test_a_project_that_changed_meanwhile_is_left_alone(song: Path) -> None:
    project = edited(song)
    song.write_bytes(reaper6())
    with pytest.raises(RequestError, match="in the meantime, so Bandmate did not write to it") as caught:
        project.save()
    assert caught.value.code is ErrorCode.PROJECT_CHANGED
    assert folder(song) == {"song.rpp": reaper6()}


def test_a_project_that_went_away_is_not_made_again(song: Path) -> None:
    project = edited(song)
    song.unlink()
    with pytest.raises(RequestError) as caught:
        project.save()
    assert caught.value.code is ErrorCode.PROJECT_CHANGED
    assert folder(song) == {}


def test_a_change_while_the_new_file_is_written_is_seen(song: Path) -> None:
    def write_slowly(handle: int, data: bytes) -> int:
        song.write_bytes(reaper6())
        return os.write(handle, data[:1000])

    with pytest.raises(RequestError) as caught:
        replace_project(song, edited(song).encode(), reaper7(), write=write_slowly)
    assert caught.value.code is ErrorCode.PROJECT_CHANGED
    assert folder(song) == {"song.rpp": reaper6()}


def test_a_write_in_small_pieces_is_whole(song: Path) -> None:
    replace_project(song, reaper6() * 50, reaper7(), write=lambda handle, data: os.write(handle, data[:7]))
    assert song.read_bytes() == reaper6() * 50


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_permissions_stay(song: Path, mode: int) -> None:
    song.chmod(mode)
    edited(song).save()
    for path in (song, song.with_name("song.rpp-bandmate-bak"), song.with_name(today(song))):
        assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_is_followed_and_stays_a_link(song: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.rpp"
    link.symlink_to(song)
    project = edited(link)
    project.save()
    assert link.is_symlink()
    assert song.read_bytes() == project.encode()


def test_a_write_protected_project_is_left_alone(song: Path) -> None:
    song.chmod(0o444)
    with pytest.raises(RequestError, match="is write-protected") as caught:
        edited(song).save()
    assert caught.value.code is ErrorCode.FILE_UNUSABLE
    assert folder(song) == {"song.rpp": reaper7()}


LIMITED = """
import resource, sys
from pathlib import Path
from bandmate_protocol.errors import BandmateError
from tests.bridge.project.test_save import edited
project = edited(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    project.save()
except BandmateError as error:
    print(error.code, error.sentence)
"""


@pytest.mark.skipif(os.name == "nt", reason="the limit is Unix's")
def test_a_disk_that_takes_no_more_leaves_everything_as_it_was(song: Path) -> None:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(song)], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout.startswith("disk_full The disk is full"), done.stderr
    assert folder(song) == {"song.rpp": reaper7()}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_leaves_everything_as_it_was(song: Path) -> None:
    def write_to_full_disk(handle: int, data: bytes) -> int:
        full = os.open("/dev/full", os.O_WRONLY)
        try:
            return os.write(full, data)
        finally:
            os.close(full)

    for action in (
        lambda: replace_project(song, reaper6(), reaper7(), write=write_to_full_disk),
        lambda: create_project(song.with_name("new.rpp"), reaper6(), write=write_to_full_disk),
    ):
        with pytest.raises(RequestError) as caught:
            action()
        assert caught.value.code is ErrorCode.DISK_FULL
        assert folder(song) == {"song.rpp": reaper7()}


UNPRIVILEGED = """
import os, sys
from pathlib import Path
from bandmate_protocol.errors import BandmateError
from tests.bridge.project.test_save import edited
project = edited(Path(sys.argv[1]))
if os.getuid() == 0:
    os.setresuid(65534, 65534, 65534)
for action in (project.save, lambda: project.media_path("a", "b")):
    try:
        action()
    except BandmateError as error:
        print(error.code)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_read_only_folder_is_told() -> None:
    with tempfile.TemporaryDirectory() as place:
        song = Path(place) / "song.rpp"
        song.write_bytes(reaper7())
        song.chmod(0o666)
        song.parent.chmod(0o555)
        root = Path(__file__).parents[3]
        done = subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED, str(song)],
            capture_output=True,
            text=True,
            cwd=root,
            check=True,
        )
        assert done.stdout.split() == ["file_unusable", "file_unusable"], done.stderr
        assert folder(song) == {"song.rpp": reaper7()}
        song.parent.chmod(0o755)


def test_a_new_project_never_takes_the_place_of_a_file(song: Path) -> None:
    with pytest.raises(RequestError, match="already exists") as caught:
        new_project(song).save()
    assert caught.value.code is ErrorCode.FILE_EXISTS
    with pytest.raises(RequestError) as caught:
        new_project(song.parent / "none" / "new.rpp").save()
    assert caught.value.code is ErrorCode.FILE_UNUSABLE
    assert folder(song) == {"song.rpp": reaper7()}


def test_a_project_saved_elsewhere_leaves_the_original_and_belongs_there(song: Path) -> None:
    project, copy = edited(song), song.with_name("song-bandmate.rpp")
    assert project.save(copy) is None
    assert project.path == copy
    assert folder(song) == {"song.rpp": reaper7(), "song-bandmate.rpp": project.encode()}
    project.save()
    assert copy.with_name("song-bandmate.rpp-bandmate-bak").exists()


@pytest.mark.skipif(os.name == "nt", reason="the lock on the folder is Unix's")
def test_of_several_who_save_at_once_one_wins_and_the_others_are_told(song: Path) -> None:
    projects = [edited(song) for _ in range(8)]
    codes: list[str] = []
    together = threading.Barrier(len(projects))

    def save(project: Project) -> None:
        together.wait()
        try:
            project.save()
            codes.append("saved")
        except RequestError as error:
            codes.append(error.code)

    threads = [threading.Thread(target=save, args=(project,)) for project in projects]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["project_changed"] * 7 + ["saved"]
    assert song.read_bytes() in [project.encode() for project in projects]
    assert song.with_name("song.rpp-bandmate-bak").read_bytes() == reaper7()
    assert len(folder(song)) == 3


@pytest.mark.skipif(os.name == "nt", reason="the lock on the folder is Unix's")
def test_a_second_writer_waits_until_the_first_is_done(song: Path) -> None:
    second_began, outcome = threading.Event(), []

    def write_second(handle: int, data: bytes) -> int:
        second_began.set()
        return os.write(handle, data)

    def save_second() -> None:
        try:
            replace_project(song, reaper7() + b"\n", reaper7(), write=write_second)
        except RequestError as error:
            outcome.append(error.code)

    second = threading.Thread(target=save_second)

    def write_first(handle: int, data: bytes) -> int:
        if not second.ident:
            second.start()
            assert not second_began.wait(0.3)
        return os.write(handle, data)

    replace_project(song, reaper6(), reaper7(), write=write_first)
    second.join()
    assert outcome == [ErrorCode.PROJECT_CHANGED]
    assert song.read_bytes() == reaper6()
