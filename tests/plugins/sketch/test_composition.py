"""What a musician would find fault with in the notes, counted over every genre and several seeds."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_NAMES
from bandmate_protocol.messages import Note
from tests.plugins.sketch.genres import GENRES, Written, written

SEEDS = (1, 2, 3, 4)
OFF_THE_KICK = {
    "afrobeat", "bossa_nova", "drum_and_bass", "house", "reggae", "techno", "trance",
    "ambient", "classical",
}  # fmt: skip
"""Genres whose bass answers the kick or lies between its beats, and those without one."""
SINGLE = {"chiptune", "classical", "trap"}
"""Genres whose keys play one note at a time."""


def pieces(genre: str) -> list[Written]:
    return [written(genre, seed=seed) for seed in SEEDS]


def chords(piece: Written) -> list[list[int]]:
    """The pitches of the keys that are struck together, in order, without repeats."""
    struck: dict[int, list[int]] = {}
    for note in piece.parts["keys"]:
        struck.setdefault(note.start, []).append(note.pitch)
    found = [sorted(pitches) for _, pitches in sorted(struck.items()) if len(pitches) > 2]
    return [b for a, b in pairwise([[], *found]) if a != b]


def parallels(voicings: list[list[int]]) -> tuple[int, int]:
    """How many pairs of voices go from a fifth to another fifth, and how many pairs there are."""
    found = total = 0
    for before, after in pairwise(voicings):
        for low, high in combinations(range(min(len(before), len(after))), 2):
            total += 1
            fifths = (before[high] - before[low]) % 12 == (after[high] - after[low]) % 12 == 7
            found += fifths and before[low] != after[low]
    return found, total


def test_fifths_seldom_move_in_parallel() -> None:
    counts = {}
    for genre in set(GENRES) - SINGLE - {"metal", "punk"}:
        found, total = np.sum([parallels(chords(piece)) for piece in pieces(genre)], axis=0)
        counts[genre] = found / total
    assert max(counts.values()) <= 0.08, counts
    triads = [[root, root + 4, root + 7] for root in (60, 65, 67, 60)]
    assert parallels(triads) == (3, 9), "as they do where each chord is in its root position"


def test_the_top_voice_of_the_keys_does_not_leap() -> None:
    for genre in set(GENRES) - SINGLE:
        steps = [abs(b[-1] - a[-1]) for piece in pieces(genre) for a, b in pairwise(chords(piece))]
        assert not steps or (max(steps) <= 7 and np.mean(steps) < 4), (genre, steps)


@pytest.mark.parametrize("genre", GENRES)
def test_low_registers_are_clear(genre: str) -> None:
    """Next to no third or second under C3, and the keys are above the bass, but for its octaves."""
    below, close = [], []
    for piece in pieces(genre):
        struck: dict[int, list[int]] = {}
        for note in piece.parts["keys"]:
            struck.setdefault(note.start, []).append(note.pitch)
            sounding = [b for b in piece.parts["bass"] if b.start <= note.start < b.start + b.frames]
            below += [note.pitch < bass.pitch for bass in sounding]
        gaps = [(a, b - a) for pitches in struck.values() for a, b in pairwise(sorted(pitches))]
        close += [low < 48 and gap < 5 for low, gap in gaps]
    assert np.mean(below or [0]) < 0.05
    assert np.mean(close or [0]) < 0.1


@pytest.mark.parametrize("genre", ["metal", "punk"])
def test_the_guitars_of_metal_and_punk_play_power_chords(genre: str) -> None:
    for piece in pieces(genre):
        struck: dict[int, set[int]] = {}
        for note in piece.parts["keys"]:
            struck.setdefault(note.start, set()).add(note.pitch)
        gaps = {max(pitches) - min(pitches) for pitches in struck.values()}
        assert gaps <= {5, 6, 7}
        assert 7 in gaps


def chord_at(piece: Written, note: Note) -> frozenset[int]:
    at = piece.at(note) + 0.02
    measure = next(one for one in reversed(piece.measures) if one.start <= at)
    span = next(one for one in reversed(piece.band.chart.chord_spans(measure)) if one.start <= at)
    assert span.chord
    return span.chord.pitch_classes


@pytest.mark.parametrize("genre", GENRES)
def test_a_melody_can_be_sung(genre: str) -> None:
    """Strong beats and held notes are of the chord; no leap is over an octave, and most are steps."""
    leaps = []
    for piece in pieces(genre):
        lead = piece.parts["lead"]
        leaps += [abs(a.pitch - b.pitch) for a, b in pairwise(lead)]
        strong = {round(beat.start, 3) for one in piece.measures for beat in one.beats[::2]}
        for note in lead:
            if any(abs(piece.at(note) - at) < 0.03 for at in strong):
                assert note.pitch % 12 in chord_at(piece, note)
        assert not any(len({n.pitch for n in lead[at : at + 6]}) == 1 for at in range(len(lead) - 5))
    assert max(leaps) <= 12
    assert np.median(leaps) <= 4


@pytest.mark.parametrize("genre", sorted(set(GENRES) - OFF_THE_KICK))
def test_the_bass_is_there_when_the_kick_is(genre: str) -> None:
    together = total = 0
    for piece in pieces(genre):
        bass = np.array([piece.at(note) for note in piece.parts["bass"]])
        for kick in (piece.at(n) for n in piece.parts["drums"] if DRUM_NAMES[n.pitch] == "kick"):
            total += 1
            together += bool(np.abs(bass - kick).min() < 0.08)
    assert together >= 0.6 * total > 0


@pytest.mark.parametrize("genre", ["blues", "disco", "jazz", "soul", "country"])
def test_the_last_note_of_a_bar_leads_to_the_next(genre: str) -> None:
    """Where the bass has notes that approach, they are up to a minor third from what they lead to."""
    near: list[bool] = []
    for piece in pieces(genre):
        for bar, following in pairwise(piece.bars("bass")):
            if bar and following:
                near.append(0 < abs(bar[-1].pitch - following[0].pitch) <= 3)
    assert np.mean(near) > 0.7


@pytest.mark.parametrize("genre", ["funk", "soul", "lofi", "drum_and_bass", "rock", "jazz"])
def test_ghost_notes_are_far_softer_than_the_strokes_and_come_and_go(genre: str) -> None:
    bars = []
    for piece in pieces(genre):
        snares = [[n for n in bar if DRUM_NAMES[n.pitch] == "snare"] for bar in piece.bars("drums")]
        ghosts = [note.velocity for bar in snares for note in bar if note.velocity < 55]
        strokes = [note.velocity for bar in snares for note in bar if note.velocity >= 55]
        assert not strokes or not ghosts or np.median(strokes) > 1.8 * np.median(ghosts)
        bars += [sum(note.velocity < 55 for note in bar) for bar in snares]
    assert sum(bars) >= 8
    assert len(set(bars)) > 1


@pytest.mark.parametrize("genre", GENRES)
def test_velocities_are_not_a_machines(genre: str) -> None:
    for piece in pieces(genre):
        for kind, notes in piece.parts.items():
            velocities = [note.velocity for note in notes]
            assert not notes or len(set(velocities)) >= min(5, len(notes) // 3), kind


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("bars", [24, 48])
def test_a_longer_piece_ends_by_its_dominant_on_its_tonic(genre: str, bars: int) -> None:
    for seed in SEEDS:
        piece = written(genre, bars, seed)
        before, last = (one for one in piece.bars("bass")[-2:])
        assert last[0].pitch % 12 == piece.key.tonic
        assert (piece.key.tonic + 7) % 12 in {note.pitch % 12 for note in before}
        assert piece.key.tonic in {note.pitch % 12 for note in piece.bars("keys")[-1]}


@pytest.mark.parametrize("genre", GENRES)
def test_nothing_stands_still(genre: str) -> None:
    """Never a second without a note, and a song's drums are not the same in every bar."""
    for seed in SEEDS:
        piece = written(genre, 32, seed)
        spans = sorted((n.start, n.start + n.frames) for notes in piece.parts.values() for n in notes)
        reached = np.maximum.accumulate([end for _, end in spans])
        gaps = [start - end for (start, _), end in zip(spans[1:], reached[:-1], strict=True)]
        assert max(gaps) < 24_000
        bars = {
            frozenset((n.pitch, round((piece.at(n) - one.start) * 4)) for n in bar)
            for one, bar in zip(piece.measures, piece.bars("drums"), strict=True)
        }
        assert len(bars) >= 3 or not any(piece.bars("drums"))
