"""Puts the band together: who plays, in which key, and what the musician is told about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import msgspec
import numpy as np

from bandmate_plugins.sketch import data
from bandmate_plugins.sketch.bassist import Bassist
from bandmate_plugins.sketch.chart import Chart, Event
from bandmate_plugins.sketch.data import Genre, Instrument, Kit, Line
from bandmate_plugins.sketch.drummer import Drummer
from bandmate_plugins.sketch.form import Form
from bandmate_plugins.sketch.grid import Measure, beat_level, measure_count
from bandmate_plugins.sketch.keyboardist import Keyboardist
from bandmate_plugins.sketch.prompt import Wish, part_of
from bandmate_plugins.sketch.soloist import Soloist
from bandmate_plugins.sketch.theory import Chord, Key, parse_chord, parse_key
from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import TempoMap

FALLBACK = "pop"
"""The genre of a prompt that names none."""
_PARTS = ("drums", "bass", "keys", "lead")
_MOST_PARTS = 12


class Musician(Protocol):
    """Who plays a part."""

    def play(self, measure: Measure) -> list[Event]:
        """The notes of a measure, by time; called for one measure after another."""
        ...


@dataclass(frozen=True)
class Part:
    """One player with an instrument."""

    name: str
    """The stem's."""
    kind: str
    """`drums`, `bass`, `keys` or `lead`."""
    role: str
    hire: Callable[[], Musician]
    """Makes a player who starts from the beginning."""
    sound_name: str
    """The name of the instrument or of the kit."""
    instrument: Instrument | None
    """None for the drums."""
    kit: Kit | None
    level: float
    """LU next to the drums."""
    channel: int


@dataclass(frozen=True)
class Character:
    """The moods of a prompt, added up."""

    tempo: float = 1.0
    energy: float = 0.0
    bright: float = 0.0
    drive: float = 0.0
    room: float = 0.0
    minor: bool | None = None
    swing: float | None = None
    half_time: bool = False


@dataclass(frozen=True)
class Band:
    """Everything that is decided before the first note."""

    chart: Chart
    parts: tuple[Part, ...]
    character: Character
    level: int
    """Of `grid.beat_level`."""
    measures: int


def character_of(wish: Wish) -> Character:
    """Adds up the moods."""
    moods = [data.words().moods[name] for name in wish.moods]
    tempo = 1.0
    for mood in moods:
        tempo *= mood.tempo
    return Character(
        tempo=min(max(tempo, 0.6), 1.6),
        energy=min(max(sum(mood.energy for mood in moods), -0.5), 0.5),
        bright=min(max(sum(mood.bright for mood in moods), -0.8), 0.8),
        drive=min(sum(mood.drive for mood in moods), 1.0),
        room=min(max(sum(mood.room for mood in moods), -0.3), 0.4),
        minor=next((mood.minor for mood in moods if mood.minor is not None), None),
        swing=next((mood.swing for mood in moods if mood.swing is not None), None),
        half_time=any(mood.half_time for mood in moods),
    )


def genre_of(wish: Wish) -> Genre:
    """The genre that plays: the prompt's; of two, the first's band over the second's drums and swing."""
    genre = data.genres()[wish.genre or FALLBACK]
    if len(wish.genres) > 1:
        other = data.genres()[wish.genres[1]]
        genre = msgspec.structs.replace(
            genre, drums=other.drums, swing=other.swing, swing_unit=other.swing_unit
        )
    return genre


def key_of(wish: Wish, timeline: Timeline | None, seed: int) -> tuple[Key, str]:
    """The key, and why: the project's, the chords', the prompt's, or one that the genre is at home in."""
    if timeline is not None and timeline.key and (key := parse_key(timeline.key)):
        return key, "the project's"
    chords = [chord for mark in timeline.chords if (chord := parse_chord(mark.symbol))] if timeline else []
    if chords:
        return key_for(chords), "that of the project's chords"
    if wish.key:
        return wish.key, "the prompt's"
    names = genre_of(wish).keys
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 1])))
    known = [key for name in names if (key := parse_key(name))]
    key = known[int(rng.integers(len(known)))]
    minor = character_of(wish).minor
    if minor is not None and minor != key.minor:
        fitting = [one for one in known if one.minor == minor]
        key = (
            fitting[int(rng.integers(len(fitting)))]
            if fitting
            else Key(key.tonic, "minor" if minor else "major")
        )
    return key, "chosen for the style"


def key_for(chords: Sequence[Chord]) -> Key:
    """The major or minor key whose scale holds most of the chords' tones; the ends weigh more."""

    def fit(key: Key) -> float:
        scale = frozenset(key.scale)
        inside = sum(len(chord.pitch_classes & scale) / len(chord.pitch_classes) for chord in chords)
        ends = sum(
            0.6 for chord in (chords[0], chords[-1]) if chord.root == key.tonic and chord.minor == key.minor
        )
        return inside + ends

    keys = [Key(tonic, mode) for mode in ("major", "minor") for tonic in range(12)]
    return max(keys, key=fit)


def gather(wish: Wish, timeline: Timeline, tempo: TempoMap, key: Key, seed: int) -> Band:
    """Chooses players and instruments and writes the chart."""
    genre, character = genre_of(wish), character_of(wish)
    level = beat_level(tempo, timeline.start_frame)
    measures = measure_count(timeline, tempo, level)
    kinds = kinds_of(wish)
    chart = Chart(
        genre=genre,
        key=key,
        form=Form(measures, character.energy, frozenset(kinds), genre.section_measures),
        seed=seed,
        swing=genre.swing if character.swing is None else character.swing,
        half_time=character.half_time,
        marks=_marks(timeline, tempo),
    )
    return Band(chart, _parts(wish, chart), character, level, measures)


def kinds_of(wish: Wish) -> list[str]:
    """The kinds of parts that play: those that the prompt names, else all."""
    named = {part_of(wish, name) for name in wish.instruments} | set(wish.parts)
    if wish.drums or wish.kit:
        named.add("drums")
    if wish.band or not named:
        named = set(_PARTS)
    kinds = [kind for kind in _PARTS if kind in named and kind not in wish.without]
    return kinds or [kind for kind in _PARTS if kind not in wish.without] or ["drums"]


def _parts(wish: Wish, chart: Chart) -> tuple[Part, ...]:
    parts: list[Part] = []
    for kind in kinds_of(wish):
        if kind == "drums":
            parts.append(_drums(wish, chart))
            continue
        line: Line = {"bass": chart.genre.bass, "keys": chart.genre.keyboard, "lead": chart.genre.lead}[kind]
        asked = [name for name in wish.instruments if part_of(wish, name) == kind]
        for number, name in enumerate(asked or [line.instrument]):
            parts.append(_pitched(kind, name, number, line, chart))
    return tuple(parts[:_MOST_PARTS])


def _drums(wish: Wish, chart: Chart) -> Part:
    name = wish.kit or chart.genre.drums.kit
    kit = data.kits()[name]
    if "brush" in wish.drums:
        kit = msgspec.structs.replace(kit, drums={**kit.drums, "snare": kit.drums["brush"]})
    return Part("Drums", "drums", "drums", partial(Drummer, chart), name, None, kit, 0.0, 9)


def _pitched(kind: str, name: str, number: int, line: Line, chart: Chart) -> Part:
    instrument = data.instruments()[name]
    seed_name = kind if number == 0 else f"{kind} {number}"
    mix: Any = chart.genre.mix
    level = float(getattr(mix, kind)) - 2.0 * number
    hire: Callable[[], Musician]
    if kind == "bass":
        hire = partial(Bassist, chart, line, instrument)
    elif kind == "keys":
        hire = partial(Keyboardist, chart, line, instrument, seed_name)
    else:
        hire = partial(Soloist, chart, line, instrument, seed_name)
    channel = {"bass": 0, "keys": 1, "lead": 2}[kind]
    return Part(instrument.title, kind, instrument.role, hire, name, instrument, None, level, channel)


def _marks(timeline: Timeline, tempo: TempoMap) -> tuple[tuple[float, Chord | None], ...]:
    marks = sorted(timeline.chords, key=lambda mark: mark.position)
    return tuple((tempo.quarters_at(float(mark.position)), parse_chord(mark.symbol)) for mark in marks)


def tempo_of(wish: Wish) -> float:
    """The tempo that a prompt asks for or that suits it, a whole number where the prompt gives none."""
    if wish.bpm:
        return wish.bpm
    low, high = genre_of(wish).tempo
    return float(round(min(max((low + high) / 2 * character_of(wish).tempo, 30), 300)))


def metre_of(wish: Wish) -> tuple[int, int]:
    """The metre that a prompt asks for or that its style has."""
    if wish.metre:
        return wish.metre
    numerator, denominator = genre_of(wish).metre.split("/")
    return int(numerator), int(denominator)
