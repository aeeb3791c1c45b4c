"""A controller on JACK in a process of its own, which can be pulled out at any time.

`python -m` with its name starts it. It sends what comes by lines on its input, and says what it is told by
lines on its output.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from tests.patience import PATIENCE_SECONDS


class Box:
    """A virtual port of each direction."""

    def __init__(self, name: str = "bandmate-box") -> None:
        command = [sys.executable, "-m", "tests.server.midi.box", name]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        self.seen: list[list[int]] = []
        self._reader = threading.Thread(target=self._hear)
        self._reader.start()

    def _hear(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.seen.append(json.loads(line))

    def send(self, message: list[int]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")

    def until(self, found: Callable[[], bool], send: list[int] | None = None) -> None:
        """Waits until it is so; sends something, and again when nothing came of it: JACK may lose it."""
        deadline, again = time.monotonic() + PATIENCE_SECONDS, 0.0
        while not found():
            now = time.monotonic()
            assert now < deadline, self.seen[-40:]
            if send is not None and now >= again:
                self.send(send)
                again = now + 5
            time.sleep(0.02)

    def close(self) -> None:
        """Pulls it out."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


def main() -> None:
    import rtmidi

    name = sys.argv[1]
    out = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name=name)
    out.open_virtual_port("box")
    heard = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name=f"{name}-in")
    heard.ignore_types(sysex=False)
    heard.open_virtual_port("box")
    print("ready", flush=True)
    threading.Thread(target=_tell, args=(heard,), daemon=True).start()
    for line in sys.stdin:
        out.send_message(json.loads(line))


def _tell(heard: object) -> None:
    while True:
        while (got := heard.get_message()) is not None:  # type: ignore[attr-defined]
            print(json.dumps(got[0]), flush=True)
        time.sleep(0.01)


if __name__ == "__main__":
    main()
