#!/usr/bin/env bash
# python-stretch takes arrays of shape (channels, frames) and reads their memory in order, whatever their strides.
# `soundfile.read(...)[0].T`, which has that shape, is a view of interleaved frames: each channel comes out as both
# channels alternating, without an error. numpy.ascontiguousarray helps.
# Noise also gets quieter the further its speed is from 1, where tones keep their level. Seen with 0.3.1.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --target "$work/lib" python-stretch==0.3.1 numpy==2.4.6
PYTHONPATH="$work/lib" python3 - <<'PY'
import numpy as np
from python_stretch.Signalsmith import Stretch

print("python-stretch 0.3.1")
rate = 44_100
time = np.arange(rate) / rate
left_only = np.stack([0.3 * np.sin(2 * np.pi * 220 * time), 0 * time], 1).astype(np.float32)


def stretched(samples, speed=1.0):
    engine = Stretch(1)
    engine.preset(2, float(rate))
    engine.timeFactor = speed
    return engine.process(samples)


def levels(samples):
    return [round(float(np.sqrt(np.square(channel).mean())), 3) for channel in samples]


right, wrong = levels(stretched(np.ascontiguousarray(left_only.T))), levels(stretched(left_only.T))
print(f"a tone on the left, level of each side: contiguous {right}, the transposed view {wrong}")
assert right[1] == 0.0
assert wrong[1] > 0.1, "views are read by their strides now"

noise = np.random.default_rng(0).normal(0, 0.1, (2, 5 * rate)).astype(np.float32)
for speed in (1.0, 1.25, 2.0):
    change = 20 * np.log10(np.sqrt(np.square(stretched(noise, speed)).mean()) / 0.1)
    print(f"white noise at {speed} times its speed: {change:+.1f} dB")
assert change < -2, "noise keeps its level now"
PY
