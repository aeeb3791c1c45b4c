#!/usr/bin/env bash
# libsndfile guesses the length of an MP3 without a Xing or Info header from its first frame and the file's size,
# and gives no sample beyond the guess: at a variable rate most of a song can be gone, without an error.
# Of two MP3s that were joined, whose first has a header, it reads the first. Seen with libsndfile 1.2.2.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --target "$work/lib" soundfile==0.14.0 numpy==2.4.6 cffi==2.1.1
cd "$work"
PYTHONPATH="$work/lib" python3 - <<'PY'
import io

import numpy as np
import soundfile

print("soundfile", soundfile.__version__, "libsndfile", soundfile.__libsndfile_version__)
rate, seconds = 44_100, 12
loud = np.random.default_rng(1).normal(0, 0.2, (rate * 2, 2))
quiet = np.zeros((rate * (seconds - 2), 2))


def mp3(samples, mode):
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format="MP3", bitrate_mode=mode, compression_level=0.5)
    return out.getvalue()


def bare(data):
    """Without the first frame, which is the header."""
    kbits = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)[data[2] >> 4]
    return data[144_000 * kbits // rate + (data[2] >> 1 & 1) :]


def read(data):
    return len(soundfile.read(io.BytesIO(data))[0]) / rate


song = mp3(np.concatenate([loud, quiet]), "VARIABLE")
with_header, without, joined = read(song), read(bare(song)), read(song + song)
print(f"12 s at a variable rate: {with_header:.1f} s with its header, {without:.1f} s without, joined to itself {joined:.1f} s")
assert abs(with_header - seconds) < 0.1
assert without < seconds / 2, "the length is counted now"
assert abs(joined - seconds) < 0.1, "joined files are read to the end now"
PY
