"""What is heard in the project's audio, and that noise is not taken for music."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bandmate_plugins import LoadedEngine
from bandmate_plugins._listening.context import ContextAnalyser
from bandmate_plugins._theory.chords import parse_chord
from bandmate_plugins._theory.keys import parse_key
from bandmate_protocol.messages import ChordMark
from bandmate_protocol.tempo import TempoMap
from tests.plugins.sketch.conftest import Recording, perform, timeline

RATE = 48_000
LOOPS = {
    "A minor": ["Am", "F", "C", "G", "Am", "Dm", "E", "Am"],
    "D major": ["D", "A", "Bm", "G", "D", "G", "A", "D"],
    "Eb major": ["Eb", "Cm", "Ab", "Bb", "Eb", "Fm", "Bb", "Eb"],
}


def backing(engine: LoadedEngine, key: str, prompt: str = "rock band") -> np.ndarray:
    marks = tuple(ChordMark(position=2 * RATE * at, symbol=symbol) for at, symbol in enumerate(LOOPS[key]))
    return perform(engine, prompt, timeline(16, 120, key=key, chords=marks)).mix


@pytest.mark.parametrize("key", sorted(LOOPS))
def test_the_key_and_the_chords_of_a_band_are_heard(engine: LoadedEngine, key: str) -> None:
    when = timeline(16, 120, start=RATE * 7)
    listener = ContextAnalyser(RATE)
    audio = backing(engine, key)
    for start in range(0, len(audio), 31_000):
        listener.add(audio[start : start + 31_000])
    heard = listener.analyse(RATE * 7, when, TempoMap.from_timeline(when))
    assert heard.key == parse_key(key)
    right = 0
    for bar, symbol in enumerate(LOOPS[key]):
        at = RATE * (7 + 2 * bar) + RATE // 2
        sounding = [mark for mark in heard.chords if mark.position <= at][-1]
        wanted, found = parse_chord(symbol), parse_chord(sounding.symbol)
        right += (wanted.root, wanted.is_minor) == (found.root, found.is_minor)
    assert right >= 7


def test_a_bass_follows_what_is_played_and_says_so(engine: LoadedEngine) -> None:
    audio = Recording(backing(engine, "A minor", "pop piano and organ"))
    show = perform(engine, "rock bass", timeline(16, 120), inputs=(audio,))
    assert show.report["key"] == "A minor"
    assert any("detected in the audio around it" in sentence for sentence in show.remarks)
    assert any("It follows the detected chords" in sentence for sentence in show.remarks)
    roots = [parse_chord(symbol).root for symbol in LOOPS["A minor"]]
    played = [next(n for n in show.notes[0] if n.start >= 2 * RATE * at - 400).pitch % 12 for at in range(8)]
    assert sum(a == b for a, b in zip(roots, played, strict=True)) >= 7


def riff(roots: list[int], halves: int = 16) -> np.ndarray:
    """Distorted fifths over kicks and snares, a root for each half bar at 120 bpm; in no key."""
    rng = np.random.default_rng(3)
    time = np.arange(RATE) / RATE
    out = []
    for number in range(halves):
        hertz = 440 * 2 ** ((roots[number % len(roots)] - 69) / 12)
        fifths = [
            np.sin(2 * np.pi * hertz * ratio * n * time) / n for ratio in (1, 1.4983, 2) for n in range(1, 6)
        ]
        half = (0.3 * np.tanh(3 * np.sum(fifths, axis=0)) + 0.3 * np.sin(np.pi * hertz * time)) * np.minimum(
            1, time / 0.005
        )
        stroke = np.exp(-time[: RATE // 8] / 0.02)
        for eighth in range(4):
            drum = (
                rng.standard_normal(len(stroke)) if eighth == 2 else np.sin(110 * np.pi * time[: RATE // 8])
            )
            half[eighth * RATE // 4 :][: len(stroke)] += 0.5 * stroke * drum
        out.append(half)
    return np.stack([np.concatenate(out)] * 2, axis=1) / 2


@pytest.mark.parametrize("roots", [[40, 46, 41, 47], [40, 43, 46, 49], [38, 39, 44, 45, 41, 47]])
def test_a_riff_that_is_in_no_key_tells_its_roots_and_fifths(roots: list[int]) -> None:
    when = timeline(16, 120)
    listener = ContextAnalyser(RATE)
    listener.add(riff(roots))
    heard = listener.analyse(0, when, TempoMap.from_timeline(when))
    assert all(mark.symbol.endswith("5") for mark in heard.chords)
    sounding = [
        [mark for mark in heard.chords if mark.position <= RATE * (half + 0.5)][-1] for half in range(16)
    ]
    played = [roots[half % len(roots)] % 12 for half in range(16)]
    assert [parse_chord(mark.symbol).root for mark in sounding] == played


def test_a_bass_follows_a_riff_that_is_in_no_key(engine: LoadedEngine) -> None:
    roots = [40, 43, 46, 49]
    show = perform(engine, "metal bass", timeline(16, 120), inputs=(Recording(riff(roots)),))
    assert any("It follows the detected chords" in sentence for sentence in show.remarks)
    played = [next(n for n in show.notes[0] if n.start >= RATE * half - 400).pitch % 12 for half in range(16)]
    assert sum(pitch == roots[half % 4] % 12 for half, pitch in enumerate(played)) >= 14


def test_audio_before_the_range_gives_the_key_but_no_chords(engine: LoadedEngine) -> None:
    audio = Recording(backing(engine, "D major"))
    show = perform(engine, "rock band", timeline(8, 120, start=16 * RATE), inputs=(audio,))
    assert show.report["key"] == "D major"
    assert not any("It follows the detected chords" in sentence for sentence in show.remarks)


def test_the_projects_own_key_and_chords_are_not_heard_over(engine: LoadedEngine) -> None:
    audio = Recording(backing(engine, "D major"))
    marks = (ChordMark(position=0, symbol="Fm"),)
    show = perform(engine, "rock bass", timeline(8, 120, key="F minor", chords=marks), inputs=(audio,))
    assert show.report["key"] == "F minor"
    assert show.notes[0][0].pitch % 12 == 5


def speechlike(rng: np.random.Generator) -> np.ndarray:
    """Gliding buzzes with formants in bursts, as a voice talks."""
    time = np.arange(RATE * 10) / RATE
    pitch = 110 + 25 * np.sin(2 * np.pi * 0.7 * time) + 18 * np.sin(2 * np.pi * 2.3 * time + 1)
    buzz = sum(np.sin(2 * np.pi * np.cumsum(pitch * n) / RATE) / n for n in range(1, 24))
    syllables = np.repeat(rng.random(50) > 0.35, len(time) // 50) * np.abs(np.sin(2 * np.pi * 2.5 * time))
    return np.stack([buzz * syllables * 0.1] * 2, axis=1)


@pytest.mark.parametrize("kind", ["silence", "noise", "speech", "drums", "one frame", "a click"])
def test_what_has_no_tonal_centre_changes_nothing(engine: LoadedEngine, kind: str) -> None:
    rng = np.random.default_rng(11)
    when = timeline(8, 120)
    audio = {
        "silence": np.zeros((RATE * 8, 2)),
        "noise": rng.normal(0, 0.1, (RATE * 8, 2)),
        "speech": speechlike(rng),
        "drums": perform(engine, "rock drums", when).mix,
        "one frame": np.ones((1, 2)) * 0.5,
        "a click": np.concatenate((np.ones((3, 2)), np.zeros((RATE * 8, 2)))),
    }[kind]
    show = perform(engine, "pop", when, inputs=(Recording(audio),))
    plain = perform(engine, "pop", when)
    assert show.report["key"] == plain.report["key"]
    assert show.notes == plain.notes


def test_a_lead_leaves_room_for_the_melody_that_is_there(engine: LoadedEngine) -> None:
    when = timeline(16, 120, key="C major")
    melody = perform(engine, "pop saxophone", when)
    there = np.median([note.pitch for note in melody.notes[0]])
    answer = perform(engine, "pop saxophone", when, seed=9, inputs=(Recording(melody.mix),))
    alone = perform(engine, "pop saxophone", when, seed=9)
    moved = abs(np.median([note.pitch for note in answer.notes[0]]) - there)
    assert moved > abs(np.median([note.pitch for note in alone.notes[0]]) - there) + 3


@pytest.mark.parametrize("rate", [8_000, 22_050, 96_000])
def test_other_rates_are_heard_as_well(engine: LoadedEngine, rate: int) -> None:
    marks = tuple(ChordMark(position=2 * rate * at, symbol=s) for at, s in enumerate(LOOPS["A minor"]))
    when = timeline(16, 120, rate=rate, key="A minor", chords=marks)
    listener = ContextAnalyser(rate)
    listener.add(perform(engine, "pop organ and bass", when).mix)
    plain = timeline(16, 120, rate=rate)
    assert listener.analyse(0, plain, TempoMap.from_timeline(plain)).key == parse_key("A minor")


def test_a_chord_that_is_rounded_to_a_frame_changes_with_its_bar(engine: LoadedEngine) -> None:
    bar = 4 * 60 / 95.9565 * 48_000
    chords = tuple(
        ChordMark(position=math.ceil(at * bar), symbol=symbol)
        for at, symbol in enumerate(("Am", "F", "C", "G"))
    )
    show = perform(engine, "strings pad", timeline(10, 95.9565, key="A minor", chords=chords))
    starts = [note.start for note in show.notes[0]]
    assert all(note.frames > 480 for note in show.notes[0])
    assert len(starts) == len({(note.start, note.pitch) for note in show.notes[0]})
