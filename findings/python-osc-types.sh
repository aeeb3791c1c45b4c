#!/usr/bin/env bash
# python-osc 1.10.2 reads the OSC types S (symbol), c (character) and I (impulse) as if they were not there: it skips the
# tag but not the data of S and c, so that every later argument of the message is a wrong number, without an error. The
# three are among the standard's "nonstandard argument types" (OSC 1.0), which a reader is asked to step over.
# Seen on Linux with Python 3.11, November 2026.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --target "$folder" "python-osc==1.10.2"
PYTHONPATH="$folder" python3 - <<'EOF'
import logging
import struct
from importlib.metadata import version

from pythonosc.osc_message import OscMessage

logging.disable()


def padded(text):
    data = text.encode()
    return data + b"\0" * (4 - len(data) % 4)


def read(tags, data):
    return OscMessage(padded("/fader") + padded("," + tags) + data).params


half = struct.pack(">f", 0.5)
seen = {
    "Sf 'x' 0.5": read("Sf", padded("x") + half),
    "cf 'A' 0.5": read("cf", struct.pack(">I", ord("A")) + half),
    "If 0.5": read("If", half),
    "sf 'x' 0.5": read("sf", padded("x") + half),
}
print("python-osc", version("python-osc"))
for message, arguments in seen.items():
    print(f"{message:<12} -> {arguments}")
assert seen["sf 'x' 0.5"] == ["x", 0.5]
assert seen["Sf 'x' 0.5"] == [struct.unpack(">f", padded("x"))[0]], "the 0.5 arrives"
assert seen["cf 'A' 0.5"] == [struct.unpack(">f", struct.pack(">I", 65))[0]], "the 0.5 arrives"
assert seen["If 0.5"] == [0.5], "the impulse arrives"
EOF
