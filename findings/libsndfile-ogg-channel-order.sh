#!/usr/bin/env bash
# libsndfile gives the channels of a surround OGG Vorbis in the order of Vorbis: L C R Ls Rs LFE. The same
# 5.1 as WAV or FLAC comes as L R C LFE Ls Rs. python-soundfile has no channel map, so nothing tells the two apart:
# what looks like the LFE is a surround channel, and the LFE is taken for one. Seen with libsndfile 1.2.2.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --target "$work/lib" soundfile==0.14.0 numpy==2.4.6 cffi==2.1.1 imageio-ffmpeg==0.6.0
cd "$work"
PYTHONPATH="$work/lib" python3 - <<'PY'
import subprocess

import imageio_ffmpeg
import numpy as np
import soundfile

print("soundfile", soundfile.__version__, "libsndfile", soundfile.__libsndfile_version__)
hertz = [200, 300, 400, 50, 600, 700]  # L R C LFE Ls Rs
tones = "|".join(f"0.2*sin(2*PI*{one}*t)" for one in hertz)
ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi", "-i", f"aevalsrc={tones}:c=5.1:s=48000:d=2"]


def heard(name, *codec):
    subprocess.run([*ffmpeg, *codec, name], check=True)
    samples, rate = soundfile.read(name)
    spectra = np.abs(np.fft.rfft(samples[:rate] * np.hanning(rate)[:, None], axis=0))
    return spectra.argmax(axis=0).tolist()


flac, vorbis = heard("a.flac"), heard("a.ogg", "-c:a", "libvorbis")
print("FLAC  ", flac)
print("Vorbis", vorbis)
assert flac == hertz
assert vorbis == [200, 400, 300, 600, 700, 50], "the order is mapped now"
PY
