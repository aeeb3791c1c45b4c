"""Time stretchers that are no dependency of Bandmate, in a process and a virtual environment of their own.

pedalboard is under the GPL, as Rubber Band in it is: it is installed into a temporary folder and asked through files.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bandmate_plugins._platform.arrays import FloatArray32

PACKAGES = ("pedalboard==0.9.26", "bungee-python==0.2.1", "numpy==2.4.6")
_WORKER = """
import json, sys, time
import numpy as np
import pedalboard
from bungee_python import bungee

def stretch(way, samples, speed, rate, options):
    if way == "bungee":
        return bungee.Bungee(rate, samples.shape[1], speed=speed).process(samples)
    channels = np.ascontiguousarray(samples.T)
    return pedalboard.time_stretch(channels, rate, speed, **options).T

for line in sys.stdin:
    asked = json.loads(line)
    samples = np.load(asked["audio"])
    began = time.process_time()
    made = stretch(asked["way"], samples, asked["speed"], asked["rate"], asked["options"])
    seconds = time.process_time() - began
    np.save(asked["audio"], np.asarray(made, np.float32))
    print(json.dumps({"seconds": seconds}), flush=True)
"""


class OutsideStretchers:
    """The process that stretches."""

    def __init__(self, worker: subprocess.Popen[str], audio: Path) -> None:
        self._worker, self._audio = worker, audio

    def stretch(
        self,
        way: str,
        samples: FloatArray32,
        speed: float,
        rate: int,
        options: dict[str, Any],
    ) -> tuple[FloatArray32, float]:
        """Audio of shape (frames, channels) `speed` times as fast, and the processor seconds that it took.

        `way` is `pedalboard` or `bungee`.
        """
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        np.save(self._audio, np.ascontiguousarray(samples))
        asked = {"way": way, "audio": str(self._audio), "speed": speed, "rate": rate, "options": options}
        self._worker.stdin.write(json.dumps(asked) + "\n")
        self._worker.stdin.flush()
        answer = json.loads(self._worker.stdout.readline())
        return np.load(self._audio), float(answer["seconds"])


@contextmanager
def outside_stretchers() -> Iterator[OutsideStretchers | None]:
    """Installs and starts them; None, with the reason on standard error, where they cannot be installed."""
    with tempfile.TemporaryDirectory(prefix="bandmate-stretchers-") as name:
        folder = Path(name)
        python = _installed(folder / "environment")
        if python is None:
            yield None
            return
        script = folder / "worker.py"
        script.write_text(_WORKER, "utf-8")
        pipe = subprocess.PIPE
        with subprocess.Popen([python, script], stdin=pipe, stdout=pipe, text=True) as worker:
            yield OutsideStretchers(worker, folder / "audio.npy")
            assert worker.stdin is not None
            worker.stdin.close()


def _installed(environment: Path) -> Path | None:
    python = environment / "bin" / "python"
    uv = shutil.which("uv")
    if uv:
        steps = [
            [uv, "venv", "-q", str(environment)],
            [uv, "pip", "install", "-q", "--python", str(python), *PACKAGES],
        ]
    else:
        steps = [
            [sys.executable, "-m", "venv", str(environment)],
            [str(python), "-m", "pip", "install", "-q", *PACKAGES],
        ]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stderr.strip(), file=sys.stderr)
            return None
    return python
