"""Reads MusicXML (partwise, plain or as .mxl): notes, chord symbols, tempo and metre.

Repeats and endings are written out; jumps such as D.C. are not.
"""

from __future__ import annotations

import io
import re
import zipfile
from fractions import Fraction
from xml.etree.ElementTree import Element, ParseError, fromstring

from bandmate_plugins._score.read_score import (
    JUMPS_REMARK,
    NoteWriter,
    ReadBar,
    ReadScore,
    score_error,
    shift_pickup,
)
from bandmate_plugins._score.repeats import TWICE, BarSigns, odd_bars_remark, unfold
from bandmate_plugins._theory.keys import Key

MAX_BYTES = 1 << 25
_JUMPS = ("dacapo", "dalsegno", "tocoda")
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_KINDS = {
    "major": "", "minor": "m", "augmented": "aug", "diminished": "dim", "dominant": "7", "major-seventh": "maj7",
    "minor-seventh": "m7", "diminished-seventh": "dim7", "augmented-seventh": "7#5", "half-diminished": "m7b5",
    "major-minor": "mmaj7", "major-sixth": "6", "minor-sixth": "m6", "dominant-ninth": "9", "major-ninth": "maj9",
    "minor-ninth": "m9", "dominant-11th": "11", "minor-11th": "m11", "dominant-13th": "13", "major-13th": "maj13",
    "minor-13th": "m13", "suspended-second": "sus2", "suspended-fourth": "sus4", "power": "5",
}  # fmt: skip


def read_musicxml(data: bytes) -> ReadScore:
    """The score in a file's bytes. Raises RequestError (`file_unusable`) for what is none."""
    try:
        root = fromstring(_plain_xml(data))  # noqa: S314 - expat limits entities, and no external ones are loaded
    except (ParseError, ValueError, LookupError) as error:
        raise score_error(f"It is not MusicXML: {error}.") from error
    if root.tag != "score-partwise":
        raise score_error("It is not MusicXML by parts.", "Export it as MusicXML (partwise).")
    score = ReadScore()
    names = {one.get("id", ""): _text(one, "part-name") for one in root.iter("score-part")}
    signs = BarSigns()
    for number, part in enumerate(root.findall("part")):
        reader = _PartReader(
            names.get(part.get("id", ""), "") or f"Part {number + 1}", score, leads=number == 0
        )
        reader.read(part)
        score.parts += [voice.part for voice in reader.voices.values() if voice.part.notes]
        signs = reader.signs if number == 0 else signs
    if signs.bars:
        score.remarks += filter(None, [odd_bars_remark(signs.bars)])
        unfold(score, signs.bars)
        shift_pickup(score, signs.bars[0].length)
    if any(sound.get(jump) for sound in root.iter("sound") for jump in _JUMPS):
        score.remarks.append(JUMPS_REMARK)
    if not score.parts and not score.chords:
        raise score_error("It has neither notes nor chords.")
    return score


def _plain_xml(data: bytes) -> bytes:
    """The XML of a file, which may be compressed."""
    if not data.startswith(b"PK"):
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            container = fromstring(_unpacked(packed, "META-INF/container.xml"))  # noqa: S314 - as above
            found = next(
                (one.get("full-path", "") for one in container.iter() if one.tag.endswith("rootfile")), ""
            )
            return _unpacked(packed, found)
    except (zipfile.BadZipFile, KeyError, RuntimeError, EOFError) as error:
        raise score_error(f"It is a damaged .mxl: {error}.") from error


def _unpacked(packed: zipfile.ZipFile, name: str) -> bytes:
    with packed.open(name) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise score_error("It is too large.", "Give a shorter score.")
    return data


class _PartReader:
    """Reads the measures of a part; the first part also gives bars, chords and tempi."""

    def __init__(self, name: str, score: ReadScore, *, leads: bool) -> None:
        self._name, self._score, self._leads = name, score, leads
        self.voices: dict[str, NoteWriter] = {}
        self.signs = BarSigns()
        self._divisions = 1
        self._metre = (4, 4)
        self._transpose = 0
        self._place = self._reached = self._chord_start = Fraction(0)

    def read(self, part: Element) -> None:
        """All measures. Raises RequestError (`file_unusable`)."""
        for measure in part.findall("measure"):
            start = self._place = self._reached
            barlines = measure.findall("barline")
            for barline in barlines:
                self._begin_by(barline)
            for element in measure:
                self._read_element(element)
            self.signs.end_bar(start, self._reached - start, self._metre)
            if self._leads:
                self._score.bars.append(ReadBar(start, self._metre))
            if measure.get("implicit") == "yes":
                self.signs.mark_edge()
            for barline in barlines:
                self._end_by(barline)
        self.signs.finish()

    def _begin_by(self, barline: Element) -> None:
        """What a barline says of the measure that it is in."""
        repeat, ending = barline.find("repeat"), barline.find("ending")
        if repeat is not None and repeat.get("direction") == "forward":
            self.signs.open_repeat()
        if ending is not None and ending.get("type") == "start":
            turns = re.findall(r"\d+", ending.get("number", ""))
            self.signs.begin_ending(frozenset(map(int, turns)))

    def _end_by(self, barline: Element) -> None:
        """What a barline says of the measures after the one that it is in."""
        repeat, ending = barline.find("repeat"), barline.find("ending")
        if _text(barline, "bar-style") in ("light-light", "light-heavy", "heavy-light", "heavy-heavy"):
            self.signs.mark_edge()
        if repeat is not None and repeat.get("direction") == "backward":
            times = repeat.get("times", "")
            self.signs.close_repeat(int(times) if times.isdigit() else TWICE)
        if ending is not None and ending.get("type") != "start":
            self.signs.end_ending()

    def _read_element(self, element: Element) -> None:
        if element.tag == "note":
            self._read_note(element)
        elif element.tag in ("backup", "forward"):
            length = self._quarters(element)
            self._place = max(self._place + (length if element.tag == "forward" else -length), Fraction(0))
            self._reached = max(self._reached, self._place)
        elif element.tag == "attributes":
            self._read_attributes(element)
        elif element.tag == "harmony" and self._leads:
            self._read_harmony(element)
        elif element.tag in ("direction", "sound") and self._leads:
            self._read_tempo(element)

    def _read_attributes(self, element: Element) -> None:
        self._divisions = max(int(_text(element, "divisions") or self._divisions), 1)
        beats, kind = _text(element, "time/beats"), _text(element, "time/beat-type")
        if beats and kind and re.fullmatch(r"\d+(\+\d+)*", beats) and kind.isdigit() and int(kind):
            self._metre = sum(map(int, beats.split("+"))), int(kind)
        if self._leads and not self._score.key and element.find("transpose") is None:
            self._score.key = _key_name(_text(element, "key/fifths"), _text(element, "key/mode"))
        transpose = element.find("transpose")
        if transpose is not None:
            octaves = int(_text(transpose, "octave-change") or 0)
            self._transpose = int(_text(transpose, "chromatic") or 0) + 12 * octaves

    def _read_note(self, note: Element) -> None:
        if note.find("grace") is not None:
            return
        length = self._quarters(note)
        if note.find("chord") is None:
            self._chord_start, self._place = self._place, self._place + length
            self._reached = max(self._reached, self._place)
        pitch = note.find("pitch")
        if pitch is None:
            return
        step, octave = _text(pitch, "step"), _text(pitch, "octave")
        alter = round(float(_text(pitch, "alter") or 0))
        if step not in _STEPS or not octave.lstrip("-").isdigit():
            raise score_error("A note has no pitch that can be read.")
        number = 12 * (int(octave) + 1) + _STEPS[step] + alter + self._transpose
        tied = any(tie.get("type") == "start" for tie in note.findall("tie"))
        voice = _text(note, "voice") or "1"
        if voice not in self.voices:
            name = self._name if not self.voices else f"{self._name} {len(self.voices) + 1}"
            self.voices[voice] = NoteWriter(name)
        start = self._chord_start
        self.voices[voice].add(start, start + length, min(max(number, 0), 127), tied_on=tied)

    def _read_harmony(self, harmony: Element) -> None:
        offset = Fraction(int(_text(harmony, "offset") or 0), self._divisions)
        kind = harmony.find("kind")
        value = (kind.text or "").strip() if kind is not None else ""
        if value == "none":
            symbol = "N.C."
        else:
            shown = kind.get("text") if kind is not None else None
            ending = _KINDS.get(value, shown or "")
            bass = _letter(harmony, "bass/bass")
            symbol = _letter(harmony, "root/root") + ending + (f"/{bass}" if bass else "")
        if symbol:
            self._score.chords.append((self._place + offset, symbol))

    def _read_tempo(self, element: Element) -> None:
        sound = element if element.tag == "sound" else element.find("sound")
        tempo = sound.get("tempo") if sound is not None else None
        if tempo and re.fullmatch(r"\d+(\.\d+)?", tempo) and float(tempo):
            self._score.tempi.append((self._place, float(tempo)))

    def _quarters(self, element: Element) -> Fraction:
        try:
            return Fraction(_text(element, "duration") or "0") / self._divisions
        except (ValueError, ZeroDivisionError) as error:
            raise score_error("A note has no length that can be read.") from error


def _letter(harmony: Element, path: str) -> str:
    alter = _text(harmony, f"{path}-alter")
    sign = {"1": "#", "-1": "b"}.get(alter, "")
    return _text(harmony, f"{path}-step") + sign


def _text(element: Element, path: str) -> str:
    found = element.find(path)
    return (found.text or "").strip() if found is not None else ""


def _key_name(fifths: str, mode: str) -> str:
    """A key by the sharps of its signature, negative for flats; empty where its mode is not said."""
    if not re.fullmatch(r"-?[0-7]", fifths) or mode not in ("major", "minor"):
        return ""
    tonic = 7 * int(fifths) + (9 if mode == "minor" else 0)
    return Key(tonic % 12, mode).name
