"""A score as MusicXML 4.0 (W3C), partwise: what notation programs open."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from bandmate_plugins._score.score import Score, ScoreBar, ScoreEvent, ScoreVoice
from bandmate_plugins._score.spelling import key_fifths, spell_pitch
from bandmate_plugins._theory.chords import parse_chord
from bandmate_plugins._theory.keys import Key
from bandmate_protocol.version import __version__

_DOCTYPE = (
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">'
)
_TYPES = {
    Fraction(4): "whole", Fraction(2): "half", Fraction(1): "quarter", Fraction(1, 2): "eighth",
    Fraction(1, 4): "16th", Fraction(1, 8): "32nd", Fraction(1, 16): "64th", Fraction(1, 32): "128th",
}  # fmt: skip
_KINDS: dict[tuple[int, ...], str] = {
    (0, 4, 7): "major", (0, 3, 7): "minor", (0, 7): "power", (0, 3, 6): "diminished", (0, 4, 8): "augmented",
    (0, 2, 7): "suspended-second", (0, 5, 7): "suspended-fourth", (0, 4, 7, 9): "major-sixth",
    (0, 3, 7, 9): "minor-sixth", (0, 4, 7, 10): "dominant", (0, 4, 7, 11): "major-seventh",
    (0, 3, 7, 10): "minor-seventh", (0, 3, 7, 11): "major-minor", (0, 3, 6, 10): "half-diminished",
    (0, 3, 6, 9): "diminished-seventh", (0, 4, 8, 10): "augmented-seventh", (0, 4, 7, 10, 14): "dominant-ninth",
    (0, 4, 7, 11, 14): "major-ninth", (0, 3, 7, 10, 14): "minor-ninth", (0, 7, 10, 14, 17): "dominant-11th",
    (0, 3, 7, 10, 14, 17): "minor-11th", (0, 4, 10, 14, 21): "dominant-13th", (0, 4, 11, 14, 21): "major-13th",
    (0, 3, 10, 14, 21): "minor-13th",
}  # fmt: skip
_MODES = {"harmonic minor": "minor", "melodic minor": "minor"}
_LOWEST_DIVISIONS = 4


def write_musicxml(score: Score) -> str:
    """The text of a score, a part for each of its voices."""
    root = Element("score-partwise", version="4.0")
    SubElement(SubElement(root, "work"), "work-title").text = " ".join(score.title.split())
    encoding = SubElement(SubElement(root, "identification"), "encoding")
    SubElement(encoding, "software").text = f"Bandmate {__version__}"
    names = SubElement(root, "part-list")
    for number, voice in enumerate(score.voices, 1):
        named = SubElement(names, "score-part", id=f"P{number}")
        SubElement(named, "part-name").text = " ".join(voice.name.split())
    divisions = _divisions(score)
    for number, voice in enumerate(score.voices, 1):
        _PartWriter(score, voice, divisions).write(SubElement(root, "part", id=f"P{number}"))
    indent(root, " ")
    body = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_DOCTYPE}\n{body}\n'


def _divisions(score: Score) -> int:
    """Into how many parts a quarter is divided, so that all lengths are whole."""
    lengths = {event.length.denominator for voice in score.voices for bar in voice.bars for event in bar}
    return lcm(_LOWEST_DIVISIONS, *lengths)


class _PartWriter:
    """Writes the measures of a part."""

    def __init__(self, score: Score, voice: ScoreVoice, divisions: int) -> None:
        self._score, self._voice, self._divisions = score, voice, divisions
        self._key = score.key

    def write(self, part: Element) -> None:
        """All measures."""
        before: ScoreBar | None = None
        for bar, events in zip(self._score.bars, self._voice.bars, strict=True):
            measure = SubElement(part, "measure", number="0" if bar.is_pickup else str(bar.number))
            full = Fraction(4 * bar.metre[0], bar.metre[1])
            if bar.length != full:
                measure.set("implicit", "yes")
            self._write_attributes(measure, bar, before)
            for event in events:
                self._write_marks(measure, event)
                self._write_event(measure, event)
            if bar is self._score.bars[-1]:
                barline = SubElement(measure, "barline", location="right")
                SubElement(barline, "bar-style").text = "light-heavy"
            before = bar

    def _write_attributes(self, measure: Element, bar: ScoreBar, before: ScoreBar | None) -> None:
        if before is not None and before.metre == bar.metre:
            return
        attributes = SubElement(measure, "attributes")
        if before is None:
            SubElement(attributes, "divisions").text = str(self._divisions)
            if self._key is not None:
                key = SubElement(attributes, "key")
                SubElement(key, "fifths").text = str(key_fifths(self._key))
                SubElement(key, "mode").text = _MODES.get(self._key.mode, self._key.mode)
        time = SubElement(attributes, "time")
        SubElement(time, "beats").text = str(bar.metre[0])
        SubElement(time, "beat-type").text = str(bar.metre[1])
        if before is None:
            clef = SubElement(attributes, "clef")
            sign, line = ("F", "4") if self._voice.is_low else ("G", "2")
            SubElement(clef, "sign").text = sign
            SubElement(clef, "line").text = line

    def _write_marks(self, measure: Element, event: ScoreEvent) -> None:
        marks = event.marks
        if marks.section:
            direction = SubElement(measure, "direction", placement="above")
            SubElement(SubElement(direction, "direction-type"), "rehearsal").text = marks.section
        if marks.bpm is not None:
            direction = SubElement(measure, "direction", placement="above")
            metronome = SubElement(SubElement(direction, "direction-type"), "metronome")
            SubElement(metronome, "beat-unit").text = "quarter"
            SubElement(metronome, "per-minute").text = f"{marks.bpm:.6g}"
            SubElement(direction, "sound", tempo=f"{marks.bpm:.6g}")
        if marks.chord:
            _write_chord(measure, marks.chord)

    def _write_event(self, measure: Element, event: ScoreEvent) -> None:
        for number, pitch in enumerate(event.pitches or (None,)):
            note = SubElement(measure, "note")
            if number:
                SubElement(note, "chord")
            if pitch is None:
                SubElement(note, "rest")
            else:
                _write_pitch(note, pitch, self._key)
            SubElement(note, "duration").text = str(int(event.length * self._divisions))
            for there, kind in ((event.is_tied_back, "stop"), (event.is_tied_on, "start")):
                if there:
                    SubElement(note, "tie", type=kind)
            _write_value(note, event.written)
            self._write_notations(note, event, is_first=number == 0)

    def _write_notations(self, note: Element, event: ScoreEvent, *, is_first: bool) -> None:
        if event.triplet is not None:
            ratio = Element("time-modification")
            SubElement(ratio, "actual-notes").text = "3"
            SubElement(ratio, "normal-notes").text = "2"
            note.append(ratio)
        notations = Element("notations")
        for there, kind in ((event.is_tied_back, "stop"), (event.is_tied_on, "start")):
            if there:
                SubElement(notations, "tied", type=kind)
        if event.triplet is not None and is_first:
            place, count = event.triplet
            for there, kind in ((place == 0, "start"), (place == count - 1, "stop")):
                if there:
                    SubElement(notations, "tuplet", type=kind, number="1")
        if len(notations):
            note.append(notations)


def _write_pitch(note: Element, pitch: int, key: Key | None) -> None:
    spelled = spell_pitch(pitch, key)
    element = SubElement(note, "pitch")
    SubElement(element, "step").text = spelled.letter
    if spelled.alter:
        SubElement(element, "alter").text = str(spelled.alter)
    SubElement(element, "octave").text = str(spelled.octave)


def _write_value(note: Element, written: Fraction) -> None:
    """The kind of note and its dot. A length that has no value of its own, as in a cut bar, is written without one."""
    for factor, dots in ((Fraction(1), 0), (Fraction(2, 3), 1)):
        if written * factor in _TYPES:
            SubElement(note, "type").text = _TYPES[written * factor]
            for _ in range(dots):
                SubElement(note, "dot")
            return


def _write_chord(measure: Element, symbol: str) -> None:
    """A chord symbol; one that is not known, and `N`, is written as text over no chord."""
    chord = parse_chord(symbol)
    harmony = SubElement(measure, "harmony")
    root = SubElement(harmony, "root")
    if chord is None:
        SubElement(root, "root-step", text="").text = "C"
        SubElement(harmony, "kind", text="N.C." if symbol == "N" else symbol).text = "none"
        return
    head, _, below = symbol.partition("/")
    if below[:1] not in "ABCDEFG" or not below:
        head, below = symbol, ""
    _write_letter(root, "root", symbol)
    ending = head[1:].lstrip("#b♯♭") if head[1:2] in ("#", "b", "♯", "♭") else head[1:]
    SubElement(harmony, "kind", text=ending.lstrip(":")).text = _KINDS.get(chord.intervals, "other")
    if below:
        _write_letter(SubElement(harmony, "bass"), "bass", below)


def _write_letter(element: Element, name: str, text: str) -> None:
    SubElement(element, f"{name}-step").text = text[0]
    alter = {"#": 1, "♯": 1, "b": -1, "♭": -1}.get(text[1:2], 0)
    if alter:
        SubElement(element, f"{name}-alter").text = str(alter)
