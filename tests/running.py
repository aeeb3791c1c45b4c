"""A real server in a process of its own, with a home of its own, for tests of every part."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.patience import PATIENCE_SECONDS

DOUBLES = Path(__file__).parent / "doubles"


class RunningServer:
    """`python -m bandmate_plugins serve`; can be killed and started again on the same home and port."""

    def __init__(self, home: Path, *options: str, environ: dict[str, str] | None = None) -> None:
        self.home = home
        self.options = options
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.environ = server_environ(home) | (environ or {})
        self.start_seconds = 0.0

    @property
    def token(self) -> str:
        return (self.home / "config" / "token").read_text()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.home / "console.log").read_text(errors="replace")

    def start(self) -> "RunningServer":
        self.home.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        command = [sys.executable, "-m", "bandmate_plugins", "serve", "--port", str(self.port), *self.options]
        with (self.home / "console.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environ, stdout=log, stderr=log, start_new_session=os.name != "nt"
            )
        where = self.home / "state" / "server.json"
        while True:
            with contextlib.suppress(OSError, ValueError):
                said = json.loads(where.read_text())
                if said["pid"] == self.process.pid:
                    self.port = said["port"]
                    break
            assert self.process.poll() is None, self.log
            assert time.perf_counter() - started < PATIENCE_SECONDS, f"the server is not ready:\n{self.log}"
            time.sleep(0.005)
        self.start_seconds = time.perf_counter() - started
        return self

    def kill(self) -> None:
        """SIGKILL, without a chance to tidy up."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, and waits for the end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def workers(self) -> list[int]:
        """Process ids of the server's workers."""
        import psutil

        found = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if "bandmate_server.workers.main" in child.cmdline():
                    found.append(child.pid)
        return found

    def memory_bytes(self) -> int:
        import psutil

        return psutil.Process(self.process.pid).memory_info().rss


def server_environ(home: Path) -> dict[str, str]:
    """The environment of a server or command with its own home, the doubles installed, warnings as errors."""
    environ = dict(os.environ)
    environ["BANDMATE_HOME"] = str(home)
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(DOUBLES), environ.get("PYTHONPATH", "")]))
    for name in list(environ):
        if name.startswith("BANDMATE_SERVER"):
            del environ[name]
    return environ
