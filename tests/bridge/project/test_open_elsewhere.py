"""Knowing that REAPER may have the project open, and where the result goes then."""

import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from bandmate_bridge.rpp import find_save_target, reaper_is_running
from bandmate_bridge.rpp.open_elsewhere import _from_ps, _from_tasklist, process_names


@pytest.mark.parametrize("name", ["reaper", "REAPER", "reaper.exe", "REAPER64", "reaper\n"])
def test_reaper_is_seen(name: str) -> None:
    assert reaper_is_running(lambda: ["init", name, "bash"])


@pytest.mark.parametrize(
    "names", [[], ["bash"], ["reaper_host64", "oom_reaper", "reaperx", "cassandra-reaper"]]
)
def test_other_programs_are_not_taken_for_it(names: list[str]) -> None:
    assert not reaper_is_running(lambda: names)


def test_not_knowing_counts_as_running() -> None:
    def refuse() -> Iterable[str]:
        raise PermissionError("no")

    assert reaper_is_running(refuse)


@pytest.mark.skipif(sys.platform != "linux", reason="the program is started by Linux's means")
def test_a_program_that_runs_is_listed(tmp_path: Path) -> None:
    program = tmp_path / "bandmate-probe"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([str(program), "30"]) as process:
        try:
            # Its name stands there an instant after it was started.
            until = time.monotonic() + 20
            while "bandmate-probe" not in [name.strip() for name in process_names()]:
                assert time.monotonic() < until, "a running program is not listed"
        finally:
            process.kill()


def test_the_running_programs_can_be_told_here() -> None:
    assert list(process_names())


def test_what_windows_and_macos_say_is_understood() -> None:
    tasklist = (
        '"System Idle Process","0","Services","0","8 K"\r\n"reaper.exe","77","Console","1","312,000 K"\r\n'
    )
    assert reaper_is_running(lambda: _from_tasklist(tasklist))
    assert reaper_is_running(lambda: _from_ps("launchd\nREAPER\nFinder\n"))
    assert not reaper_is_running(lambda: _from_tasklist("INFO: No tasks are running\r\n"))


def test_without_reaper_the_project_itself_is_written(tmp_path: Path) -> None:
    target = find_save_target(tmp_path / "song.rpp", daw_running=False)
    assert (target.where, target.path, target.sentence) == ("project", tmp_path / "song.rpp", "")


def test_with_reaper_a_copy_beside_it_is_written_and_said(tmp_path: Path) -> None:
    target = find_save_target(tmp_path / "song.rpp", daw_running=True)
    assert (target.where, target.path) == ("copy", tmp_path / "song-bandmate.rpp")
    assert "song-bandmate.rpp" in target.sentence
    assert "--force" in target.sentence


def test_a_copy_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    for name in ("song-bandmate.RPP", "song-bandmate-2.RPP"):
        (tmp_path / name).write_bytes(b"mine")
    assert find_save_target(tmp_path / "song.RPP", daw_running=True).path == tmp_path / "song-bandmate-3.RPP"


def test_by_force_the_project_is_written_with_a_warning(tmp_path: Path) -> None:
    for running, agent in ((True, False), (True, True), (False, True)):
        target = find_save_target(tmp_path / "song.rpp", force=True, daw_running=running, agent_alive=agent)
        assert (target.where, target.path) == ("project", tmp_path / "song.rpp")
        assert "is open there, reload it before you save, or you lose this result" in target.sentence
    assert find_save_target(tmp_path / "song.rpp", force=True, daw_running=False).sentence == ""


def test_with_an_agent_in_reaper_the_result_goes_there(tmp_path: Path) -> None:
    target = find_save_target(tmp_path / "song.rpp", daw_running=True, agent_alive=True)
    assert (target.where, target.path) == ("agent", tmp_path / "song.rpp")
    assert "REAPER has song.rpp open" in target.sentence
