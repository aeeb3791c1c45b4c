"""What a bad plugin does to its worker, by name; `note` is a file that learns the number of a process."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

_SLEEP = "import time; time.sleep(600)"


def misbehave(kind, note):
    """Does it; returns where the plugin goes on as if nothing had happened."""
    if kind in _KINDS:
        _KINDS[kind](note)


def _write(note, pid):
    fresh = Path(f"{note}.new")
    fresh.write_text(str(pid))
    fresh.replace(note)


def _raise(note):
    raise ValueError("the plugin has a bug")


def _memory(note):
    raise MemoryError


def _print(note):
    print("something on standard output")
    os.write(1, b"\x00\xff garbage on the raw descriptor\n")


def _hang(note):
    while True:
        time.sleep(0.05)


def _leave_program(note):
    """Starts a program that outlives the worker, which dies."""
    _write(note, subprocess.Popen([sys.executable, "-c", _SLEEP]).pid)
    os._exit(7)


def _hang_with_program(note):
    _write(note, subprocess.Popen([sys.executable, "-c", _SLEEP]).pid)
    _hang(note)


def _leave_daemon(note):
    """The same, out of reach: in a session of its own."""
    _write(note, subprocess.Popen([sys.executable, "-c", _SLEEP], start_new_session=True).pid)
    os._exit(7)


def _leave_copy(note):
    """Leaves a copy of the worker that holds all its pipes, in a session of its own."""
    if os.fork() == 0:
        os.setsid()
        _write(note, os.getpid())
        _hang(note)
    while not Path(note).exists():
        time.sleep(0.005)


def _run_twice(note):
    """Goes on in two processes."""
    os.fork()


def _report_pipes():
    for number in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(number).st_mode):
                yield number
        except OSError:
            continue


def _write_rubbish(note):
    for number in _report_pipes():
        try:
            os.write(number, b"\x04\x00\x00\x00junk")
        except OSError:
            continue


def _write_long_head(note):
    for number in _report_pipes():
        try:
            os.write(number, b"\x00\x00\x00\x7fjunk")
        except OSError:
            continue


def _patch_reports(note):
    sys.modules["__main__"].pack_frame = lambda report: b"\x03\x00\x00\x00abc"


def _patch_frames(note):
    """Frames of the protocol that are none, for good."""
    sys.modules["bandmate_server.workers.recorder"].encode_message = lambda message: b"rubbish"
    sys.modules["bandmate_server.workers.runner"].encode_message = lambda message: b"rubbish"


def _patch_sketch(note):
    """What a built-in plugin needs, for good."""
    from bandmate_plugins._engines.sketch import loaded

    loaded.parse_prompt = None


def _not_unicode(note):
    raise ValueError("cannot read caf\udce9.wav")


def _no_text(note):
    class SilentError(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    raise SilentError


_KINDS = {
    "raise": _raise,
    "exit": lambda note: sys.exit(3),
    "die": lambda note: os._exit(7),
    "memory": _memory,
    "print": _print,
    "hang": _hang,
    "leave_program": _leave_program,
    "hang_with_program": _hang_with_program,
    "leave_daemon": _leave_daemon,
    "leave_copy": _leave_copy,
    "run_twice": _run_twice,
    "write_rubbish": _write_rubbish,
    "write_long_head": _write_long_head,
    "patch_reports": _patch_reports,
    "patch_frames": _patch_frames,
    "patch_sketch": _patch_sketch,
    "not_unicode": _not_unicode,
    "no_text": _no_text,
}
