#!/usr/bin/env bash
# A seek into the last page of an OGG Vorbis file lands some hundred frames off, by what the end of the stream is
# cut by; `tell` says nothing of it. Reading on into that page is right. Seen with libsndfile 1.2.2; Opus is right.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --target "$work/lib" soundfile==0.14.0 numpy==2.4.6 cffi==2.1.1
cd "$work"
PYTHONPATH="$work/lib" python3 - <<'PY'
import numpy as np
import soundfile

print("soundfile", soundfile.__version__, "libsndfile", soundfile.__libsndfile_version__)
frames = 44_100 * 10
sound = np.random.default_rng(1).normal(0, 0.1, frames).astype("float32")
soundfile.write("sound.ogg", sound, 44_100, format="OGG", subtype="VORBIS")
whole = soundfile.read("sound.ogg", dtype="float32")[0]


def shift(start):
    """By how many frames a seek is off."""
    with soundfile.SoundFile("sound.ogg") as file:
        assert file.seek(start) == start
        part = file.read(1_000, dtype="float32")
    return next(by for by in range(-4_096, 4_096) if np.abs(whole[start + by :][:1_000] - part).max() < 1e-6)


shifts = {start: shift(start) for start in (frames // 2, frames - 6_000)}
for start, by in shifts.items():
    print(f"a seek to frame {start} of {frames} is off by {by}")
assert shifts[frames // 2] == 0
assert shifts[frames - 6_000] != 0, "the seek is right now"
PY
