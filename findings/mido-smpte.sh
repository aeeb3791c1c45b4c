#!/usr/bin/env bash
# A standard MIDI file may count time in SMPTE frames: the highest bit of its division is set. mido reads such a
# division as one signed number of ticks for each quarter note, so that times and the file's length are negative,
# without an error. Seen with mido 1.3.3.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --target "$work/lib" mido==1.3.3
cd "$work"
PYTHONPATH="$work/lib" python3 - <<'PY'
import io
import struct
from importlib.metadata import version

import mido

print("mido", version("mido"))
# 25 frames a second of 40 ticks each: a tick is a millisecond. One note is held for 1000 ticks.
header = b"MThd" + struct.pack(">IHHbB", 6, 0, 1, -25, 40)
track = b"\x00\x90\x3c\x40" + b"\x87\x68\x80\x3c\x00" + b"\x00\xff\x2f\x00"
file = mido.MidiFile(file=io.BytesIO(header + b"MTrk" + struct.pack(">I", len(track)) + track))
print(f"one second of music: ticks_per_beat {file.ticks_per_beat}, length {file.length:.3f} s")
print("times of the messages:", [round(message.time, 3) for message in file])
assert file.ticks_per_beat < 0, "SMPTE division is told apart now"
assert file.length < 0, "the length is that of the music now"
PY
