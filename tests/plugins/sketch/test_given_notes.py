"""Given notes: they are played as they are, by the instruments of the prompt, alone or with a band around them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.given_notes.programs import instrument_of_program
from bandmate_plugins._host.check_params import check_params
from bandmate_plugins._host.loading.describe import describe_task
from bandmate_plugins._tasks.generate import GenerateTask
from bandmate_plugins._theory.chords import read_chord
from bandmate_plugins.testing import MemoryInput, TaskResult, make_timeline, run_task
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import BendPoint, ChordMark, GivenPart, Note, TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap
from tests.plugins.cover.pieces import shared
from tests.plugins.sketch.test_soundfont import made_soundfont

RATE = 48_000
BEAT = RATE // 2
MELODY = (67, 64, 60, 72, 71, 67, 62, 65)
CHORDS = {"Am": (57, 60, 64), "F": (53, 57, 60), "C": (55, 60, 64), "G": (55, 59, 62)}
RAMP = (TempoPoint(position=0.0, bpm=90.0, shape="linear"), TempoPoint(position=8.0 * RATE, bpm=150.0))


def line(
    pitches: Sequence[int], step: int = BEAT, frames: int = BEAT // 2, name: str = "Tune", channel: int = 0
) -> GivenPart:
    notes = tuple(
        Note(start=at * step, frames=frames, pitch=pitch, velocity=60 + at % 50, channel=channel)
        for at, pitch in enumerate(pitches)
    )
    return GivenPart(name=name, notes=notes)


def piano_part(symbols: Sequence[str]) -> GivenPart:
    """A chord on each beat, in bars of two seconds."""
    notes = [
        Note(start=beat * BEAT, frames=BEAT, pitch=pitch, velocity=80)
        for beat in range(4 * len(symbols))
        for pitch in CHORDS[symbols[beat // 4]]
    ]
    return GivenPart(name="Keys", notes=tuple(notes))


BEAT_PART = line([36, 42, 38, 42] * 4, name="Beat", channel=9)


def span(bars: int, parts: Sequence[GivenPart], **changed: Any) -> Timeline:
    when = make_timeline(bars, bpm=120, sample_rate=RATE)
    return msgspec.structs.replace(when, parts=tuple(parts), **changed)


def played(
    prompt: str,
    when: Timeline,
    notes: str = "only",
    seed: int = 1,
    options: dict[str, Any] | None = None,
    **params: Any,
) -> TaskResult:
    return run_task(
        GenerateTask(),
        {"prompt": prompt, "notes": notes, **params},
        timeline=when,
        engine=shared(),
        seed=seed,
        options=options or {},
    )


def figures(notes: Sequence[Note]) -> list[tuple[int, int, int, int]]:
    return sorted((note.start, note.frames, note.pitch, note.velocity) for note in notes)


@pytest.mark.parametrize(
    "prompt", ["electric piano", "upright bass, very soft", "busy staccato violin", "jazz", ""]
)
def test_the_notes_come_back_exactly(prompt: str) -> None:
    part = line(MELODY * 2)
    made = played(prompt, span(4, [part]))
    assert [stem.name for stem in made.stems] == ["Tune"]
    assert figures(made.stems[0].notes) == figures(part.notes)
    assert made.remarks[0].startswith(
        "Your notes are played exactly as they are written: Tune (16 notes) by the "
    )


def test_the_notes_come_back_exactly_on_a_tempo_ramp_from_the_middle_of_a_bar() -> None:
    tempo = TempoMap(RAMP, RATE)
    starts = [0, 17, 30_011, 100_000, 160_001]
    part = GivenPart(
        notes=tuple(Note(start=at, frames=12_345, pitch=60 + at % 7, velocity=90) for at in starts)
    )
    when = msgspec.structs.replace(tempo.timeline_between(33_333, 300_000), parts=(part,))
    made = played("piano", when)
    assert figures(made.stems[0].notes) == figures(part.notes)


@pytest.mark.parametrize("prompt", ["piano", "nylon guitar", "electric bass", "marimba", "harpsichord"])
def test_plucked_notes_sound_where_they_are_within_a_millisecond(prompt: str) -> None:
    part = line([0, 55, 60, 48, 52, 57, 50, 59, 53], step=BEAT + 1_111, frames=9_000)
    part = msgspec.structs.replace(part, notes=part.notes[1:])
    made = played(f"{prompt}, no reverb", span(4, [part]))
    late = begins_ms(made.stems[0].samples.mean(axis=1), part.notes)
    assert len(late) == 8
    assert np.abs(late).max() < 1.0, late


def test_drum_notes_sound_where_they_are_within_a_millisecond() -> None:
    part = line([0, 36, 38, 37, 36, 56, 38, 39, 36], step=RATE + 333, frames=2_000, channel=9)
    part = msgspec.structs.replace(part, notes=part.notes[1:])
    made = played("rock drums, no reverb", span(5, [part]))
    late = begins_ms(made.stems[0].samples.mean(axis=1), part.notes)
    assert len(late) >= 6
    assert np.abs(late).max() < 1.0, late


def begins_ms(mono: np.ndarray, notes: Sequence[Note]) -> np.ndarray:
    """When each note before which it is silent begins to sound, -50 dB below its peak, after the note's place."""
    found = []
    for note in notes:
        piece = np.abs(mono[note.start - 960 : note.start + 6_000])
        threshold = 0.003 * piece.max(initial=0.0)
        if len(piece) == 6_960 and piece[:480].max() < threshold:
            found.append((np.flatnonzero(piece > threshold)[0] - 960) / RATE * 1_000)
    return np.array(found)


@pytest.mark.parametrize("prompt", ["flute", "electric piano", "cello"])
def test_the_pitches_that_sound_are_those_of_the_notes(prompt: str) -> None:
    pitches = [60, 67, 64, 71, 62, 69, 65, 72]
    part = line(pitches, step=RATE, frames=round(0.8 * RATE))
    sound = played(prompt, span(4, [part])).stems[0].samples.mean(axis=1)
    for note in part.notes:
        piece = sound[note.start + RATE // 10 : note.start + round(0.75 * RATE)]
        assert round(heard_pitch(piece)) == note.pitch, (prompt, note.pitch)


def heard_pitch(samples: np.ndarray) -> float:
    """The MIDI note of one tone: the first lag at which it is most like itself."""
    size = 1 << (2 * len(samples)).bit_length()
    power = np.abs(np.fft.rfft(samples - samples.mean(), size)) ** 2
    alike = np.fft.irfft(power)[: RATE // 100]
    alike /= np.arange(len(samples), len(samples) - len(alike), -1)
    first = RATE // 1_200
    best = alike[first:].max()
    lag = first + int(np.flatnonzero(alike[first:] > 0.95 * best)[0])
    lag += int(np.argmax(alike[lag : lag + 8]))
    return float(69 + 12 * np.log2(RATE / lag / 440))


def test_a_long_note_is_held_to_its_end() -> None:
    part = GivenPart(notes=(Note(start=0, frames=14 * RATE, pitch=60, velocity=100),))
    sound = played("organ", span(8, [part])).stems[0].samples
    loud = [float(np.std(sound[second * RATE : (second + 1) * RATE])) for second in range(16)]
    assert min(loud[1:14]) > 0.8 * max(loud[1:14]), loud
    assert loud[15] < 0.02 * loud[13]


def test_each_part_has_a_stem_of_its_name_and_drums_the_kit() -> None:
    bass = line([36, 36, 43, 41] * 4, name="Low")
    made = played("trumpet and electric bass", span(4, [line(MELODY * 2), bass, BEAT_PART]))
    assert [stem.name for stem in made.stems] == ["Tune", "Low", "Beat"]
    assert [part["sound"] for part in made.report["given_notes"][:2]] == ["trumpet", "electric_bass"]
    assert [stem.role for stem in made.stems][2] == "drums"
    for stem, part in zip(made.stems, (line(MELODY * 2), bass, BEAT_PART), strict=True):
        assert figures(stem.notes) == figures(part.notes)


def test_several_instruments_double_a_single_part() -> None:
    made = played("violin and cello", span(4, [line(MELODY * 2)]))
    assert [stem.name for stem in made.stems] == ["Violin", "Cello"]
    assert figures(made.stems[0].notes) == figures(made.stems[1].notes) == figures(line(MELODY * 2).notes)


def test_a_group_takes_the_parts_in_turn() -> None:
    parts = [line([72 - 7 * at] * 8, name=f"Voice {at + 1}") for at in range(4)]
    made = played("string quartet", span(2, parts))
    assert [one["sound"] for one in made.report["given_notes"]] == ["violin", "violin", "viola", "cello"]


def test_a_program_of_the_file_decides_where_the_prompt_names_no_instrument() -> None:
    parts = [
        msgspec.structs.replace(line(MELODY, name=str(program)), program=program) for program in (73, 56, 0)
    ]
    made = played("jazz", span(2, parts))
    assert [one["sound"] for one in made.report["given_notes"]] == ["flute", "trumpet", "piano"]
    assert played("cello", span(2, parts[:1])).report["given_notes"][0]["sound"] == "cello"


@pytest.mark.parametrize(
    ("program", "name"),
    [
        (2, "piano"),
        (4, "electric_piano"),
        (5, "electric_piano"),
        (25, "acoustic_guitar"),
        (29, "distorted_guitar"),
        (38, "synth_bass"),
        (45, "strings"),
        (50, "strings"),
        (53, "choir"),
        (80, "square_lead"),
        (81, "synth_lead"),
        (89, "warm_pad"),
        (120, None),
    ],
)
def test_every_program_but_noises_has_its_instrument_or_a_near_one(program: int, name: str | None) -> None:
    assert instrument_of_program(program) == name


def test_every_stand_in_is_in_the_library() -> None:
    found = {instrument_of_program(program) for program in range(128)}
    assert found - {None} <= set(library.instruments())


def test_a_tuned_drum_plays_the_notes() -> None:
    part = line([41, 48, 45, 43])
    made = played("timpani", span(1, [part]))
    assert made.report["given_notes"][0]["sound"] == "timpani"
    assert figures(made.stems[0].notes) == figures(part.notes)


def test_drums_alone_play_whatever_channel_the_notes_have() -> None:
    part = line([36, 38, 42, 46])
    made = played("rock drums", span(1, [part]))
    assert made.stems[0].role == "drums"
    assert figures(made.stems[0].notes) == figures(part.notes)


def test_notes_that_no_drum_has_are_named_and_left_out() -> None:
    made = played("rock drums", span(2, [line([36, 5, 38, 100, 5, 36], channel=9)]))
    assert [note.pitch for note in made.stems[0].notes] == [36, 38, 36]
    assert any("no drum has these note numbers" in said and "5, 100" in said for said in made.remarks)
    with pytest.raises(RequestError, match="None of the notes can be played"):
        played("rock drums", span(2, [line([5, 100], channel=9)]))


def test_notes_outside_the_range_are_counted() -> None:
    made = played("piano", span(1, [line(MELODY * 2, frames=3 * BEAT)]))
    assert len(made.stems[0].notes) == 4
    assert all(note.start + note.frames <= 2 * RATE for note in made.stems[0].notes)
    # Twelve begin after the range; of the other four, two reach beyond it.
    assert any("left out, or cut at the end of the range: 14 of 16 notes" in said for said in made.remarks)


def test_notes_that_are_unusual_for_an_instrument_are_played_and_told() -> None:
    part = line([20, 60, 110])
    made = played("flute", span(1, [part]))
    assert figures(made.stems[0].notes) == figures(part.notes)
    assert any(
        "beyond the usual range of the flute, but played: 2 of 3 notes" in said for said in made.remarks
    )


def test_humanised_notes_move_a_little_and_by_the_seed() -> None:
    part, when = line(MELODY * 4), span(8, [line(MELODY * 4)])
    exact = played("piano", when)
    loose = [played("piano", when, seed=seed, options={"humanise": True}) for seed in (1, 1, 2)]
    notes = [made.stems[0].notes for made in loose]
    assert figures(notes[0]) == figures(notes[1]) != figures(notes[2])
    assert figures(exact.stems[0].notes) == figures(part.notes) != figures(notes[0])
    for one, other in zip(notes[0], part.notes, strict=True):
        assert one.pitch == other.pitch
        assert abs(one.start - other.start) <= 0.0141 * RATE
        assert abs(one.velocity - other.velocity) <= 0.15 * other.velocity + 1
    late = [one.start - other.start for one, other in zip(notes[0], part.notes, strict=True)]
    assert np.std(late) > 0.002 * RATE
    assert abs(np.mean(late)) < 0.004 * RATE
    assert "small differences" in loose[0].remarks[0]


def test_another_seed_gives_the_same_notes_and_sound() -> None:
    when = span(2, [line(MELODY)])
    one, other = (played("piano", when, seed=seed) for seed in (1, 2))
    assert np.array_equal(one.stems[0].samples, other.stems[0].samples)


@pytest.mark.parametrize("prompt", ["rock band", "jazz", "bossa nova", "funk bass and clean guitar"])
def test_the_band_keeps_to_the_chords_of_the_notes_in_every_bar(prompt: str) -> None:
    symbols = ["Am", "F", "C", "G"] * 2
    made = played(prompt, span(8, [piano_part(symbols)]), "chords")
    assert "The chords come from your notes." in made.remarks
    assert [bar["chords"] for bar in made.report["chord_bars"]] == [[symbol] for symbol in symbols]
    given = next(stem for stem in made.stems if stem.name == "Keys")
    assert figures(given.notes) == figures(piano_part(symbols).notes)
    bass = made.stem("bass").notes
    for bar, symbol in enumerate(symbols):
        chord = read_chord(symbol)
        assert chord is not None
        low = [note for note in bass if 2 * bar - 0.03 <= note.start / RATE < 2 * bar + 1.9]
        assert low, (prompt, bar)
        assert low[0].pitch % 12 == chord.root, (prompt, bar)


@pytest.mark.parametrize("use", ["melody", "chords", "bass", "drums"])
def test_a_given_part_takes_one_seat_of_the_band(use: str) -> None:
    part = {
        "melody": line(MELODY * 2),
        "chords": piano_part(["Am", "F", "C", "G"]),
        "bass": line([45, 45, 41, 41, 36, 36, 43, 43] * 2, name="Low"),
        "drums": BEAT_PART,
    }[use]
    made = played("pop", span(4, [part]), use)
    kinds = {"melody": 3, "chords": 2, "bass": 1, "drums": 0}
    assert len(made.stems) == 4
    for place, stem in enumerate(made.stems):
        assert (stem.name == part.name) == (place == kinds[use])
        assert stem.notes
    assert figures(made.stems[kinds[use]].notes) == figures(part.notes)


def test_a_melody_is_played_by_the_lead_of_the_prompt_and_others_keep_away() -> None:
    part = line([60, 62, 64, 65, 67, 65, 64, 62] * 2, name="")
    made = played("jazz band with trumpet", span(4, [part]), "melody")
    assert made.stems[-1].name == "Trumpet"
    keys = made.stems[2]
    assert keys.role == "piano"
    middle = np.median([note.pitch for note in keys.notes])
    assert abs(middle - np.median([note.pitch for note in part.notes])) >= 4


def test_a_line_that_spells_no_chords_gets_some_that_suit_it() -> None:
    tune = [60, 62, 64, 65, 67, 69, 67, 65, 64, 62, 60, 59, 60, 62, 59, 60]
    made = played("pop", span(4, [line(tune)]), "melody")
    assert "Your notes alone spell no chords, so these are chosen for them." in made.remarks
    assert made.report["key"] == "C major"
    for bar, entry in enumerate(made.report["chord_bars"]):
        chord = read_chord(entry["chords"][0])
        assert chord is not None
        assert tune[4 * bar] % 12 in chord.pitch_classes | {(chord.root + 10) % 12}, (bar, entry)


def test_given_chords_come_before_those_of_the_notes() -> None:
    part = piano_part(["Am", "F"])
    made = played("electric bass", span(2, [part]), "chords", chords="E B")
    assert [bar["chords"] for bar in made.report["chord_bars"]] == [["E"], ["B"]]
    marks = (ChordMark(position=0, symbol="D"),)
    made = played("electric bass", span(2, [part], chords=marks), "chords")
    assert [bar["chords"] for bar in made.report["chord_bars"]] == [["D"], ["D"]]
    made = played("electric bass Bb Eb", span(2, [part]), "chords")
    assert [bar["chords"] for bar in made.report["chord_bars"]] == [["Bb"], ["Eb"]]


def test_only_one_part_can_be_the_melody() -> None:
    with pytest.raises(
        RequestError, match=r"2 parts are given, but only one can be the melody: Tune, Beat\."
    ) as raised:
        played("pop", span(4, [line(MELODY), BEAT_PART]), "melody")
    assert raised.value.code == ErrorCode.BAD_PARAMS
    assert "--midi-track" in raised.value.remedy


@pytest.mark.parametrize("parts", [(), (GivenPart(name="Empty"),)])
def test_notes_that_are_asked_for_must_be_there(parts: tuple[GivenPart, ...]) -> None:
    with pytest.raises(RequestError, match="There are no notes to play") as raised:
        played("piano", span(1, parts))
    assert raised.value.code == ErrorCode.BAD_PARAMS


def test_too_many_notes_are_refused() -> None:
    notes = tuple(Note(start=at, frames=1, pitch=60, velocity=90) for at in range(10_000))
    with pytest.raises(RequestError, match="20000 notes are given, but at most 16384 can be played"):
        played("piano", span(1, [GivenPart(notes=notes), GivenPart(notes=notes)]))


def test_without_notes_nothing_changes() -> None:
    plain = run_task(GenerateTask(), {"prompt": "rock"}, timeline=span(2, []), engine=shared(), seed=3)
    off = played("rock", span(2, [line(MELODY)]), "off", seed=3)
    assert off.remarks == plain.remarks
    assert off.report == plain.report
    for one, other in zip(plain.stems, off.stems, strict=True):
        assert one.name == other.name
        assert np.array_equal(one.samples, other.samples)


def test_a_mix_is_one_stem_and_the_level_is_the_usual_one() -> None:
    made = played("piano", span(4, [line(MELODY * 2), BEAT_PART]), mix=True)
    assert [stem.role for stem in made.stems] == ["mix"]
    rested = line([60, 60], step=7 * RATE, frames=RATE)
    loud = played("piano", span(8, [rested])).stems[0].samples
    assert 0.1 < np.abs(loud).max() < 0.9, "rests do not make the notes louder"


def test_beside_other_audio_a_part_sits_below_it() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, (4 * RATE, 2)).astype(np.float32)
    beside = MemoryInput(noise, role="context")
    alone = played("piano", span(2, [line(MELODY)]))
    made = run_task(
        GenerateTask(), {"prompt": "piano", "notes": "only"}, timeline=span(2, [line(MELODY)]), inputs=[beside],
        engine=shared(), seed=1,
    )  # fmt: skip
    assert np.std(made.stems[0].samples) < 0.8 * np.std(alone.stems[0].samples)
    assert figures(made.stems[0].notes) == figures(alone.stems[0].notes)


def test_the_form_asks_for_the_use_of_notes() -> None:
    schema = describe_task(GenerateTask()).params["properties"]["notes"]
    assert sorted(schema["enum"]) == ["along", "bass", "chords", "drums", "melody", "off", "only"]
    assert schema["default"] == "off"
    with pytest.raises(RequestError):
        check_params(GenerateTask(), {"notes": "vocals"})


def test_instruments_play_the_lowest_and_highest_notes() -> None:
    part = line([0, 60, 127], step=BEAT // 2)
    for name, instrument in list(library.instruments().items())[::9]:
        made = played((instrument.words or (name,))[0].replace("_", " "), span(1, [part]))
        assert figures(made.stems[0].notes) == figures(part.notes), name
        assert np.isfinite(made.stems[0].samples).all(), name


def stems_with(made: TaskResult) -> dict[str, list[tuple[int, int, int, int]]]:
    return {stem.name: figures(stem.notes) for stem in made.stems}


def test_the_first_of_a_quartet_has_a_given_melody_and_the_others_play_along() -> None:
    part = line(MELODY * 2)
    made = played("string quartet", span(4, [part]))
    by_name = stems_with(made)
    assert list(by_name) == ["Violin I", "Violin II", "Viola", "Cello"]
    assert by_name["Violin I"] == figures(part.notes)
    assert all(by_name[name] for name in ("Violin II", "Viola", "Cello"))
    assert made.remarks[1] == "The others play along: Violin II, Viola, Cello."
    assert any("chords come from your notes" in remark for remark in made.remarks)


def test_a_quartet_shares_given_chords_voice_by_voice() -> None:
    """Every note is played once, the lowest by the cello; who has none plays along."""
    part = piano_part(["Am", "F", "C", "G"])
    made = played("string quartet", span(4, [part]))
    by_name = stems_with(made)
    assert list(by_name) == ["Violin I", "Violin II", "Viola", "Cello"]
    given: dict[int, list[int]] = {}
    for start, _, pitch, _ in figures(part.notes):
        given.setdefault(start, []).append(pitch)
    for name, choose in (("Violin I", max), ("Cello", min)):
        assert {start: pitch for start, _, pitch, _ in by_name[name]} == {
            start: choose(pitches) for start, pitches in given.items()
        }
    every = [note for name in ("Violin I", "Violin II", "Cello") for note in by_name[name]]
    assert sorted(every) == figures(part.notes)


def test_of_two_tracks_the_low_one_is_the_cellos() -> None:
    high, low = line(MELODY), line([45, 41, 43, 48], step=2 * BEAT, name="Low")
    made = stems_with(played("string quartet", span(2, [high, low])))
    assert made["Violin I"] == figures(high.notes)
    assert made["Cello"] == figures(low.notes)
    assert made["Viola"]


def test_a_jazz_trio_plays_along_with_the_pianists_right_hand() -> None:
    part = line(MELODY * 2)
    made = played("jazz trio", span(4, [part]))
    by_name = stems_with(made)
    assert list(by_name) == ["Drums", "Upright bass", "Piano"]
    assert set(figures(part.notes)) < set(by_name["Piano"])
    below = set(by_name["Piano"]) - set(figures(part.notes))
    assert np.median([pitch for _, _, pitch, _ in below]) < np.median(MELODY)
    assert by_name["Drums"]
    chords = stems_with(played("jazz trio", span(4, [piano_part(["Am", "F", "C", "G"])])))
    assert chords["Piano"] == figures(piano_part(["Am", "F", "C", "G"]).notes)
    assert chords["Upright bass"]


@pytest.mark.parametrize(("prompt", "players"), [("brass section", 1), ("string quartet with drums", 5)])
def test_a_section_plays_given_notes(prompt: str, players: int) -> None:
    part = line(MELODY)
    made = stems_with(played(prompt, span(2, [part])))
    assert figures(part.notes) in made.values()
    assert len(made) == players


def test_several_parts_have_seats_of_their_own() -> None:
    tune, low = line(MELODY * 2), line([45, 41, 48, 43], step=4 * BEAT, frames=2 * BEAT, name="Low")
    parts = [msgspec.structs.replace(part, use=use) for part, use in ((tune, "melody"), (low, "bass"))]
    made = played("jazz", span(4, parts), "melody")
    by_name = stems_with(made)
    assert by_name["Tune"] == figures(tune.notes)
    assert by_name["Low"] == figures(low.notes)
    assert len(by_name) == 4
    assert made.report["notes_as"] == "melody, bass"
    assert {stem.role for stem in made.stems} >= {"drums", "bass"}


@pytest.mark.parametrize(
    ("prompt", "stems"),
    [
        ("jazz", ["Drums", "Upright bass", "Piano"]),
        ("jazz trio", ["Drums", "Upright bass", "Piano"]),
        ("strings pad", ["Strings"]),
        ("shaker", ["Shaker"]),
    ],
)
def test_a_band_plays_along_with_notes_that_are_not_played(prompt: str, stems: list[str]) -> None:
    part = piano_part(["Am", "F", "C", "G"])
    made = played(prompt, span(4, [part]), "along", chords="")
    assert [stem.name for stem in made.stems] == stems
    assert not any(set(figures(part.notes)) & set(figures(stem.notes)) for stem in made.stems)
    assert made.remarks[0] == "The band plays along with your 48 notes, which are not played themselves."
    for stem in made.stems:
        if stem.role == "bass":
            first = {note.start // (4 * BEAT): note.pitch % 12 for note in reversed(stem.notes)}
            assert [first[bar] for bar in range(4)] == [9, 5, 0, 7]


def pitch_of(audio: np.ndarray, start: float, seconds: float = 0.14) -> float:
    """The MIDI pitch of the strongest partial, by a parabola through the peak of its spectrum."""
    piece = audio[round(start * RATE) : round((start + seconds) * RATE)].mean(axis=1)
    size = 1 << 17
    levels = np.log(np.abs(np.fft.rfft(piece * np.hanning(len(piece)), size)) + 1e-12)
    peak = int(np.argmax(levels))
    left, middle, right = levels[peak - 1 : peak + 2]
    exact = peak + (left - right) / (2 * (left - 2 * middle + right))
    return float(69 + 12 * np.log2(exact * RATE / size / 440))


@pytest.mark.parametrize("prompt", ["flute", "piano", "distorted guitar"])
@pytest.mark.parametrize("sampled", [False, True])
def test_a_given_note_is_bent(
    prompt: str, sampled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By two semitones up, then one down, within twelve cents (a flute has vibrato), own or sampled."""
    options: dict[str, Any] = {"sound": "own"}
    if sampled:
        font = tmp_path / "made.sf2"
        font.write_bytes(made_soundfont())
        monkeypatch.setenv("BANDMATE_SOUNDFONT", str(font))
        options = {"sound": "soundfont"}
    bend = tuple(
        BendPoint(frame=round(at * RATE), cents=cents)
        for at, cents in ((0.25, 200.0), (0.5, -100.0), (0.75, 0.0))
    )
    plain = Note(start=0, frames=RATE, pitch=72, velocity=90)
    bent = msgspec.structs.replace(plain, bend=bend)
    audio = [
        played(prompt, span(1, [GivenPart(notes=(note,))]), options=options).stems[0].samples
        for note in (plain, bent)
    ]
    for start, semitones in ((0.1, 0), (0.35, 2), (0.6, -1), (0.85, 0)):
        moved = pitch_of(audio[1], start) - pitch_of(audio[0], start)
        assert moved == pytest.approx(semitones, abs=0.12), start
    # No click where the wheel moves.
    steps = np.abs(np.diff(audio[1].mean(axis=1)))
    assert steps.max() < 2.0 * np.abs(np.diff(audio[0].mean(axis=1))).max()
