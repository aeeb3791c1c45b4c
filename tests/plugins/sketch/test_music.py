"""The music itself: genres that differ, chords that lead, basses that lock, phrases that close."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np
import pytest

from bandmate_plugins import LoadedEngine, Note, TaskRequest
from bandmate_plugins.generate import SuggestParams
from bandmate_plugins.sketch import SketchEngine, data
from bandmate_plugins.sketch.drummer import DRUMS
from bandmate_plugins.sketch.grid import beat_level, measures
from bandmate_plugins.sketch.keyboardist import voiced
from bandmate_plugins.sketch.theory import MODES, Chord, Key, numeral, parse_chord, parse_key
from bandmate_protocol.messages import ChordMark, TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap
from tests.plugins.sketch.conftest import Performance, Quiet, perform, timeline

GENRES = sorted(data.genres())
RATE = 24_000


@lru_cache(maxsize=1)
def shared() -> LoadedEngine:
    return SketchEngine().load("cpu", "full")


@lru_cache(maxsize=64)
def played(genre: str, bars: int = 8, seed: int = 3) -> tuple[Performance, Timeline]:
    """A genre at its own tempo and in its own key."""
    word = data.genres()[genre].words[0]
    (report,) = shared().suggest(TaskRequest(SuggestParams(prompt=word), timeline(1), seed), Quiet())
    wanted = report.values
    metre = (wanted["numerator"], wanted["denominator"])
    seconds = bars * 240 * metre[0] / metre[1] / wanted["bpm"]
    when = timeline(seconds, wanted["bpm"], metre, RATE)
    return perform(shared(), word, when, seed=seed), when


def quarters(note: Note, when: Timeline) -> float:
    return note.start / when.sample_rate * when.tempo[0].bpm / 60


@lru_cache(maxsize=64)
def drum_pattern(genre: str) -> set[tuple[str, float]]:
    """Each drum and where in the bar it falls, on a grid of sixteenths, when it does so in most bars."""
    show, when = played(genre)
    bar = 4 * when.tempo[0].numerator / when.tempo[0].denominator
    found = Counter((DRUMS[n.pitch], round(quarters(n, when) % bar * 4 - 0.1) / 4) for n in show.notes[0])
    return {place for place, count in found.items() if count >= 4}


@lru_cache(maxsize=64)
def swing(genre: str) -> float:
    """Where the notes between the beats fall: the second eighth and the second sixteenth, added."""
    show, when = played(genre)
    places = [quarters(n, when) % 1 for n in show.notes[0] if n.velocity > 20]
    eighths = [p for p in places if 0.45 < p < 0.7]
    sixteenths = [p for p in places if 0.2 < p < 0.36]
    return float(np.mean(eighths) if eighths else 0.5) + float(np.mean(sixteenths) if sixteenths else 0.25)


@lru_cache(maxsize=64)
def harmony(genre: str) -> Counter[tuple[int, ...]]:
    """The chords that sound, as pitch classes above the tonic."""
    show, when = played(genre)
    tonic = parse_key(show.report["key"]).tonic
    bar = 240 * RATE * when.tempo[0].numerator / when.tempo[0].denominator / when.tempo[0].bpm
    bars: dict[int, set[int]] = {}
    for note in (*show.notes[1], *show.notes[2]):
        bars.setdefault(int((note.start + 20) // bar), set()).add((note.pitch - tonic) % 12)
    return Counter(tuple(sorted(classes)) for classes in bars.values())


@lru_cache(maxsize=64)
def registers(genre: str) -> np.ndarray:
    show, _ = played(genre)
    return np.array([np.mean([note.pitch for note in notes]) for notes in show.notes[1:4]])


@lru_cache(maxsize=64)
def spectrum(genre: str) -> np.ndarray:
    mix = played(genre)[0].mix.mean(axis=1)
    power = np.abs(np.fft.rfft(mix)) ** 2
    hertz = np.fft.rfftfreq(len(mix), 1 / RATE)
    edges = [20, 80, 160, 320, 640, 1_250, 2_500, 5_000, 12_000]
    return 10 * np.log10(
        np.array([power[(hertz >= a) & (hertz < b)].sum() for a, b in pairwise(edges)]) / power.sum()
    )


def differences(first: str, second: str) -> list[str]:
    """In which of the five two genres differ clearly."""
    found = []
    one, other = drum_pattern(first), drum_pattern(second)
    if len(one & other) / max(len(one | other), 1) < 0.7:
        found.append("drums")
    if abs(swing(first) - swing(second)) > 0.02:
        found.append("swing")
    chords, others = harmony(first), harmony(second)
    if sum((chords & others).values()) / 8 < 0.5:
        found.append("harmony")
    if np.abs(registers(first) - registers(second)).max() > 2.5:
        found.append("register")
    if np.sqrt(np.mean((spectrum(first) - spectrum(second)) ** 2)) > 2.0:
        found.append("spectrum")
    return found


def test_any_two_genres_differ_in_at_least_three_ways() -> None:
    alike = {pair: differences(*pair) for pair in combinations(GENRES, 2)}
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
        kicks = [quarters(n, when) for n in show.notes[0] if DRUMS[n.pitch] == "kick"]
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
        chords = [numeral(text, key) for text in ["I", "vi", "IV", "V", "I", "ii7", "V7", "I"]]
        if key.minor:
            chords = [numeral(text, key) for text in ["i", "VI", "iv", "v", "i", "iv7", "V7", "i"]]
        before: tuple[int, ...] = ()
        moved = []
        for chord in chords:
            voicing = voiced(chord, before, 4, 60)
            assert {pitch % 12 for pitch in voicing} <= chord.pitch_classes
            if before:
                moved += [min(abs(pitch - other) for other in before) for pitch in voicing]
            before = voicing
        assert np.mean(moved) < 1.7, key.name
        assert max(moved) <= 5, key.name


@pytest.mark.parametrize("swung", ["jazz", "blues"])
def test_swing_is_where_the_genre_says(swung: str) -> None:
    show, when = played(swung)
    places = [quarters(n, when) % 1 for n in show.notes[0]]
    eighths = [p for p in places if 0.5 < p < 0.75]
    assert eighths
    assert np.allclose(eighths, data.genres()[swung].swing, atol=0.002)


def test_words_for_the_feel() -> None:
    when = timeline(8, 120)
    straight = perform(shared(), "jazz drums, straight", when)
    assert all(abs(quarters(n, when) * 4 - round(quarters(n, when) * 4)) < 0.01 for n in straight.notes[0])
    full, half = perform(shared(), "techno drums", when), perform(shared(), "techno drums half time", when)
    kicks = [sum(DRUMS[n.pitch] == "kick" for n in show.notes[0]) for show in (full, half)]
    assert kicks[1] == kicks[0] / 2


@pytest.mark.parametrize(
    ("metre", "sixteenths"),
    [
        ((2, 4), 8),
        ((3, 4), 12),
        ((4, 4), 16),
        ((5, 4), 20),
        ((7, 4), 28),
        ((6, 8), 12),
        ((7, 8), 14),
        ((12, 8), 24),
        ((15, 16), 15),
        ((31, 8), 62),
    ],
)
def test_every_metre_is_on_its_grid_and_begins_with_the_kick(metre: tuple[int, int], sixteenths: int) -> None:
    bars = 4
    when = timeline(bars * sixteenths * 0.125, 120, metre, RATE)
    show = perform(shared(), "rock", when, seed=2)
    bar = sixteenths / 4
    for notes in show.notes:
        places = [quarters(note, when) * 4 for note in notes if note.pitch != 49]
        assert all(abs(place - round(place)) < 0.01 for place in places)
    for number in range(bars):
        kicks = [
            n
            for n in show.notes[0]
            if DRUMS[n.pitch] == "kick" and abs(quarters(n, when) - number * bar) < 0.01
        ]
        assert kicks, f"no kick on the one of bar {number + 1}"
        snares = [
            n
            for n in show.notes[0]
            if DRUMS[n.pitch] == "snare" and 0 <= quarters(n, when) - number * bar < bar
        ]
        assert snares or bar < 1.5


@pytest.mark.parametrize("metre", [(1, 16), (31, 8), (3, 4), (5, 16), (17, 32), (9, 2), (4, 3)])
@pytest.mark.parametrize("bpm", [20, 61.3, 400])
def test_everyone_plays_at_every_tempo_and_metre_at_a_playable_pace(
    metre: tuple[int, int], bpm: float
) -> None:
    when = timeline(24, bpm, metre, 8_000)
    for prompt in ("rock", "jazz", "chiptune"):
        show = perform(shared(), prompt, when)
        for stem, notes in zip(show.stems, show.notes, strict=True):
            starts = sorted({note.start for note in notes})
            assert 6 <= len(starts) <= 24 * 16, (prompt, stem.name)


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
        DRUMS[n.pitch] in ("low_tom", "high_tom", "snare") for n in show.notes[0] if quarters(n, when) >= 30
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
    assert last == {key.tonic, (key.tonic + (3 if key.minor else 4)) % 12, (key.tonic + 7) % 12}


def test_ramps_and_changes_of_metre_are_followed() -> None:
    points = (
        TempoPoint(position=0.0, bpm=90, shape="linear"),
        TempoPoint(position=6.0 * RATE, bpm=150, numerator=3, denominator=4, starts_bar=True),
    )
    when = timeline(12, rate=RATE, tempo=points)
    tempo = TempoMap.of(when)
    show = perform(shared(), "techno drums", when)
    beats = {round(tempo.quarters_at(n.start) * 4, 1) for n in show.notes[0] if DRUMS[n.pitch] == "kick"}
    metre_start = tempo.quarters_at(6.0 * RATE) * 4
    for place in beats:
        from_start, from_change = place % 4, (place - metre_start) % 4
        assert min(from_start, 4 - from_start) < 0.15 or min(from_change, 4 - from_change) < 0.15


def test_a_range_inside_a_bar_begins_where_the_bar_is() -> None:
    when = timeline(3.5, 120, rate=RATE, start=RATE // 2, beat=1.0)
    show = perform(shared(), "rock", when)
    snares = [quarters(n, when) for n in show.notes[0] if DRUMS[n.pitch] == "snare" and n.velocity > 60]
    assert snares[0] == pytest.approx(0.0, abs=0.001), "beat two of the bar is the first of the range"
    pad = perform(shared(), "strings", when)
    assert min(n.start for n in pad.notes[0]) == 0, "a held chord sounds from the start of the range"


def test_the_same_measures_whatever_the_window() -> None:
    when = timeline(40, 133, (7, 8), RATE)
    tempo = TempoMap.of(when)
    made = list(measures(when, tempo, beat_level(tempo, 0)))
    assert [m.index for m in made] == list(range(len(made)))
    assert all(a.end == pytest.approx(b.start) for a, b in pairwise(made))
    assert [m.left for m in made[-4:]] == [3, 2, 1, 0]


@pytest.mark.parametrize(
    ("symbol", "root", "classes"),
    [
        ("C", 0, {0, 4, 7}), ("Am7", 9, {9, 0, 4, 7}), ("F#m7b5", 6, {6, 9, 0, 4}), ("Bb/D", 10, {10, 2, 5}),
        ("Ebmaj7", 3, {3, 7, 10, 2}), ("G7sus4", 7, {7, 0, 2, 5}), ("A:min7", 9, {9, 0, 4, 7}),
        ("Dø", 2, {2, 5, 8, 0}),
        ("E7#9", 4, {4, 8, 11, 2, 7}), ("C6/9", 0, {0, 4, 7, 9, 2}), ("G7alt", 7, {7, 11, 2, 5}),
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
