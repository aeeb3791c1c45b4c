"""The music itself: genres that differ, chords that lead, basses that lock, phrases that close."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np
import pytest

from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_NAMES
from bandmate_plugins._engines.sketch.players.keyboardist import best_voicing
from bandmate_plugins._theory.chords import Chord, parse_chord, parse_numeral
from bandmate_plugins._theory.keys import MODES, Key, parse_key
from bandmate_protocol.messages import ChordMark
from tests.plugins.sketch.conftest import perform, timeline
from tests.plugins.sketch.genres import GENRES, RATE, played, quarters, shared


@lru_cache(maxsize=128)
def drum_pattern(genre: str, seed: int) -> set[tuple[str, float]]:
    """Each drum and where in the bar it falls, on a grid of sixteenths, when it does so in most bars."""
    show, when = played(genre, seed=seed)
    bar = 4 * when.tempo[0].numerator / when.tempo[0].denominator
    found = Counter(
        (DRUM_NAMES[n.pitch], round(quarters(n, when) % bar * 4 - 0.1) / 4) for n in show.notes[0]
    )
    return {place for place, count in found.items() if count >= 4}


@lru_cache(maxsize=128)
def swing(genre: str, seed: int) -> float:
    """Where the notes between the beats fall: the second eighth and the second sixteenth, added."""
    show, when = played(genre, seed=seed)
    places = [quarters(n, when) % 1 for n in show.notes[0] if n.velocity > 20]
    eighths = [p for p in places if 0.45 < p < 0.7]
    sixteenths = [p for p in places if 0.2 < p < 0.36]
    return float(np.mean(eighths) if eighths else 0.5) + float(np.mean(sixteenths) if sixteenths else 0.25)


@lru_cache(maxsize=128)
def harmony(genre: str, seed: int) -> Counter[tuple[int, ...]]:
    """The chords that sound, as pitch classes above the tonic."""
    show, when = played(genre, seed=seed)
    tonic = parse_key(show.report["key"]).tonic
    bar = 240 * RATE * when.tempo[0].numerator / when.tempo[0].denominator / when.tempo[0].bpm
    bars: dict[int, set[int]] = {}
    for note in (*show.notes[1], *show.notes[2]):
        bars.setdefault(int((note.start + 20) // bar), set()).add((note.pitch - tonic) % 12)
    return Counter(tuple(sorted(classes)) for classes in bars.values())


@lru_cache(maxsize=128)
def registers(genre: str, seed: int) -> np.ndarray:
    show, _ = played(genre, seed=seed)
    return np.array([np.mean([note.pitch for note in notes]) for notes in show.notes[1:4]])


@lru_cache(maxsize=128)
def spectrum(genre: str, seed: int) -> np.ndarray:
    mix = played(genre, seed=seed)[0].mix.mean(axis=1)
    power = np.abs(np.fft.rfft(mix)) ** 2
    hertz = np.fft.rfftfreq(len(mix), 1 / RATE)
    edges = [20, 80, 160, 320, 640, 1_250, 2_500, 5_000, 12_000]
    return 10 * np.log10(
        np.array([power[(hertz >= a) & (hertz < b)].sum() for a, b in pairwise(edges)]) / power.sum()
    )


def differences(first: str, second: str, seed: int) -> list[str]:
    """In which of the five two genres differ clearly."""
    found = []
    one, other = drum_pattern(first, seed), drum_pattern(second, seed)
    if len(one & other) / max(len(one | other), 1) < 0.7:
        found.append("drums")
    if abs(swing(first, seed) - swing(second, seed)) > 0.02:
        found.append("swing")
    chords, others = harmony(first, seed), harmony(second, seed)
    if sum((chords & others).values()) / 8 < 0.5:
        found.append("harmony")
    if np.abs(registers(first, seed) - registers(second, seed)).max() > 2.5:
        found.append("register")
    if np.sqrt(np.mean((spectrum(first, seed) - spectrum(second, seed)) ** 2)) > 2.0:
        found.append("spectrum")
    return found


@pytest.mark.parametrize("seed", [2, 3])
def test_any_two_genres_differ_in_at_least_three_ways(seed: int) -> None:
    alike = {pair: differences(*pair, seed) for pair in combinations(GENRES, 2)}
    assert {pair: found for pair, found in alike.items() if len(found) < 3} == {}


@pytest.mark.parametrize("genre", GENRES)
def test_every_note_is_of_its_chord_or_its_key(genre: str) -> None:
    """Leads stay in the scale or on the chord; what leaves it is the blues or a bass's half-tone approach."""
    show, _ = played(genre)
    key = parse_key(show.report["key"])
    scale = set(key.scale)
    outside = [n for n in show.notes[3] if (n.pitch % 12) not in scale]
    assert len(outside) <= 0.35 * len(show.notes[3])
    assert len(show.notes[3]) >= 4
    assert all(n.pitch >= 26 for n in show.notes[1])
    assert np.mean([n.pitch for n in show.notes[1]]) < np.mean([n.pitch for n in show.notes[3]]) - 10


def test_a_bass_of_the_kick_plays_with_it() -> None:
    for genre in ("lofi", "hip_hop", "trap"):
        show, when = played(genre)
        kicks = [quarters(n, when) for n in show.notes[0] if DRUM_NAMES[n.pitch] == "kick"]
        basses = np.array([quarters(n, when) for n in show.notes[1]])
        near = [np.abs(basses - kick).min() < 0.06 for kick in kicks]
        assert np.mean(near) > 0.95, genre


def test_a_walking_bass_walks() -> None:
    show, when = played("jazz")
    starts = [round(quarters(n, when)) for n in show.notes[1]]
    assert starts == list(range(32))
    steps = [abs(b.pitch - a.pitch) for a, b in pairwise(show.notes[1])]
    assert np.median(steps) <= 4
    leads = [steps[at] for at in range(3, 31, 4)]
    assert all(step in (1, 2, 3) for step in leads), "the last note of a bar is a step from the next root"


def test_voices_lead_instead_of_leaping() -> None:
    for key in [Key(tonic, mode) for tonic in range(12) for mode in MODES]:
        chords = [parse_numeral(text, key) for text in ["I", "vi", "IV", "V", "I", "ii7", "V7", "I"]]
        if key.is_minor:
            chords = [parse_numeral(text, key) for text in ["i", "VI", "iv", "v", "i", "iv7", "V7", "i"]]
        before: tuple[int, ...] = ()
        moved = []
        for chord in chords:
            voicing = best_voicing(chord, before, 4, 60)
            assert {pitch % 12 for pitch in voicing} <= chord.pitch_classes
            if before:
                moved += [min(abs(pitch - other) for other in before) for pitch in voicing]
            before = voicing
        assert np.mean(moved) < 1.7, key.name
        assert max(moved) <= 5, key.name


def test_fills_end_the_phrases() -> None:
    show, when = played("rock")
    last_beats = [
        frozenset(
            (n.pitch, round(quarters(n, when) % 1 * 4))
            for n in show.notes[0]
            if bar * 4 + 2 <= quarters(n, when) + 0.01 < bar * 4 + 4
        )
        for bar in range(8)
    ]
    assert last_beats[3] not in last_beats[:3]
    assert last_beats[7] not in last_beats[4:7]
    assert any(
        DRUM_NAMES[n.pitch] in ("low_tom", "high_tom", "snare")
        for n in show.notes[0]
        if quarters(n, when) >= 30
    )


def test_a_motif_returns_and_the_phrase_closes_on_the_chord() -> None:
    for seed in range(6):
        show, when = played("pop", seed=seed)
        rhythms = [
            [
                round(quarters(n, when) * 4) % 16
                for n in show.notes[3]
                if bar <= (quarters(n, when) + 0.01) / 4 < bar + 1
            ]
            for bar in range(8)
        ]
        assert rhythms[:4] == rhythms[4:], "the second phrase answers in the rhythm of the first"
        assert rhythms[0] in (rhythms[1], rhythms[2])
        key = parse_key(show.report["key"])
        middle = [n for n in show.notes[3] if quarters(n, when) < 16 - 0.01][-1]
        assert middle.pitch % 12 != key.tonic


def test_a_song_has_a_form_and_an_ending() -> None:
    show, when = played("pop", bars=64)
    assert show.report["sections"][0] == "intro"
    assert show.report["sections"][-1] == "outro"
    assert {"verse", "chorus", "bridge"} <= set(show.report["sections"])
    starts = [quarters(n, when) / 4 for n in show.notes[3]]
    assert min(starts) >= 8 - 0.01, "the lead rests in the intro"
    bar = RATE * 240 / when.tempo[0].bpm
    level = [np.sqrt(np.mean(show.mix[round(a * bar) : round((a + 8) * bar)] ** 2)) for a in range(0, 64, 8)]
    chorus = show.report["sections"].index("chorus")
    assert level[chorus] > 1.15 * level[0]
    key = parse_key(show.report["key"])
    last = {n.pitch % 12 for notes in show.notes[1:3] for n in notes if quarters(n, when) >= 63 * 4 - 0.01}
    assert last == {key.tonic, (key.tonic + (3 if key.is_minor else 4)) % 12, (key.tonic + 7) % 12}


@pytest.mark.parametrize(
    ("symbol", "root", "classes"),
    [
        ("C", 0, {0, 4, 7}), ("Am7", 9, {9, 0, 4, 7}), ("F#m7b5", 6, {6, 9, 0, 4}), ("Bb/D", 10, {10, 2, 5}),
        ("Ebmaj7", 3, {3, 7, 10, 2}), ("G7sus4", 7, {7, 0, 2, 5}), ("A:min7", 9, {9, 0, 4, 7}),
        ("Dø", 2, {2, 5, 8, 0}),
        ("E7#9", 4, {4, 8, 11, 2, 7}), ("C6/9", 0, {0, 4, 7, 9, 2}), ("G7alt", 7, {7, 11, 3, 5, 10}),
        ("C°", 0, {0, 3, 6}),
    ],
)  # fmt: skip
def test_chord_symbols(symbol: str, root: int, classes: set[int]) -> None:
    chord = parse_chord(symbol)
    assert isinstance(chord, Chord)
    assert (chord.root, set(chord.pitch_classes)) == (root, classes)


@pytest.mark.parametrize("symbol", ["N", "N.C.", "x", "H7", "?", ""])
def test_what_is_no_chord(symbol: str) -> None:
    assert parse_chord(symbol) is None


def test_a_bass_under_given_chords_plays_their_basses() -> None:
    symbols = ["Dm", "G/B", "C", "Eb7"]
    marks = tuple(ChordMark(position=at * 2 * RATE, symbol=symbol) for at, symbol in enumerate(symbols))
    for prompt in ("rock bass", "lofi bass", "jazz bass", "disco bass"):
        show = perform(shared(), prompt, timeline(8, 120, rate=RATE, chords=marks))
        for at, symbol in enumerate(symbols):
            first = next(n for n in show.notes[0] if n.start >= at * 2 * RATE - 400)
            assert first.pitch % 12 == parse_chord(symbol).bass, (prompt, symbol)
