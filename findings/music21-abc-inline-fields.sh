#!/usr/bin/env bash
# music21 reads ABC with inline fields, but drops what they say: after `| [M:7/8][Q:1/4=90]` the metre and the tempo stay
# as they were, and a tie into that bar is lost. The same metre as a line of its own (`M:7/8`) is read. No warning is given.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet music21==10.5.1
"$folder/venv/bin/python" - <<'PYTHON'
import music21

HEAD = "X:1\nT:t\nM:4/4\nL:1/8\nQ:1/4=120\nK:C\n"


def read(body):
    score = music21.converter.parse(HEAD + body, format="abc", forceSource=True)
    metres = {one.ratioString for one in score.recurse().getElementsByClass("TimeSignature")}
    tempi = {one.number for one in score.recurse().getElementsByClass("MetronomeMark")}
    ties = [one.tie.type if one.tie else None for one in score.recurse().notes]
    return metres, tempi, ties


inline, lines, plain = read("C8- | [M:7/8][Q:1/4=90]C7 |]\n"), read("C8- |\nM:7/8\nC7 |]\n"), read("C8- | C7 |]\n")
print("music21", music21.__version__)
print("inline fields:", inline)
print("the metre on a line of its own:", lines)
print("no fields:", plain)
assert inline == ({"4/4"}, {120}, ["start", None]), "this has changed"
assert plain[2] == ["start", "stop"], "this has changed"
PYTHON
