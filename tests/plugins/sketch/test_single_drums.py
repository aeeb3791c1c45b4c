"""Drums that a prompt names: each plays alone, on a stem of its name, and sounds like itself."""

from __future__ import annotations

import hashlib

import msgspec
import numpy as np
import pytest

from bandmate_plugins import LoadedEngine
from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_NAMES, DRUM_PITCHES
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.players.seats import planned_stems
from bandmate_plugins._engines.sketch.sound.percussion import render_hit
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from tests.plugins.sketch.conftest import perform, timeline

OWN = SketchOptions(sound="own")
BARS = timeline(4.0)
"""Two bars of 4/4."""
DRUMS = sorted(library.single_drums())
RATE = 48_000


@pytest.mark.parametrize("name", DRUMS)
def test_a_drum_plays_alone_on_a_stem_of_its_name(engine: LoadedEngine, name: str) -> None:
    drum = library.single_drums()[name]
    for word in drum.words:
        assert planned_stems(parse_prompt(word)) == [(drum.title, drum.role)], word
        assert planned_stems(parse_prompt(f"just {word}, please")) == [(drum.title, drum.role)], word
    show = perform(engine, drum.words[0], BARS, options=OWN)
    assert [(stem.name, stem.role) for stem in show.stems] == [(drum.title, drum.role)]
    assert show.notes[0]
    if drum.instrument:
        assert all(drum.register - 6 <= note.pitch <= drum.register + 18 for note in show.notes[0])
        assert all(note.channel != 9 for note in show.notes[0])
    else:
        assert {note.pitch for note in show.notes[0]} <= {DRUM_PITCHES[one] for one in drum.drums}
        assert all(note.channel == 9 for note in show.notes[0])
    assert np.abs(show.audio(0)).max() > 0.02


def test_every_key_of_general_midi_percussion_can_be_asked_for() -> None:
    written = {
        DRUM_PITCHES[line]
        for drum in library.single_drums().values()
        for line in drum.lines
        if line in DRUM_PITCHES
    }
    assert set(range(27, 88)) <= written
    assert len(set(DRUM_PITCHES.values())) == len(DRUM_PITCHES)


@pytest.mark.parametrize("name", DRUMS)
def test_its_data_is_complete(name: str) -> None:
    drum = library.single_drums()[name]
    kit = library.kits()[drum.kit or "studio"]
    assert set(drum.sounds) <= set(drum.lines)
    for line, pattern in drum.lines.items():
        assert len(library.strip_spacing(pattern)) == 16
        assert set(library.strip_spacing(pattern)) <= set("Xxo-")
        if drum.instrument:
            assert line in ("root", "fifth", "octave")
        else:
            assert kit.drums[drum.sounds.get(line, line)].level > 0
            assert line in drum.drums


def test_two_drums_never_sound_the_same() -> None:
    """Rendered alone, no two drums of the studio kit share their bytes, nor both brightness and length."""
    kit = library.kits()["studio"].drums
    found = {name: render_hit(drum, RATE, 0.8, 0)[:, 0] for name, drum in kit.items()}
    assert len({hashlib.sha256(one.tobytes()).digest() for one in found.values()}) == len(found)
    marks = {name: (np.log2(_centroid(one)), np.log2(_length(one))) for name, one in found.items()}
    near = [
        (one, other)
        for one, (bright, long) in marks.items()
        for other, (brighter, longer) in marks.items()
        if one < other and abs(bright - brighter) < 0.02 and abs(long - longer) < 0.02
    ]
    assert near == []


@pytest.mark.parametrize(
    ("darker", "brighter"),
    [
        ("taiko", "djembe"), ("kick_2", "snare"), ("timbale_low", "timbale"), ("agogo_low", "agogo"),
        ("block_low", "block"), ("deep_tom", "floor_tom"), ("floor_tom", "high_tom"), ("conga", "bongo_high"),
        ("cajon_bass", "cajon_slap"), ("gong", "china"), ("shaker", "maracas"), ("surdo", "conga_low"),
        ("cowbell", "triangle"), ("darbuka_dum", "darbuka_tek"), ("tabla_ge", "tabla_na"),
    ],
)  # fmt: skip
def test_darker_drums_are_darker(darker: str, brighter: str) -> None:
    kit = library.kits()["studio"].drums
    low, high = (_centroid(render_hit(kit[name], RATE, 0.8, 0)[:, 0]) for name in (darker, brighter))
    assert low < high


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        ("triangle_mute", "triangle"), ("surdo_mute", "surdo"), ("whistle", "whistle_long"),
        ("guiro", "guiro_long"), ("cuica_mute", "cuica"), ("splash", "crash"), ("splash", "china"),
        ("metronome_click", "metronome_bell"), ("castanets", "vibraslap"), ("maracas", "sleigh_bells"),
        ("crash", "gong"), ("djembe_bass", "taiko"), ("clave", "bell_tree"),
    ],
)  # fmt: skip
def test_longer_drums_are_longer(shorter: str, longer: str) -> None:
    kit = library.kits()["studio"].drums
    assert _length(render_hit(kit[shorter], RATE, 0.8, 0)[:, 0]) < _length(
        render_hit(kit[longer], RATE, 0.8, 0)[:, 0]
    )


@pytest.mark.parametrize("name", ["castanets", "sleigh_bells", "vibraslap", "guiro_long"])
def test_what_rattles_strikes_again(name: str) -> None:
    """The strongest frequency of a rattle's envelope is that of its strokes."""
    drum = library.kits()["studio"].drums[name]
    envelope = np.abs(render_hit(msgspec.structs.replace(drum, seconds=1.0), RATE, 0.8, 0)[:, 0])
    envelope = envelope.reshape(-1, 48).mean(axis=1)
    flat = envelope / np.maximum(np.convolve(envelope, np.ones(100) / 100, "same"), 1e-9)
    spectrum = np.abs(np.fft.rfft((flat - flat.mean())[:500]))
    peak = np.fft.rfftfreq(500, 0.001)[5 + spectrum[5:60].argmax()]
    assert peak == pytest.approx(drum.rattle_hz, abs=2)


def test_a_reversed_cymbal_swells_to_the_end_of_its_bar(engine: LoadedEngine) -> None:
    show = perform(engine, "reverse cymbal", BARS, options=OWN)
    (note,) = show.notes[0]
    assert (note.start, note.frames) == (2 * RATE, 2 * RATE)
    power = np.square(show.audio(0).astype(np.float64)).sum(axis=1)
    tenths = power[2 * RATE :].reshape(20, -1).sum(axis=1)
    assert tenths.argmax() >= 17
    assert power[: 2 * RATE].sum() < 1e-3 * power.sum()


@pytest.mark.parametrize(("key", "tonic"), [("C major", 0), ("F# minor", 6), ("Eb major", 3)])
def test_timpani_are_tuned_to_the_key(engine: LoadedEngine, key: str, tonic: int) -> None:
    show = perform(engine, f"timpani in {key}", timeline(8.0), options=OWN)
    classes = [(note.pitch - tonic) % 12 for note in show.notes[0]]
    assert sum(one in (0, 7) for one in classes) >= 0.75 * len(classes)
    assert 0 in classes
    assert 7 in classes
    low = show.audio(0)[: RATE // 2, 0].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(low * np.hanning(len(low)), 8 * RATE))
    hertz = np.fft.rfftfreq(8 * RATE, 1 / RATE)[(spectrum * (np.arange(len(spectrum)) < 8 * 300)).argmax()]
    first = show.notes[0][0].pitch
    assert hertz == pytest.approx(440 * 2 ** ((first - 69) / 12), rel=0.02)


@pytest.mark.parametrize(
    ("prompt", "stems"),
    [
        ("conga, shaker and cowbell", ["Congas", "Shaker", "Cowbell"]),
        ("kick and hi hats", ["Kick", "Hi-hat"]),
        ("rock tambourine", ["Tambourine"]),
        ("tambourine and bass", ["Tambourine", "Electric bass"]),
        ("no drums, just a shaker", ["Shaker"]),
        ("rock drums with tambourine", ["Drums", "Tambourine"]),
        ("rock drums, snare", ["Drums"]),
        ("808 drums", ["Drums"]),
    ],
)
def test_who_plays(prompt: str, stems: list[str]) -> None:
    assert [title for title, _ in planned_stems(parse_prompt(prompt))] == stems


def test_a_style_has_its_own_manner_of_playing_a_drum(engine: LoadedEngine) -> None:
    plain, house = (perform(engine, prompt, BARS, options=OWN) for prompt in ("shaker", "house shaker"))
    assert len(house.notes[0]) == 32, "sixteenths"
    assert len(plain.notes[0]) == 16, "eighths"


def test_a_drum_beside_a_kit_is_not_doubled(engine: LoadedEngine) -> None:
    show = perform(engine, "house drums with shaker", BARS, options=OWN)
    assert [stem.name for stem in show.stems] == ["Drums", "Shaker"]
    shaker = DRUM_PITCHES["shaker"]
    assert all(note.pitch != shaker for note in show.notes[0])
    assert {note.pitch for note in show.notes[1]} == {shaker}


@pytest.mark.parametrize(
    ("prompt", "there", "gone"),
    [
        ("rock drums with a rimshot", "rim", "snare"),
        ("rock drums with ride", "ride", "hat"),
        ("rock drums with a china cymbal", "china", ""),
        ("rock drums, electric snare", "brush", "snare"),
    ],
)
def test_a_drum_of_the_kit_is_played_in_the_kit(
    engine: LoadedEngine, prompt: str, there: str, gone: str
) -> None:
    show = perform(engine, prompt, BARS, options=OWN)
    assert [stem.name for stem in show.stems] == ["Drums"]
    played = {note.pitch for note in show.notes[0]}
    assert DRUM_PITCHES[there] in played
    assert not gone or DRUM_PITCHES[gone] not in {note.pitch for note in show.notes[0] if note.start < RATE}


@pytest.mark.parametrize(
    ("prompt", "drums"),
    [
        ("drums but only hihat and snare", {"hat", "open", "pedal", "snare"}),
        ("rock drums, just the ride", {"ride"}),
        ("bossa drums, only kick and snare", {"kick", "snare"}),
        ("drums: kick and snare only", {"kick", "snare"}),
        ("funk band, drums nothing but kick and snare", {"kick", "snare"}),
        ("drums with only a kick", {"kick"}),
        ("drums but only brushes", {"brush"}),
    ],
)
def test_only_the_named_drums_of_a_kit_play(engine: LoadedEngine, prompt: str, drums: set[str]) -> None:
    show = perform(engine, prompt, timeline(16.0), options=OWN)
    at = [stem.name for stem in show.stems].index("Drums")
    played = {DRUM_NAMES[note.pitch] for note in show.notes[at]}
    assert played <= drums
    assert drums - {"open", "pedal"} <= played


def test_only_for_some_bars_does_not_empty_the_kit(engine: LoadedEngine) -> None:
    for prompt in ("pop drums, first 2 bars only hihat", "pop drums, only hihat in bar 1"):
        show = perform(engine, prompt, BARS, options=OWN)
        assert DRUM_PITCHES["kick"] in {note.pitch for note in show.notes[0]}


@pytest.mark.parametrize(
    "prompt",
    [
        "rock drums with brushes",
        "jazz trio with brushes",
        "folk drums, brushes",
        "bossa drums, brushed snare",
        "pop drums with snare and brushes",
        "brush kit",
        "brush kit rock drums",
    ],
)
def test_with_brushes_no_sticks_are_played(engine: LoadedEngine, prompt: str) -> None:
    show = perform(engine, prompt, timeline(8.0), options=OWN)
    played = {DRUM_NAMES[note.pitch] for note in show.notes[0]}
    assert "brush" in played
    assert not played & {"snare", "rim"}


def test_brushes_sweep_between_their_strokes(engine: LoadedEngine) -> None:
    plain, brushed = (
        perform(engine, prompt, BARS, options=OWN).notes[0]
        for prompt in ("rock drums", "rock drums, brushes")
    )
    snares = {note.start for note in plain if note.pitch == DRUM_PITCHES["snare"]}
    strokes = {note.start for note in brushed if note.pitch == DRUM_PITCHES["brush"]}
    assert snares < strokes


def _centroid(samples: np.ndarray) -> float:
    power = np.square(np.abs(np.fft.rfft(samples.astype(np.float64))))
    return float((power * np.fft.rfftfreq(len(samples), 1 / RATE)).sum() / power.sum())


def _length(samples: np.ndarray) -> float:
    """Seconds until nine tenths of the energy have sounded."""
    energy = np.cumsum(np.square(samples.astype(np.float64)))
    return float(np.searchsorted(energy, 0.9 * energy[-1]) / RATE)
