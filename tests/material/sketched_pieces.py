"""Bands of the engine `sketch` whose beats, key, chords and sections are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._engines.sketch.library import genres
from bandmate_plugins._engines.sketch.players import band as bands
from bandmate_plugins._engines.sketch.theory.measures import iter_measures
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._theory.chords import Chord
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.testing import make_timeline, run_task
from bandmate_protocol.messages import TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap

RATE = 44_100
Audio = NDArray[np.float32]


@dataclass(frozen=True)
class Piece:
    """Audio of shape (frames, 2) at RATE with what is true of it; empty where it is not known."""

    name: str
    group: str
    audio: Audio
    beats: list[float]
    """Seconds."""
    downbeats: list[float] = field(default_factory=list)
    metre: str = ""
    key: str = ""
    chords: list[tuple[float, float, str]] = field(default_factory=list)
    """Start and end in seconds, and a label as mir_eval reads it."""
    sections: list[tuple[float, float, str]] = field(default_factory=list)


METRES = ("4/4", "4/4", "4/4", "3/4", "4/4", "4/4", "6/8", "4/4", "4/4", "5/4")
"""One for each sketch in turn; the 7/8 comes by itself."""
_KEYS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def sketches(count: int = 50, first: int = 0, seconds: float = 60.0) -> Iterator[Piece]:
    """Pieces of every genre, in all keys, most metres and at the tempos of their genre; some drift."""
    for number in range(first, first + count):
        yield sketch(number, seconds)


def sketch(number: int, seconds: float = 60.0) -> Piece:
    """One of them; the same number gives the same piece."""
    random = np.random.default_rng(9_000 + number)
    names = sorted(name for name, genre in genres().items() if not genre.base)
    genre = genres()[names[number % len(names)]]
    metre = "7/8" if number % 25 == 12 else METRES[number % len(METRES)]
    numerator, denominator = map(int, metre.split("/"))
    bpm = float(random.uniform(*genre.tempo))
    key = f"{_KEYS[int(random.integers(12))]} {('major', 'minor')[int(random.integers(2))]}"
    points = _tempo(random, bpm, numerator, denominator, seconds, drifts=number % 5 == 4)
    asked = make_timeline(frames=round(RATE * seconds), tempo=points, sample_rate=RATE, key=key)
    prompt = genre.title.lower()
    made = run_task("generate", {"prompt": prompt, "mix": True}, timeline=asked, seed=number, engine="sketch")
    tempo = TempoMap.from_timeline(asked)
    music = MusicalRange(asked, tempo)
    chart = bands.assemble_band(parse_prompt(prompt), music, _key_of(prompt, asked, number), number)
    beats, downs = _beats(asked, tempo)
    chords, sections = _plan(music, chart)
    name = f"{number} {genre.title} {metre} {bpm:.0f} {key}"
    return Piece(name, "sketches", made.stems[0].samples, beats, downs, metre, key, chords, sections)


def _tempo(
    random: np.random.Generator, bpm: float, numerator: int, denominator: int, seconds: float, *, drifts: bool
) -> list[TempoPoint]:
    """A steady tempo, or one that wanders within 6 % as players do."""
    if not drifts:
        return [TempoPoint(position=0.0, bpm=bpm, numerator=numerator, denominator=denominator)]
    return [
        TempoPoint(
            position=float(at * RATE),
            bpm=bpm * float(random.uniform(0.94, 1.06)),
            numerator=numerator,
            denominator=denominator,
            shape="linear",
        )
        for at in range(0, int(seconds) + 10, 8)
    ]


def _key_of(prompt: str, asked: Timeline, seed: int) -> object:
    return decisions.choose_key(parse_prompt(prompt), asked, seed)[0]


def _beats(asked: Timeline, tempo: TempoMap) -> tuple[list[float], list[float]]:
    """Felt beats: of the denominator, or three of them in compound time; and the first of each bar."""
    beats, downs = [], []
    for beat in tempo.beats(asked.start_frame, asked.end_frame):
        compound = beat.denominator == 8 and beat.numerator % 3 == 0
        if not compound or beat.index % 3 == 0:
            beats.append(beat.position / RATE)
        if beat.index == 0:
            downs.append(beat.position / RATE)
    return beats, downs


def _plan(
    music: MusicalRange, band: bands.Band
) -> tuple[list[tuple[float, float, str]], list[tuple[float, float, str]]]:
    chords: list[tuple[float, float, str]] = []
    sections: list[tuple[float, float, str]] = []
    tempo, end = music.tempo, music.end_frame / RATE
    for measure in iter_measures(music, band.level):
        for span in band.chart.chord_spans(measure):
            edges = [min(tempo.position_at(at) / RATE, end) for at in (span.start, span.end)]
            if edges[1] > edges[0]:
                _grow(chords, edges[0], edges[1], label(span.chord))
        edges = [min(tempo.position_at(at) / RATE, end) for at in (measure.start, measure.end)]
        section = band.chart.section_at(measure)
        if edges[1] > edges[0]:
            _grow(sections, edges[0], edges[1], f"{section.kind} {section.first}")
    return chords, [(start, stop, name.split()[0]) for start, stop, name in sections]


def _grow(spans: list[tuple[float, float, str]], start: float, end: float, name: str) -> None:
    if spans and spans[-1][2] == name:
        spans[-1] = (spans[-1][0], end, name)
    else:
        spans.append((start, end, name))


def label(chord: Chord | None) -> str:
    """A chord as mir_eval reads it, by its third, fifth and seventh."""
    if chord is None:
        return "N"
    tones = {tone % 12 for tone in chord.intervals}
    root = _KEYS[chord.root]
    if 3 in tones and 4 not in tones:
        if 7 in tones:
            return f"{root}:min7" if 10 in tones else f"{root}:min"
        return f"{root}:hdim7" if 10 in tones else f"{root}:dim"
    if 4 in tones:
        kind = "7" if 10 in tones else "maj7" if 11 in tones else "maj"
        return f"{root}:{kind}" if 8 not in tones else f"{root}:aug"
    return f"{root}:sus4" if 5 in tones else f"{root}:sus2" if 2 in tones else f"{root}:5"
