"""Measures what the engine `dsp` needs: speed, memory, and time to first audio against length.

python -m tests.tools.separation_cost [SECONDS ...]
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time

import numpy as np
from numpy.typing import NDArray

LENGTHS = (10, 60, 600, 3_600)


class Loop:
    """Ten seconds of strokes and tones, over and over; nothing of it is kept."""

    role = "source"
    start_frame = 0
    channels = 2

    def __init__(self, rate: int, seconds: int) -> None:
        self.frames = rate * seconds
        at = np.arange(rate * 10) / rate
        random = np.random.default_rng(0)
        beat = random.standard_normal(len(at)) * np.exp(-(at % 0.5) / 0.05)
        tones = sum(np.sin(2 * np.pi * f * at) for f in (55.0, 220.0, 277.2, 329.6))
        self._loop = np.outer(0.05 * beat + 0.1 * tones, [1.0, 0.8]).astype(np.float32)

    def read(self, offset: int = 0, frames: int | None = None) -> NDArray[np.float32]:
        """As an AudioInput."""
        stop = self.frames if frames is None else min(self.frames, offset + frames)
        return self._loop[np.arange(offset, stop) % len(self._loop)]


def measure(rate: int, seconds: int) -> str:
    """One row of the table, measured in this process."""
    from bandmate_plugins.conduct import conduct
    from bandmate_plugins.dsp import DspEngine
    from bandmate_plugins.outputs import Piece
    from bandmate_plugins.request import AudioInput
    from bandmate_plugins.separate import Separate
    from bandmate_plugins.testing import timeline
    from bandmate_plugins.testing.running import PatientContext, make_request

    AudioInput.register(Loop)
    engine = DspEngine().load("cpu", "full")
    source = Loop(rate, seconds)
    asked = make_request(Separate(), {}, timeline(sample_rate=rate), [source], 0)  # type: ignore[list-item]
    # The speed goes by the processor's time, which other programs do not change much.
    start, first, worked = time.perf_counter(), 0.0, time.process_time()
    for output in conduct(Separate(), asked, engine, PatientContext()):
        if isinstance(output, Piece) and not first:
            first = time.perf_counter() - start
    took = time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return f"| {seconds} s | {first:.2f} s | {seconds / took:.0f} | {peak:.0f} MB |"


def main() -> None:
    """A fresh process on one core for each length, so that each has its own peak of memory."""
    rate = 48_000
    if sys.argv[1:2] == ["--one"]:
        print(measure(rate, int(sys.argv[2])))
        return
    print("| length | first audio after | times real time | peak memory of the process |\n|---|---|---|---|")
    one_core = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    for seconds in map(int, sys.argv[1:] or LENGTHS):
        command = [sys.executable, "-m", "tests.tools.separation_cost", "--one", str(seconds)]
        subprocess.run(command, check=True, env=os.environ | one_core)


if __name__ == "__main__":
    main()
