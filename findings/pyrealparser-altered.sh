#!/usr/bin/env bash
# pyRealParser reads `C7alt`, one of the chords that iReal Pro's own format has, as `C7at`: as a sign for the size of
# the chords it removes every `l`, wherever it stands. Seen with pyRealParser 0.1.0.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --target "$work/lib" pyRealParser==0.1.0
cd "$work"
PYTHONPATH="$work/lib" python3 - <<'PY'
from importlib.metadata import version
from urllib.parse import quote

from pyRealParser import Tune

# Fewer than 50 symbols are not scrambled.
chords = "{C7alt |F-7 |Bb7sus |Eb^7 }"
link = "irealb://" + quote(f"Title=Composer==Medium Swing=C==1r34LbKcu7{chords}==0=0")
bars = [bar.strip() for bar in Tune.parse_ireal_url(link)[0].measures_as_strings]
print("pyRealParser", version("pyRealParser"))
print("written:", chords)
print("read:   ", bars[:4])
assert bars[1:4] == ["F-7", "Bb7sus", "Eb^7"], "the other chords are read differently now"
assert bars[0] == "C7at", "C7alt is read now"
PY
