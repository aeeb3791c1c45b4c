"""Reads ABC notation (standard 2.1): the first tune of a text, its notes, chord symbols, tempo and metre.

Grace notes, decorations, slurs, lyrics and words are skipped. Repeats and endings are written out; jumps such as D.C.
and an order of parts (P:) are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from bandmate_plugins._score.read_score import (
    JUMPS_REMARK,
    NoteWriter,
    ReadBar,
    ReadScore,
    score_error,
    shift_pickup,
)
from bandmate_plugins._score.repeats import BarSigns, odd_bars_remark, unfold
from bandmate_plugins._score.spelling import key_fifths, signature_alters
from bandmate_plugins._theory.keys import Key, parse_key

_TOKEN = re.compile(
    r"""(?P<field>\[[A-Za-z]:[^\]]*\])
    | (?P<text>"[^"]*")
    | (?P<skip>\{[^}]*\} | ![^!]*! | \+[a-z][^+]*\+ | [~.`y\\&$] | [HIJKLMNOPQRSTUVWhijklmnopqrstuvw])
    | (?P<tuplet>\(\d(?::\d*){0,2})
    | (?P<slur>[()])
    | (?P<bar>:*\|[\]|:]*(?:\d[\d,-]*)?|\[\|[\]|:]*|::|\[\d[\d,-]*)
    | (?P<chord>\[[^\]|:"]*\])
    | (?P<rest>[zxZX])
    | (?P<note>[_^=]*[A-Ga-g][,']*)
    | (?P<broken>>+|<+)
    | (?P<tie>-)
    | (?P<space>\s+)
    """,
    re.VERBOSE,
)
_LENGTH = re.compile(r"(\d*)(/*)(\d*)")
_PITCH = re.compile(r"([_^=]*)([A-Ga-g])([,']*)")
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"_": -1, "^": 1, "=": 0}
_TEMPO = re.compile(r"(?:\"[^\"]*\"\s*)?(?:(\d+)/(\d+)\s*=\s*)?(\d+(?:\.\d+)?)")
_BAR = re.compile(r"(?P<closes>:*)(?P<lines>\[?\|[\]|]*|\[|)(?P<opens>[:|\]]*)(?P<turns>[\d,-]*)")
_JUMP = re.compile(r"[!+](D\.?[CS]\.?.*|dacapo.*|dalsegno.*)[!+]", re.IGNORECASE)
_MOST_TURNS = 100
_MODES = {
    "": "major", "maj": "major", "ion": "major", "m": "minor", "min": "minor", "aeo": "minor", "dor": "dorian",
    "phr": "phrygian", "lyd": "lydian", "mix": "mixolydian", "loc": "locrian",
}  # fmt: skip
_KEY = re.compile(r"([A-G])([#b]?)\s*([A-Za-z]*)")


def read_abc(text: str) -> ReadScore:
    """The first tune of a text. Raises RequestError (`file_unusable`) for what is not ABC."""
    header, body = _split_tune(text)
    if "K" not in header:
        raise score_error("It has no key (K:), which every tune in ABC has.", "Give a tune in ABC.")
    score = ReadScore()
    voices: dict[str, _VoiceReader] = {}
    current = ""
    shared = _Settings(header, score)
    for line in body:
        field = re.match(r"([A-Za-z]):(.*)", line)
        if field and field[1] == "V":
            current = field[2].split()[0] if field[2].split() else ""
            _voice(voices, current, shared, score, field[2])
        elif field and field[1] in "MLQK":
            _voice(voices, current, shared, score).change(field[1], field[2].strip())
        elif not field:
            for name, part in _inline_voices(line, current):
                current = name
                _voice(voices, name, shared, score).read(part)
    _finish(score, list(voices.values()), has_part_order="P" in header)
    if not score.parts and not score.chords:
        raise score_error("It has neither notes nor chords.", "Give a tune in ABC.")
    return score


def _finish(score: ReadScore, readers: list[_VoiceReader], *, has_part_order: bool) -> None:
    """Puts the voices into the score, in the order in which they are played."""
    for number, reader in enumerate(readers):
        reader.finish()
        score.remarks += filter(None, [odd_bars_remark(reader.signs.bars, reader.name if number else "")])
    score.parts = [reader.notes.part for reader in readers if reader.notes.part.notes]
    if readers and readers[0].signs.bars:
        unfold(score, readers[0].signs.bars)
        shift_pickup(score, readers[0].signs.bars[0].length)
    if has_part_order or any(reader.has_jumps for reader in readers):
        score.remarks.append(JUMPS_REMARK)


def _split_tune(text: str) -> tuple[dict[str, str], list[str]]:
    """The fields up to the key of the first tune, and the lines after it."""
    header: dict[str, str] = {}
    body: list[str] = []
    for raw in text.splitlines():
        line = re.sub(r"(?<!\\)%.*", "", raw).strip()
        if "K" in header and (raw.startswith("X:") or not raw.strip()):
            break
        if "K" in header:
            body += [line] if line else []
        elif match := re.match(r"([A-Za-z]):(.*)", line):
            header.setdefault(match[1], match[2].strip())
    return header, body


def _inline_voices(line: str, current: str) -> Iterator[tuple[str, str]]:
    """A line in pieces by its inline fields `[V:name]`."""
    pieces = re.split(r"\[V:\s*([^\]]*)\]", line)
    yield current, pieces[0]
    for at in range(1, len(pieces), 2):
        names = pieces[at].split()
        yield names[0] if names else current, pieces[at + 1]


class _Settings:
    """What the header says for all voices."""

    def __init__(self, header: dict[str, str], score: ReadScore) -> None:
        self.metre = _read_metre(header.get("M", "4/4")) or (4, 4)
        self.is_free = header.get("M", "").lower() == "none"
        usual = Fraction(1, 16) if Fraction(*self.metre) < Fraction(3, 4) else Fraction(1, 8)
        self.unit = _read_fraction(header.get("L", "")) or usual
        self.key = header["K"]
        if key := _read_key(self.key):
            score.key = key.name
        if tempo := _read_tempo(header.get("Q", ""), self.unit):
            score.tempi.append((Fraction(0), tempo))


def _voice(
    voices: dict[str, _VoiceReader], name: str, shared: _Settings, score: ReadScore, rest: str = ""
) -> _VoiceReader:
    if name not in voices:
        title = re.search(r'(?:name|nm)="([^"]*)"', rest)
        shown = title[1] if title else name
        voices[name] = _VoiceReader(shown or "Melody", shared, score, leads=not voices)
    return voices[name]


class _VoiceReader:
    """Reads the notes of one voice; the first one also gives bars, chords and tempi."""

    def __init__(self, name: str, shared: _Settings, score: ReadScore, *, leads: bool) -> None:
        self.notes = NoteWriter(name)
        self.name = name
        self.signs = BarSigns()
        self.has_jumps = False
        self._score, self._leads = score, leads
        self._place = Fraction(0)
        self._bar_start = Fraction(0)
        self._metre, self._unit = shared.metre, shared.unit
        self._is_free = shared.is_free
        self._signature: dict[str, int] = {}
        self._altered: dict[str, int] = {}
        self._tuplet = (0, Fraction(1))
        """How many notes of it are left, and by what they are longer."""
        self._broken = Fraction(1)
        self._last: list[int] = []
        self._pending: tuple[list[int], Fraction] | None = None
        """Pitches and length of the note before, which a tie or `>` may still change."""
        self.change("K", shared.key)

    def change(self, name: str, value: str) -> None:
        """A field between or inside lines."""
        self._settle()
        if name == "M":
            self._metre = _read_metre(value) or self._metre
            self._is_free = value.lower() == "none"
        elif name == "L":
            self._unit = _read_fraction(value) or self._unit
        elif name == "K":
            self._signature = _read_signature(value)
        elif name == "Q" and self._leads and (tempo := _read_tempo(value, self._unit)):
            self._score.tempi.append((self._place, tempo))

    def read(self, line: str) -> None:
        """A line of music. Raises RequestError (`file_unusable`)."""
        at = 0
        while at < len(line):
            token = _TOKEN.match(line, at)
            if token is None or token.end() == at:
                shown = line[at : at + 12]
                raise score_error(f"`{shown}` is no ABC.", "Check that line of the tune.")
            at = token.end()
            if token.lastgroup in ("chord", "rest", "note"):
                length = _LENGTH.match(line, at)
                assert length is not None, "it may be empty"
                at = length.end()
                self._add(token[0], _note_length(length))
            else:
                self._handle(str(token.lastgroup), token[0])

    def finish(self) -> None:
        """The last bar."""
        self._settle()
        self._end_bar()
        self.signs.finish()

    def _handle(self, kind: str, text: str) -> None:
        if kind == "field":
            self.change(text[1], text[3:-1].strip())
        elif kind == "text":
            self._settle()
            self._read_text(text[1:-1])
        elif kind == "tuplet":
            self._settle()
            self._tuplet = _read_tuplet(text)
        elif kind == "bar":
            self._settle()
            self._end_bar()
            self._read_signs(text)
        elif kind == "broken":
            self._break_rhythm(text)
        elif kind == "tie":
            self._settle(tied_on=True)
        elif kind == "skip":
            self.has_jumps |= _JUMP.fullmatch(text) is not None

    def _read_signs(self, text: str) -> None:
        """The signs at a barline, such as `:|2`, `|:`, `::` or `[1,3`."""
        if not text.strip(":"):
            # `::` ends a repeat and begins the next one.
            closes = opens = max(len(text) // 2, 1)
            turns = frozenset[int]()
        else:
            sign = _BAR.fullmatch(text)
            assert sign is not None, "it reads all that a token of a bar can be"
            closes, opens = len(sign["closes"]), sign["opens"].count(":")
            turns = _read_turns(sign["turns"])
            if len(sign["lines"]) > 1:
                self.signs.end_strain()
        if closes:
            self.signs.close_repeat(closes + 1)
        if opens:
            self.signs.open_repeat()
        if turns:
            self.signs.begin_ending(turns)

    def _read_text(self, text: str) -> None:
        if not self._leads:
            return
        if text.lstrip("^_<>@").upper().startswith("N.C"):
            self._score.chords.append((self._place, "N.C."))
        elif text[:1] in "ABCDEFG" and text:
            self._score.chords.append((self._place, text))

    def _add(self, text: str, length: Fraction) -> None:
        """A note, a chord or a rest, of so many units."""
        self._settle()
        left, factor = self._tuplet
        length *= self._unit * 4 * self._broken
        self._broken = Fraction(1)
        if left:
            length *= factor
            self._tuplet = (left - 1, factor)
        if text in ("Z", "X"):
            length = self._rest_bars(length / (self._unit * 4))
        found = list(_PITCH.finditer(text)) if text not in "zxZX" else []
        if text.startswith("[") and found and (inside := _LENGTH.match(text, found[0].end())):
            # The length of the first note in a chord is that of the chord.
            length *= _note_length(inside)
        self._pending = [self._pitch(match) for match in found], length

    def _rest_bars(self, bars: Fraction) -> Fraction:
        """Rests for all bars of a rest but the last; the length of that."""
        full = Fraction(4 * self._metre[0], self._metre[1])
        while bars > 1:
            self._place += full
            self._end_bar()
            bars -= 1
        return bars * full

    def _pitch(self, match: re.Match[str]) -> int:
        signs, letter, octave = match.groups()
        upper = letter.upper()
        if signs:
            self._altered[upper + octave + letter] = sum(_SIGNS[sign] for sign in signs)
        alter = self._altered.get(upper + octave + letter, self._signature.get(upper, 0))
        high = 12 if letter.islower() else 0
        pitch = 60 + _STEPS[upper] + alter + high + 12 * (octave.count("'") - octave.count(","))
        return min(max(pitch, 0), 127)

    def _break_rhythm(self, text: str) -> None:
        if self._pending is None:
            return
        short = Fraction(1, 2 ** len(text))
        own, after = (2 - short, short) if text[0] == ">" else (short, 2 - short)
        pitches, length = self._pending
        self._pending = pitches, length * own
        self._broken = Fraction(after)

    def _settle(self, *, tied_on: bool = False) -> None:
        """Writes the note before."""
        if self._pending is None:
            return
        pitches, length = self._pending
        self._pending = None
        end = self._place + length
        for pitch in pitches:
            self.notes.add(self._place, end, pitch, tied_on=tied_on)
        self._place = end

    def _end_bar(self) -> None:
        if self._place <= self._bar_start:
            return
        length = self._place - self._bar_start
        self.signs.end_bar(self._bar_start, length, None if self._is_free else self._metre)
        if self._leads:
            self._score.bars.append(ReadBar(self._bar_start, self._metre))
        self._bar_start = self._place
        self._altered = {}


def _note_length(match: re.Match[str]) -> Fraction:
    count, slashes, below = match.groups()
    length = Fraction(int(count)) if count else Fraction(1)
    if slashes:
        length /= int(below) if below and int(below) else 2 ** len(slashes)
    return length


def _read_turns(text: str) -> frozenset[int]:
    """The turns of an ending, such as `1,3` or `1-3`."""
    turns: set[int] = set()
    for piece in text.split(","):
        edges = [int(edge) for edge in piece.split("-") if edge]
        if edges and edges[-1] <= _MOST_TURNS:
            turns |= set(range(edges[0], edges[-1] + 1))
    return frozenset(turns)


def _read_metre(text: str) -> tuple[int, int] | None:
    if text in ("C", "C|"):
        return (4, 4) if text == "C" else (2, 2)
    match = re.fullmatch(r"(\d{1,3})/(\d{1,3})", text.strip())
    return (int(match[1]), int(match[2])) if match and int(match[1]) and int(match[2]) else None


def _read_fraction(text: str) -> Fraction | None:
    match = re.fullmatch(r"(\d+)/(\d+)", text.strip())
    return Fraction(int(match[1]), int(match[2])) if match and int(match[1]) and int(match[2]) else None


def _read_tempo(text: str, unit: Fraction) -> float | None:
    """Quarter notes a minute; a number alone counts units."""
    match = _TEMPO.match(text.strip())
    if not match or not float(match[3]):
        return None
    beat = Fraction(int(match[1]), int(match[2])) if match[1] and int(match[2]) else unit
    return float(match[3]) * float(beat * 4)


def _read_tuplet(text: str) -> tuple[int, Fraction]:
    parts = text[1:].split(":")
    count = max(int(parts[0]), 1)
    usual = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}.get(count, 2)
    time = int(parts[1]) if len(parts) > 1 and parts[1] else usual
    notes = int(parts[2]) if len(parts) > 2 and parts[2] else count
    return notes, Fraction(time, count)


def _read_signature(text: str) -> dict[str, int]:
    key = _read_key(text)
    return signature_alters(key_fifths(key)) if key else {}


def _read_key(text: str) -> Key | None:
    match = _KEY.match(text.strip())
    if not match:
        return None
    mode = match[3].lower()
    known = _MODES.get(mode, _MODES.get(mode[:3]))
    return parse_key(f"{match[1]}{match[2]} {known or 'major'}")
