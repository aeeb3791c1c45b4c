"""A score that a musician gives, as ABC or MusicXML: its notes to be played or followed, and its chords as a chart."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import msgspec

from bandmate_bridge.midi.midi_reader import MidiTempo
from bandmate_plugins._score.abc_reader import read_abc
from bandmate_plugins._score.musicxml_reader import MAX_BYTES, read_musicxml
from bandmate_plugins._score.read_score import ReadScore
from bandmate_plugins._theory.chord_chart import MAX_CHART_TEXT
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.placed_chords import chart_text
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import ChordMark, TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap, nearest_frame
from bandmate_protocol.texts import say

_CHART_FRAMES_A_QUARTER = 96_000
"""Any number that keeps places apart: a chart has no tempo."""
SCORE_ENDINGS = frozenset({".abc", ".musicxml", ".mxl", ".xml"})


def is_score_file(file: Path) -> bool:
    """Whether a file is a score, by its ending."""
    return file.suffix.lower() in SCORE_ENDINGS


def read_score_file(file: Path) -> ReadScore:
    """Reads ABC or MusicXML. Raises RequestError (`file_unusable`) that names the file."""
    if not file.is_file():
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("There is no file {file}.", file=file),
            "Name a score, such as song.abc or song.musicxml.",
        )
    try:
        size = file.stat().st_size
        data = file.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{file} cannot be read: {reason}.", file=file, reason=error.strerror or error),
            "Give a file that you are allowed to read.",
        ) from error
    if size > MAX_BYTES:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{name} is too large for a score.", name=file.name),
            "Give a shorter score.",
        )
    try:
        if file.suffix.lower() == ".abc":
            return read_abc(data.decode("utf-8-sig"))
        return read_musicxml(data)
    except UnicodeDecodeError as error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{name} is not text in UTF-8.", name=file.name),
            "Save it as UTF-8.",
        ) from error
    except RequestError as error:
        raise RequestError(error.code, f"{file.name}: {error.sentence}", error.remedy) from error


def score_tempo(score: ReadScore) -> tuple[MidiTempo, ...]:
    """Tempo and metre of a score, as those of a MIDI file."""
    found = [MidiTempo(float(place), bpm=bpm) for place, bpm in score.tempi]
    before: tuple[int, int] | None = None
    for bar in score.bars:
        if bar.metre != before:
            found.append(MidiTempo(float(bar.start), metre=bar.metre))
        before = bar.metre
    return tuple(sorted(found, key=lambda event: event.quarters))


def score_chart(score: ReadScore, name: str) -> str:
    """The chords of a score as a chart in its own bars; empty where it has none. `name` is its file's.

    Raises RequestError (`bad_params`) for more chords than a chart takes.
    """
    rate = _CHART_FRAMES_A_QUARTER * 2
    points: list[TempoPoint] = []
    for event in score_tempo(score):
        if event.metre is not None:
            position = event.quarters * _CHART_FRAMES_A_QUARTER
            over, under = event.metre
            point = TempoPoint(
                position=position, bpm=120.0, numerator=over, denominator=under, starts_bar=position > 0
            )
            points.append(point)
    tempo = TempoMap(points or [TempoPoint(position=0.0, bpm=120.0)], rate)
    end = nearest_frame(float(score_quarters(score)) * _CHART_FRAMES_A_QUARTER)
    return placed_chart(score, name, tempo.timeline_between(0, max(end, 1)), tempo)


def placed_chart(
    score: ReadScore, name: str, timeline: Timeline, tempo: TempoMap, origin: float = 0.0
) -> str:
    """The chords of a score as a chart for the bars of a range, where they keep their beats.

    `tempo` is the map of the range's project, and `origin` where the score begins, in its quarters. Raises RequestError
    (`bad_params`) for more chords than a chart takes.
    """
    if not score.chords:
        return ""
    marks = tuple(
        ChordMark(
            position=max(nearest_frame(tempo.position_at(origin + float(place))), 0),
            symbol="N" if symbol == "N.C." else symbol,
        )
        for place, symbol in score.chords
    )
    end = tempo.position_at(origin + float(score_quarters(score)))
    chart = chart_text(MusicalRange(msgspec.structs.replace(timeline, chords=marks), tempo), end)
    if len(chart) > MAX_CHART_TEXT:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("{name} has more chords than fit into a chart.", name=name),
            "Give a shorter score.",
        )
    return chart


def score_quarters(score: ReadScore) -> Fraction:
    """How long a score is, in quarters: to the end of its last bar, or of what is in it."""
    bars = [bar.start + Fraction(4 * bar.metre[0], bar.metre[1]) for bar in score.bars[-1:]]
    notes = [note.end for part in score.parts for note in part.notes]
    return max([*bars, *notes, *(place for place, _ in score.chords[-1:])], default=Fraction(0))


def other_metre_remark(
    score: ReadScore, name: str, timeline: Timeline, tempo: TempoMap, origin: float
) -> str:
    """That the bars of a score are not those of the range that it is put on; empty where they are."""
    for bar in score.bars:
        frame = tempo.position_at(origin + float(bar.start))
        if not timeline.start_frame - 0.5 <= frame < timeline.end_frame - 0.5:
            continue
        here = tempo.metre_at(frame)
        if here != bar.metre:
            return say(
                "{name} is in {own} and the music in {here}: notes and chords keep their beats, not their bar lines.",
                name=name,
                own=f"{bar.metre[0]}/{bar.metre[1]}",
                here=f"{here[0]}/{here[1]}",
            )
    return ""
