#!/usr/bin/env bash
# python-stretch has no stream: `process` starts anew and flushes at each call, so audio given in blocks gets an edge at
# every one of them, and a time factor cannot be changed on the way. Given whole, at a factor of 1, it comes back as it was.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet numpy==2.3.5 python-stretch==0.3.1
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import numpy as np
from python_stretch import Signalsmith

RATE, BLOCK = 48_000, 4_800
tone = (0.3 * np.sin(2 * np.pi * 220 * np.arange(2 * RATE) / RATE)).astype(np.float32)[np.newaxis]


def stretcher():
    made = Signalsmith.Stretch(1)
    made.configure(1, 2_048, 512)
    made.timeFactor = 1.0
    return made


inner = slice(RATE // 2, -RATE // 2)
whole = np.asarray(stretcher().process(tone))
one = stretcher()
blocks = np.concatenate([np.asarray(one.process(np.ascontiguousarray(tone[:, i : i + BLOCK]))) for i in range(0, tone.shape[1], BLOCK)], axis=1)
off = [float(np.abs(made[:, inner] - tone[:, inner]).max()) for made in (whole, blocks)]
print("python-stretch", version("python-stretch"))
print(f"a tone of 0.3, given whole: off by at most {off[0]:.6f}; in blocks of 100 ms: by {off[1]:.3f}")
assert off[0] < 0.001 < 0.05 < off[1], "this has changed"
PYTHON
