"""A score as ABC notation, standard 2.1 (abcnotation.com): text that people and other models read."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bandmate_plugins._score.score import Score, ScoreEvent, ScoreVoice
from bandmate_plugins._score.spelling import key_fifths, signature_alters, spell_pitch
from bandmate_plugins._theory.keys import Key

_UNIT = Fraction(1, 2)
"""The length of a note without a number, in quarters: L:1/8."""
_BARS_A_LINE = 4
_MODES = {
    "major": "", "minor": "m", "dorian": "dor", "phrygian": "phr", "lydian": "lyd", "mixolydian": "mix",
    "locrian": "loc", "harmonic minor": "m", "melodic minor": "m",
}  # fmt: skip
_ACCIDENTALS = {-1: "_", 0: "=", 1: "^"}


def write_abc(score: Score) -> str:
    """The text of a score, a voice for each of its voices.

    Chord symbols stand before the notes of the first voice, rehearsal marks and tempi too. Tempo is in quarters.
    """
    first = score.bars[0]
    opening = score.voices[0].bars[0][0].marks
    lines = ["X:1", f"T:{_plain_text(score.title)}", f"M:{first.metre[0]}/{first.metre[1]}", "L:1/8"]
    if opening.bpm is not None:
        lines.append(f"Q:1/4={opening.bpm:.6g}")
    lines.append(f"K:{_key_text(score.key)}")
    for number, voice in enumerate(score.voices, 1):
        clef = " clef=bass" if voice.is_low else ""
        lines.append(f'V:{number} name="{_quoted(voice.name)}"{clef}')
        lines += _voice_lines(score, voice)
    return "\n".join(lines) + "\n"


def _voice_lines(score: Score, voice: ScoreVoice) -> Iterator[str]:
    """Lines of a few bars. A metre or a tempo that begins with a bar has a line of its own: not all programs read them
    inside one.
    """
    written: list[str] = []
    metre = score.bars[0].metre
    last = len(score.bars) - 1
    for number, (bar, events) in enumerate(zip(score.bars, voice.bars, strict=True)):
        changes = [f"M:{bar.metre[0]}/{bar.metre[1]}"] if bar.metre != metre else []
        bpm = events[0].marks.bpm
        changes += [f"Q:1/4={bpm:.6g}"] if bpm is not None and number > 0 else []
        metre = bar.metre
        if changes and written:
            yield " ".join(written)
            written = []
        yield from changes
        written.append(f"{_bar_text(events, score.key)} {'|]' if number == last else '|'}")
        if len(written) == _BARS_A_LINE or number == last:
            yield " ".join(written)
            written = []


def _bar_text(events: tuple[ScoreEvent, ...], key: Key | None) -> str:
    signature = signature_alters(key_fifths(key)) if key else {}
    altered: set[str] = set()
    """Letters that this bar has altered in any octave: they are written in full from there on."""
    return " ".join(
        _event_text(event, key, signature, altered, says_tempo=number > 0)
        for number, event in enumerate(events)
    )


def _event_text(
    event: ScoreEvent, key: Key | None, signature: dict[str, int], altered: set[str], *, says_tempo: bool
) -> str:
    marks = event.marks
    text = ""
    if event.triplet and event.triplet[0] == 0:
        text += f"(3:2:{event.triplet[1]}"
    if marks.bpm is not None and says_tempo:
        text = f"[Q:1/4={marks.bpm:.6g}]{text}"
    if marks.chord:
        # No chord is no chord symbol in ABC, but a text above.
        text += '"^N.C."' if marks.chord == "N" else f'"{_quoted(marks.chord)}"'
    if marks.section:
        text += f'"^{_quoted(marks.section)}"'
    notes = [_pitch_text(pitch, key, signature, altered) for pitch in event.pitches]
    body = "z" if not notes else notes[0] if len(notes) == 1 else f"[{''.join(notes)}]"
    return text + body + _length_text(event.written) + ("-" if event.is_tied_on else "")


def _pitch_text(pitch: int, key: Key | None, signature: dict[str, int], altered: set[str]) -> str:
    spelled = spell_pitch(pitch, key)
    usual = signature.get(spelled.letter, 0)
    sign = ""
    if spelled.alter != usual or spelled.letter in altered:
        sign = _ACCIDENTALS[spelled.alter]
        altered.add(spelled.letter)
    if spelled.octave >= 5:
        return sign + spelled.letter.lower() + "'" * (spelled.octave - 5)
    return sign + spelled.letter + "," * (4 - spelled.octave)


def _length_text(written: Fraction) -> str:
    units = written / _UNIT
    if units == 1:
        return ""
    if units.denominator == 1:
        return str(units.numerator)
    head = "" if units.numerator == 1 else str(units.numerator)
    return f"{head}/{units.denominator}"


def _key_text(key: Key | None) -> str:
    if key is None:
        return "C"
    return key.spell_pitch(key.tonic) + _MODES[key.mode]


def _plain_text(text: str) -> str:
    """On one line, and without what begins a comment."""
    return " ".join(text.split()).replace("%", "\\%")


def _quoted(text: str) -> str:
    return _plain_text(text).replace('"', "'")
