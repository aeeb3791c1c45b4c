#!/usr/bin/env bash
# python-soundfile reads an MP3 in blocks with gaps of silence: it seeks after every `read`, and after a seek
# libsndfile lacks the bits that small frames borrow from more than four frames back. One pass is right.
# Seen with soundfile 0.14.0 (libsndfile 1.2.2). A way out: a subclass whose `seekable()` is False.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --target "$work/lib" soundfile==0.14.0 numpy==2.4.6 cffi==2.1.1
cd "$work"
PYTHONPATH="$work/lib" python3 - <<'PY'
import numpy as np
import soundfile

print("soundfile", soundfile.__version__, "libsndfile", soundfile.__libsndfile_version__)
time = np.arange(44_100 * 12) / 44_100
tone = 0.5 * np.sin(2 * np.pi * 220 * time)
soundfile.write("tone.mp3", np.stack([tone, tone], 1), 44_100, format="MP3")
whole = soundfile.read("tone.mp3", dtype="float32")[0]


class Forward(soundfile.SoundFile):
    def seekable(self):
        return False


def in_blocks(kind):
    taken = []
    with kind("tone.mp3") as file:
        while len(block := file.read(65_536, dtype="float32")):
            taken.append(block)
    return np.concatenate(taken)


off = {kind.__name__: np.abs(in_blocks(kind) - whole) for kind in (soundfile.SoundFile, Forward)}
for name, error in off.items():
    wrong = np.flatnonzero(error.max(1) > 1e-4)
    print(f"{name}: largest error {error.max():.3f} of 0.5, {len(wrong) / 44.1:.0f} ms of 12 s are wrong")
assert off["SoundFile"].max() > 0.3, "blocks are right now"
assert off["Forward"].max() < 1e-6
PY
