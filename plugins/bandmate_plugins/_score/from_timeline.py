"""The score of a timeline: its bars, tempi, key, chords and sections, and its notes in note values."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from bandmate_plugins._score.events import voice_events
from bandmate_plugins._score.quantise import HeardNote, QuantisedVoice, quantise_part
from bandmate_plugins._score.score import NO_MARKS, Score, ScoreBar, ScoreMarks, ScoreVoice
from bandmate_plugins._theory.keys import parse_key
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import DRUM_CHANNEL, GivenPart, Timeline
from bandmate_protocol.texts import say

MAX_BARS = 4_000
MAX_VOICES = 16
_DENOMINATORS = (1, 2, 4, 8, 16, 32)
_FINEST_BAR = 96
"""Into how many parts of a quarter the length of a bar that is cut short is rounded."""


def score_of(timeline: Timeline, title: str) -> Score:
    """The score of a timeline with its chords, sections, and the notes of its `parts`.

    A part is one voice, or several where its notes overlap. Drums are left out. A range that begins inside a bar begins
    with a pickup; the last bar is filled up with rests. A tempo that changes gradually is written bar by bar. Raises
    RequestError (`bad_params`) for a metre that cannot be written, and for too long a range.
    """
    music = MusicalRange.from_timeline(timeline)
    bars = _score_bars(music)
    origin = music.tempo.quarters_at(timeline.start_frame)
    said: list[str] = []
    lines: list[tuple[str, QuantisedVoice]] = []
    for part in timeline.parts:
        lines += _part_lines(part, music, origin, bars)
    drums = [part.name or "drums" for part in timeline.parts if _is_drums(part)]
    if drums:
        said.append(say("Left out, as drums have no pitch: {names}.", names=", ".join(drums)))
    if len(lines) > MAX_VOICES:
        said.append(
            say("The score has the first {most} of {count} voices.", most=MAX_VOICES, count=len(lines))
        )
    lines = lines[:MAX_VOICES] or [("Chords", QuantisedVoice((), ()))]
    marks = _score_marks(music, origin, bars, lines[0][1])
    voices = tuple(
        ScoreVoice(name, voice_events(voice, bars, {} if number else marks))
        for number, (name, voice) in enumerate(lines)
    )
    key = parse_key(timeline.key) if timeline.key else None
    return Score(title, bars, voices, key, tuple(said))


def _score_bars(music: MusicalRange) -> tuple[ScoreBar, ...]:
    """The bars of the range; the first as long as is left of it, where the range begins inside."""
    found: list[ScoreBar] = []
    place = Fraction(0)
    for bar in music.tempo.bars(music.start_frame, music.end_frame):
        if bar.denominator not in _DENOMINATORS:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say(
                    "The metre {numerator}/{denominator} cannot be written as notes.",
                    numerator=bar.numerator,
                    denominator=bar.denominator,
                ),
                "A score needs metres over 1, 2, 4, 8, 16 or 32.",
            )
        if len(found) == MAX_BARS:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say("The range has more than {most} bars.", most=MAX_BARS),
                "Choose a shorter range.",
            )
        full = Fraction(4 * bar.numerator, bar.denominator)
        start = max(bar.start, float(music.start_frame)) if not found else bar.start
        sounding = music.tempo.quarters_at(bar.end) - music.tempo.quarters_at(start)
        length = full if abs(sounding - full) < 1 / _FINEST_BAR else Fraction(round(sounding * 24), 24)
        is_pickup = not found and length < full
        if length > 0:
            found.append(ScoreBar(bar.number, place, length, (bar.numerator, bar.denominator), is_pickup))
            place += length
    return tuple(found)


def _is_drums(part: GivenPart) -> bool:
    return bool(part.notes) and all(note.channel == DRUM_CHANNEL for note in part.notes)


def _part_lines(
    part: GivenPart, music: MusicalRange, origin: float, bars: Sequence[ScoreBar]
) -> list[tuple[str, QuantisedVoice]]:
    """The voices of a part with their names."""

    def place(frame: int) -> float:
        return music.tempo.quarters_at(music.start_frame + frame) - origin

    notes = [
        HeardNote(place(note.start), place(note.start + note.frames), note.pitch)
        for note in part.notes
        if note.channel != DRUM_CHANNEL
    ]
    if not notes:
        return []
    name = part.name or "Melody"
    voices = quantise_part(notes, bars)
    return [(name if number == 1 else f"{name} {number}", voice) for number, voice in enumerate(voices, 1)]


def _score_marks(
    music: MusicalRange, origin: float, bars: Sequence[ScoreBar], voice: QuantisedVoice
) -> dict[Fraction, ScoreMarks]:
    """Chords, sections and tempi by their places; on half beats, or on beats where the first voice has triplets."""
    found: dict[Fraction, ScoreMarks] = {}
    end = bars[-1].end

    def mark(place: float, changes: ScoreMarks) -> None:
        at = _mark_place(place, bars, voice)
        if at < end:
            before = found.get(at, NO_MARKS)
            found[at] = ScoreMarks(
                changes.chord or before.chord, changes.section or before.section, changes.bpm or before.bpm
            )

    quarters = music.tempo.quarters_at
    timeline = music.timeline
    chords = sorted(timeline.chords, key=lambda one: one.position)
    held = [one for one in chords if one.position <= music.start_frame][-1:]
    for chord in [*held, *(one for one in chords if music.start_frame < one.position < music.end_frame)]:
        place = max(quarters(chord.position) - origin, 0.0)
        mark(place, ScoreMarks(chord=chord.symbol))
    for section in timeline.sections:
        inside = music.start_frame <= section.start_frame < music.end_frame
        if section.name and (inside or section.start_frame < music.start_frame < section.end_frame):
            mark(max(quarters(section.start_frame) - origin, 0.0), ScoreMarks(section=section.name))
    for place, bpm in _tempi(music, origin, bars):
        mark(place, ScoreMarks(bpm=bpm))
    return found


def _mark_place(place: float, bars: Sequence[ScoreBar], voice: QuantisedVoice) -> Fraction:
    bar = next((one for one in reversed(bars) if float(one.start) <= place + 1e-6), bars[0])
    beat = bar.beat
    half = bar.start + Fraction(round((place - float(bar.start)) / float(beat) * 2), 2) * beat
    if any(start < half < end for start, end in voice.triplet_beats):
        half = bar.start + round((place - float(bar.start)) / float(beat)) * beat
    return half


def _tempi(music: MusicalRange, origin: float, bars: Sequence[ScoreBar]) -> list[tuple[float, float]]:
    """Where a tempo begins, in quarters, and which: at each point, and bar by bar where it changes gradually."""
    quarters, tempo = music.tempo.quarters_at, music.tempo
    found = [(0.0, music.start_bpm)]
    ramps: list[tuple[float, float]] = []
    points = tempo.points
    for number, point in enumerate(points):
        place = quarters(point.position) - origin
        following = points[number + 1].position if number + 1 < len(points) else None
        if music.start_frame < point.position < music.end_frame:
            found.append((place, point.bpm))
        if point.shape == "linear" and following is not None:
            ramps.append((place, quarters(following) - origin))
    changing = [
        float(bar.start) for bar in bars if any(start < float(bar.start) < end for start, end in ramps)
    ]
    found += [(start, tempo.bpm_at(tempo.position_at(origin + start))) for start in changing]
    found.sort()
    kept: list[tuple[float, float]] = []
    for place, bpm in found:
        if not kept or abs(kept[-1][1] - bpm) > 0.005:
            kept.append((place, bpm))
    return kept
