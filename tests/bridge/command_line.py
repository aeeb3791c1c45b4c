"""The real command line, in processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.patience import PATIENCE_SECONDS
from tests.running import server_environ


@dataclass
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass
class CommandLine:
    """`bandmate ...` with a home of its own, in a folder of its own."""

    home: Path
    folder: Path

    def start(self, *arguments: object, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "bandmate_plugins", *map(str, arguments)],
            cwd=self.folder,
            env=server_environ(self.home) | environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            start_new_session=os.name != "nt",
        )

    def run(self, *arguments: object, **environ: str) -> Done:
        process = self.start(*arguments, **environ)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        return Done(process.returncode, out, err)

    def good(self, *arguments: object, **environ: str) -> Done:
        done = self.run(*arguments, **environ)
        assert done.code == 0, done
        return done

    def refused(self, *arguments: object, code: int = 1, **environ: str) -> str:
        """Runs what must be refused; every file is as it was. Returns the sentence."""
        before = snapshot(self.folder)
        done = self.run(*arguments, **environ)
        assert done.code == code, done
        assert "Traceback" not in done.err, done
        assert snapshot(self.folder) == before
        return done.err


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }
