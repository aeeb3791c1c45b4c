"""What is decided from a prompt and a project before anyone plays: style, character, key, tempo, parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library import Genre, MoodEffect
from bandmate_plugins._engines.sketch.words.drum_cast import cast_drums, cast_kit, leave_out_drums
from bandmate_plugins._engines.sketch.words.manners import manners_on
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.prompt import instrument_part
from bandmate_plugins._theory.chord_chart import read_chord_chart
from bandmate_plugins._theory.chords import Chord, parse_chord
from bandmate_plugins._theory.keys import Key, parse_key
from bandmate_protocol.messages import Timeline

FALLBACK = "pop"
"""The genre of a prompt that names none."""
PARTS = ("drums", "bass", "keys", "lead")
_SECOND_FALLBACK = "rock"
_STRAIGHT, _SWUNG = 0.5, 0.64
"""The share of a pair of steps that the first takes."""
_STAND_INS = {
    "bass": ("electric_bass", "upright_bass", "synth_bass"),
    "keys": ("organ", "piano", "electric_piano", "acoustic_guitar"),
    "lead": (),
}
"""Who takes a part whose usual instrument the prompt rules out."""


@dataclass(frozen=True)
class MusicCharacter:
    """The moods of a prompt, added up."""

    tempo: float = 1.0
    energy: float = 0.0
    bright: float = 0.0
    drive: float = 0.0
    room: float = 0.0
    minor: bool | None = None
    swing: float | None = None
    half_time: bool = False
    loose: float = 0.0
    """How much of the style's looseness there is: players are exact unless the prompt wants otherwise."""


def sum_moods(wish: ParsedPrompt) -> MusicCharacter:
    """Adds up the moods."""
    known = library.word_lists().moods
    opposite = [_opposite_mood(known[name]) for name in wish.opposite_moods]
    moods = [*(known[name] for name in wish.moods if name not in wish.opposite_moods), *opposite]
    tempo = 1.0
    for mood in moods:
        tempo *= mood.tempo
    return MusicCharacter(
        tempo=min(max(tempo, 0.6), 1.6),
        energy=min(max(sum(mood.energy for mood in moods), -0.5), 0.5),
        bright=min(max(sum(mood.bright for mood in moods), -0.8), 0.8),
        drive=min(sum(mood.drive for mood in moods), 1.0),
        room=min(max(sum(mood.room for mood in moods), -0.3), 0.4),
        minor=next((mood.minor for mood in moods if mood.minor is not None), None),
        swing=next((mood.swing for mood in moods if mood.swing is not None), None),
        half_time=any(mood.half_time for mood in moods),
        loose=max((mood.loose for mood in moods), default=0.0),
    )


def _opposite_mood(mood: MoodEffect) -> MoodEffect:
    """What a prompt asks for that rules a mood out: `not sad` is major, and a little quicker."""
    return msgspec.structs.replace(
        mood,
        loose=0.0,
        minor=None if mood.minor is None else not mood.minor,
        tempo=1 / mood.tempo,
        energy=-mood.energy,
        bright=-mood.bright,
        drive=0.0,
        room=-mood.room,
        swing=None if mood.swing is None else _STRAIGHT if mood.swing != _STRAIGHT else _SWUNG,
        half_time=None,
    )


def choose_genre(wish: ParsedPrompt) -> Genre:
    """The genre that plays, with the drums that the kit is to play."""
    genre = choose_style(wish)
    return msgspec.structs.replace(genre, drums=cast_kit(genre.drums, cast_drums(wish)))


def choose_style(wish: ParsedPrompt) -> Genre:
    """The prompt's genre; of two, the first's band over the second's drums and swing.

    Of a style and a variant of it (`rock, hard rock`), the variant.
    """
    usual = FALLBACK if FALLBACK not in wish.without_genres else _SECOND_FALLBACK
    genre = library.genres()[wish.genre or usual]
    if len(wish.genres) > 1:
        other = library.genres()[wish.genres[1]]
        if other.base == wish.genres[0]:
            genre = other
        elif genre.base != wish.genres[1]:
            genre = msgspec.structs.replace(
                genre, drums=other.drums, swing=other.swing, swing_unit=other.swing_unit
            )
    drums = leave_out_drums(genre.drums, wish.without_drums)
    no_fills = any(manner.no_fills for manner in manners_on(wish.manners, "drums", pitched=False))
    if no_fills or wish.form.fill is not None:
        drums = msgspec.structs.replace(drums, fills=())
    return msgspec.structs.replace(genre, drums=drums)


def choose_instrument(wish: ParsedPrompt, genre: Genre, kind: str) -> str | None:
    """Who plays a part that the prompt gives to nobody: the style's, or another where that is ruled out.

    None for a lead that is ruled out: a band needs a bass and chords, but it can do without.
    """
    line = {"bass": genre.bass, "keys": genre.keyboard, "lead": genre.lead}[kind]
    usual = (line.instrument, *_STAND_INS[kind])
    return next((name for name in usual if name not in wish.without_instruments), None)


def choose_key(
    wish: ParsedPrompt, timeline: Timeline | None, seed: int, heard: Key | None = None
) -> tuple[Key, str]:
    """The key, and why: the timeline's, its chords', one heard, the prompt's, or one of the genre's.

    A key of the timeline needs no reason: who wrote it there knows whether it was said, heard or suggested.
    """
    if timeline is not None and timeline.key and (key := parse_key(timeline.key)):
        return key, ""
    chords = [chord for mark in timeline.chords if (chord := parse_chord(mark.symbol))] if timeline else []
    if chords:
        return key_for_chords(chords), "from the chords"
    if heard:
        return heard, "detected in the audio around it"
    if wish.key:
        return wish.key, "from the prompt"
    if wish.chords:
        return key_for_chords(_chart_chords(wish.chords)), "from the chords"
    names = choose_genre(wish).keys
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 1])))
    known = [key for name in names if (key := parse_key(name))]
    key = known[int(rng.integers(len(known)))]
    minor = sum_moods(wish).minor
    if minor is not None and minor != key.is_minor:
        fitting = [one for one in known if one.is_minor == minor]
        key = (
            fitting[int(rng.integers(len(fitting)))]
            if fitting
            else Key(key.tonic, "minor" if minor else "major")
        )
    return key, "chosen for the style"


def _chart_chords(chart: str) -> list[Chord]:
    symbols = [symbol for bar in read_chord_chart(chart).bars for symbol in bar]
    return [chord for symbol in symbols if symbol and (chord := parse_chord(symbol))]


def key_for_chords(chords: Sequence[Chord]) -> Key:
    """The major or minor key whose scale holds most of the chords' tones; the ends weigh more."""

    def fit(key: Key) -> float:
        scale = frozenset(key.scale)
        inside = sum(len(chord.pitch_classes & scale) / len(chord.pitch_classes) for chord in chords)
        ends = sum(
            0.6
            for chord in (chords[0], chords[-1])
            if chord.root == key.tonic and chord.is_minor == key.is_minor
        )
        return inside + ends

    keys = [Key(tonic, mode) for mode in ("major", "minor") for tonic in range(12)]
    return max(keys, key=fit)


def part_kinds(wish: ParsedPrompt) -> list[str]:
    """The kinds of parts that play, besides those of a group: what the prompt names, else all."""
    named = {instrument_part(wish, name) for name in wish.instruments} | set(wish.parts)
    if wish.drums or wish.kit:
        named.add("drums")
    # `no drums, just a shaker` has a shaker.
    without = wish.without - {"drums"} if wish.drums else wish.without
    if wish.ensemble and not wish.band:
        return [kind for kind in PARTS if kind in named and kind not in without]
    if wish.band or not named:
        named = set(PARTS)
    kinds = [kind for kind in PARTS if kind in named and kind not in without]
    return kinds or [kind for kind in PARTS if kind not in without] or ["drums"]


def names_parts(wish: ParsedPrompt) -> bool:
    """Whether a prompt names the parts that play, rather than a style or a band."""
    return not (wish.band or wish.ensemble) and bool(wish.instruments or wish.parts or wish.drums or wish.kit)


def choose_tempo(wish: ParsedPrompt) -> float:
    """The tempo that a prompt asks for or that suits it, a whole number where the prompt gives none."""
    if wish.bpm:
        return wish.bpm
    low, high = choose_genre(wish).tempo
    return float(round(min(max((low + high) / 2 * sum_moods(wish).tempo, 30), 300)))


def choose_metre(wish: ParsedPrompt) -> tuple[int, int]:
    """The metre that a prompt asks for or that its style has."""
    if wish.metre:
        return wish.metre
    numerator, denominator = choose_genre(wish).metre.split("/")
    return int(numerator), int(denominator)
