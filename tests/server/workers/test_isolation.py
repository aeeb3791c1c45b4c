"""What a plugin does to its worker costs its own job alone, and nothing that it starts holds up the next."""

import contextlib
import sys
import time
from pathlib import Path

import psutil
import pytest

from bandmate_protocol.messages import Cancel, Cancelled, Done, Failed
from bandmate_protocol.session import StemPiece
from tests.running import RunningServer
from tests.server.wire import Wire

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sessions, signals and fork are POSIX")


@pytest.fixture
def quick_server(tmp_path):
    """A server that gives a cancelled job little time."""
    server = RunningServer(tmp_path / "home", environ={"BANDMATE_SERVER_GRACE_SECONDS": "0.3"}).start()
    yield server
    assert server.stop() == 0, server.log


@pytest.fixture
def note(tmp_path):
    """A file that a plugin writes the number of a process to; that process is ended with the test."""
    path = tmp_path / "pid"
    yield path
    if path.exists():
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(int(path.read_text())).kill()


def process_in(note):
    while not note.exists():
        time.sleep(0.01)
    return psutil.Process(int(note.read_text()))


def test_a_program_that_outlives_its_worker_ends_and_the_lane_goes_on(quick_server, note, tmp_path):
    params = {"kind": "leave_program", "marker": str(tmp_path / "once"), "note": str(note)}
    with Wire(quick_server) as wire:
        done = wire.run("trouble", params)
        assert isinstance(done, Done), "the lane went on"
        assert done.attempt == 1
        with contextlib.suppress(psutil.NoSuchProcess):
            process_in(note).wait(30)


def test_a_cancelled_job_ends_with_the_programs_that_it_started(quick_server, note):
    with Wire(quick_server) as wire:
        accepted = wire.submit("trouble", {"kind": "hang_with_program", "note": str(note)})
        program = process_in(note)
        wire.send(Cancel(job=accepted.job))
        assert isinstance(wire.end(accepted.job), Cancelled)
        program.wait(30)


def test_a_daemon_keeps_its_life_and_holds_up_nobody(quick_server, note, tmp_path):
    params = {"kind": "leave_daemon", "marker": str(tmp_path / "once"), "note": str(note)}
    with Wire(quick_server) as wire:
        assert isinstance(wire.run("trouble", params), Done)
        assert process_in(note).is_running(), "it holds the first worker's pipes"


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_a_copy_of_the_worker_ends_with_the_server(own_server, note, way):
    with Wire(own_server) as wire:
        assert isinstance(wire.run("trouble", {"kind": "leave_copy", "note": str(note)}), Done)
        copy = process_in(note)
        assert copy.is_running()
        if way == "stop":
            assert own_server.stop() == 0
        else:
            own_server.kill()
    copy.wait(30)


def test_a_job_that_goes_on_in_two_processes_is_written_once(server, note):
    with Wire(server) as wire:
        plain = wire.run("trouble", {"kind": "none"})
        twice = wire.run("trouble", {"kind": "run_twice"})
        assert isinstance(twice, Done)
        assert wire.finished[twice.job, 0] == wire.finished[plain.job, 0]
        pieces = [(event.stem.job, event.offset) for event in wire.events if isinstance(event, StemPiece)]
        assert len(pieces) == len(set(pieces)), "no piece came twice"


@pytest.mark.parametrize("kind", ["write_rubbish", "write_long_head", "patch_reports", "patch_frames"])
def test_an_unreadable_report_replaces_the_worker(server, wire, tmp_path, kind):
    done = wire.run("trouble", {"kind": kind, "marker": str(tmp_path / "once")})
    assert isinstance(done, Done), "made again in a new worker"
    assert done.attempt == 1
    assert "could not be run" not in server.log


@pytest.mark.parametrize(
    ("kind", "words"), [("not_unicode", "cannot read caf?.wav"), ("no_text", "SilentError")]
)
def test_an_error_that_is_hard_to_write_down_is_reported(wire, kind, words):
    failed = wire.run("trouble", {"kind": kind})
    assert isinstance(failed, Failed)
    assert (failed.code, failed.attempt) == ("engine_failed", 0)
    assert words in failed.sentence


def test_a_plugin_from_outside_that_failed_leaves_a_fresh_worker(own_server):
    with Wire(own_server) as wire:
        assert isinstance(wire.run("noise"), Done)
        (before,) = own_server.workers()
        assert isinstance(wire.run("noise"), Done)
        assert own_server.workers() == [before]
        assert wire.run("trouble", {"kind": "raise"}).code == "engine_failed"
        assert isinstance(wire.run("noise"), Done)
        assert before not in own_server.workers()


def test_a_built_in_task_that_fails_where_a_plugin_has_patched_is_made_again(own_server):
    with Wire(own_server) as wire:
        expected = wire.run("generate", {"prompt": "piano"}, seed=1)
        assert isinstance(wire.run("trouble", {"kind": "patch_sketch"}), Done)
        again = wire.run("generate", {"prompt": "piano"}, seed=1)
        assert isinstance(again, Done)
        assert again.attempt == 1
        assert wire.finished[again.job, 0] == wire.finished[expected.job, 0]


def test_a_report_that_no_frame_holds_is_the_plugins_fault(wire):
    failed = wire.run("trouble", {"kind": "long_report"})
    assert isinstance(failed, Failed)
    assert failed.code == "engine_failed"
    assert "report cannot be sent" in failed.sentence


def test_what_a_plugin_leaves_behind_at_its_import_ends_with_the_scan(tmp_path, note):
    """The catalogue is read in a child of its own, which the plugin may leave things in as well."""
    from bandmate_plugins._host.loading.children import scan_all
    from bandmate_plugins._host.loading.records import FoundPlugin

    (tmp_path / "bandmate_leaver.py").write_text(
        "import subprocess, sys\n"
        "from pathlib import Path\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"Path({str(note)!r}).write_text(str(child.pid))\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        (scan,) = scan_all(
            [FoundPlugin(name="leaver", value="bandmate_leaver", distribution="leaver", version="1")]
        )
    finally:
        sys.path.remove(str(tmp_path))
    assert scan.status in ("enabled", "invalid"), scan.reason
    with contextlib.suppress(psutil.NoSuchProcess):
        process_in(Path(note)).wait(30)


def test_a_tree_of_processes_ends_from_its_root(note):
    """How it is done on Windows, which has no process groups to kill."""
    from bandmate_plugins._platform.process_group import kill_tree

    script = (
        "import subprocess, sys; from pathlib import Path\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"Path({str(note) + '.new'!r}).write_text(str(child.pid))\n"
        f"Path({str(note) + '.new'!r}).replace({str(note)!r})\n"
        "child.wait()\n"
    )
    with psutil.Popen([sys.executable, "-c", script]) as root:
        child = process_in(note)
        kill_tree(root.pid)
        root.wait(30)
        with contextlib.suppress(psutil.NoSuchProcess):
            child.wait(30)
