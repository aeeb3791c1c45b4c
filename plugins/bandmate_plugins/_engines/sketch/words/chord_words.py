"""Chords in a prompt: `Am F C G piano`, `piano: Dm7 | G7 | Cmaj7`, `Cmaj7 to Fmaj7 rhodes`.

Two chord symbols or more in a row, with capitals, are a chart. Everything else that looks like a chord is
left alone: `in E`, `A minor`, `I am`, `Em drums`, `C major to A minor`, a form such as `A B A`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bandmate_plugins._theory.chart_symbols import NO_CHORD, plain_symbol
from bandmate_plugins._theory.chord_chart import read_chord_chart
from bandmate_plugins._theory.chords import read_chord
from bandmate_plugins._theory.form_letters import are_form_letters
from bandmate_protocol.errors import RequestError

_QUALITY = (
    r"(?:maj|min|dim|aug|sus|add|omit|no|alt|hdim|[mM\u00f8\u00d8\u00b0o\u0394+^#b\u266d\u266f0-9]|-(?=\d)"
    r"|\([^()\s]*\))*"
)
_NOTE = r"[A-G][#b\u266d\u266f]?"
_TOKEN = re.compile(
    rf"(?P<chord>(?<![\w#'&.])(?:{_NOTE}{_QUALITY}(?:/{_NOTE})?|N\.?C\.?)(?![\w#'&\u266d\u266f]))"
    r"|(?P<chart>\|:|:\||\|\||\||%|[x\u00d7]\s?\d+(?!\w)|[()])"
    r"|(?P<between>->|[,;>\u2192\u2013-]|(?<!\w)(?:to|then)(?!\w))"
    r"|(?P<space>\s+)|(?P<word>\w[\w'&#]*|.)",
    re.DOTALL,
)
_AFTER_TONIC = re.compile(
    r"[\s-]*(?:major|minor|maj|min|flat|sharp|ionian|dorian|phrygian|lydian|mixolydian|aeolian|locrian"
    r"|harmonic|melodic|blues scale|string|tuning)\b",
    re.IGNORECASE,
)
"""What makes a letter the name of a key, or of a string."""
_PITCH = re.compile(r"[A-G][#b]?[0-4813]")
"""Notes with an octave: `C4` is hardly a chord in a prompt."""
_MIN_CHORDS = 2


@dataclass(frozen=True, slots=True)
class PromptChords:
    """A chart in a prompt."""

    chart: str
    """As `read_chord_chart` takes it; empty where there is none."""
    text: str
    """The prompt without it."""


@dataclass(frozen=True, slots=True)
class _ChordRun:
    start: int
    end: int
    chords: tuple[str, ...]


def take_chords(text: str) -> PromptChords:
    """The first chart in a text, and the text without it."""
    for run in _chord_runs(text):
        chart = " ".join(re.sub(r"(?<!\w)(?:to|then)(?!\w)", " ", text[run.start : run.end]).split())
        if _are_chords(run, text) and _is_chart(chart):
            return PromptChords(chart, f"{text[: run.start]} {text[run.end :]}")
    return PromptChords("", text)


def _chord_runs(text: str) -> list[_ChordRun]:
    """Chords in a row, with what may stand between and around them in a chart."""
    runs: list[_ChordRun] = []
    start, end, chords = -1, -1, list[str]()
    for found in [*_TOKEN.finditer(text), None]:
        kind = found.lastgroup if found else "word"
        if found and kind == "chord" and _names_chord(found, text):
            start = found.start() if start < 0 else start
            end = found.end()
            chords.append(found[0])
        elif found and kind == "chart":
            start = found.start() if start < 0 else start
            end = found.end() if chords else end
        elif kind not in ("space", "between"):
            if chords:
                runs.append(_ChordRun(start, end, tuple(chords)))
            start, end, chords = -1, -1, []
        elif start >= 0 and not chords and kind == "between":
            start = -1
    return runs


def _names_chord(found: re.Match[str], text: str) -> bool:
    """Whether a symbol is a chord and not a key or a pitch."""
    symbol = found[0]
    plain = plain_symbol(symbol)
    if plain is None or (plain != NO_CHORD and read_chord(plain) is None) or _PITCH.fullmatch(symbol):
        return False
    return not _AFTER_TONIC.match(text, found.end())


def _are_chords(run: _ChordRun, text: str) -> bool:
    names = [plain_symbol(chord) or "" for chord in run.chords]
    voiced = [name for name in names if name != NO_CHORD]
    if len(voiced) < _MIN_CHORDS or are_form_letters(voiced):
        return False
    # `A Dm groove` begins with an article.
    return not (len(names) == _MIN_CHORDS and names[0] == "A" and not text[: run.start].strip())


def _is_chart(chart: str) -> bool:
    try:
        read_chord_chart(chart)
    except RequestError:
        return False
    return True
