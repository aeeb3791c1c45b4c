"""The task `accompany` on the engine `sketch`: a backing that fits, layers as asked, and room."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_PITCHES
from bandmate_plugins._tasks.accompany import AccompanyTask
from bandmate_plugins._theory.chords import parse_chord
from bandmate_plugins.testing import TaskResult, check_task, make_timeline
from tests.plugins.cover.pieces import RATE, known, lufs, mix_of, noise, perform, shared, speech, tones

TUNE = [60, 60, 67, 67, 69, 69, 67, 0, 65, 65, 64, 64, 62, 62, 60, 0]
"""Half notes of a tune in C, two bars of four beats at 150 bpm for each four notes."""


def tune(transposed: int = 0) -> np.ndarray:
    return tones([pitch and pitch + transposed for pitch in TUNE], seconds=0.8)


WHEN = make_timeline(8, bpm=150, sample_rate=RATE)


SHORT = make_timeline(2, bpm=150, sample_rate=RATE)


def digest(result: TaskResult) -> str:
    return hashlib.sha256(b"".join(stem.samples.tobytes() for stem in result.stems)).hexdigest()


def test_it_keeps_its_contract() -> None:
    check_task(AccompanyTask(), {"prompt": "bossa nova"}, engine=shared())


@pytest.mark.parametrize(
    ("prompt", "roles"),
    [
        ("", ["drums", "bass", "piano"]),
        ("reggae band", ["drums", "bass", "keys"]),
        ("jazz without drums", ["bass", "piano"]),
        ("add a shaker", ["percussion"]),
        ("strings pad", ["strings"]),
        ("rock drums and bass", ["drums", "bass"]),
        ("claps and a tambourine", ["percussion", "percussion"]),
        ("string quartet", ["strings"] * 4),
        ("string quartet with timpani", ["strings"] * 4 + ["percussion"]),
        ("house with a tambourine on 2 and 4", ["drums", "percussion", "bass", "keys"]),
        ("flute", ["lead"]),
    ],
)
def test_what_is_asked_for_plays_and_nothing_else(prompt: str, roles: list[str]) -> None:
    result = perform(AccompanyTask(), WHEN, tune(), prompt=prompt)
    assert [stem.role for stem in result.stems] == roles
    assert all(stem.notes for stem in result.stems)
    assert all(np.abs(stem.samples).max() > 1e-4 for stem in result.stems)


def test_every_single_drum_plays_itself_only() -> None:
    for name in ("shaker", "clap", "djembe", "timpani", "brush", "reverse_cymbal"):
        drum = library.single_drums()[name]
        played = perform(AccompanyTask(), SHORT, tune()[: SHORT.frames], prompt=f"8-bit {drum.words[0]}")
        assert [stem.name for stem in played.stems] == [drum.title]
        assert played.stems[0].notes
        if not drum.instrument:
            assert {note.pitch for note in played.stems[0].notes} <= {DRUM_PITCHES[one] for one in drum.drums}
    result = perform(AccompanyTask(), WHEN, tune(), prompt="congas")
    allowed = {DRUM_PITCHES[name] for name in ("conga", "conga_slap", "conga_low")}
    assert {note.pitch for note in result.stems[0].notes} <= allowed


@pytest.mark.parametrize("transposed", [0, 3, -4])
def test_the_chords_suit_the_melody_in_any_key(transposed: int) -> None:
    result = perform(AccompanyTask(), WHEN, tune(transposed), prompt="pop")
    sentence = next(one for one in result.remarks if one.startswith("Chosen for the melody"))
    chords = [parse_chord(symbol) for symbol in sentence.split(": ")[1].rstrip(".").split(", ")]
    assert all(chords)
    scale = {(step + transposed) % 12 for step in (0, 2, 4, 5, 7, 9, 11)}
    tones_of_all = set().union(*(chord.pitch_classes for chord in chords if chord))
    assert tones_of_all <= scale
    bass = result.stem("bass").notes
    assert bass[0].pitch % 12 == transposed % 12, "it begins at home"


def test_melody_tones_and_chords_agree() -> None:
    result = perform(AccompanyTask(), WHEN, tune(), prompt="pop without drums")
    keys = result.stem("piano").notes
    good = total = 0
    for place, pitch in enumerate(TUNE):
        if not pitch:
            continue
        middle = round((place + 0.4) * 0.8 * RATE)
        sounding = {note.pitch % 12 for note in keys if note.start <= middle < note.start + note.frames}
        if not sounding:
            continue
        total += 1
        clash = {(pitch + 1) % 12, (pitch - 1) % 12} & sounding
        good += pitch % 12 in sounding or not clash
    assert total >= 8
    assert good / total > 0.8


def test_keys_stay_out_of_the_melodys_register() -> None:
    for transposed in (0, 12):
        result = perform(AccompanyTask(), WHEN, tune(transposed), prompt="pop")
        middle = np.median([note.pitch for note in result.stem("piano").notes])
        sung = 65 + transposed
        assert abs(middle - sung) > 6


def test_keys_thin_out_under_quick_notes() -> None:
    slow, fast = tune(), tones([60, 62, 64, 65, 67, 65, 64, 62] * 8, seconds=0.2)
    counts = [
        len(perform(AccompanyTask(), WHEN, one, prompt="disco keys").stems[0].notes) for one in (slow, fast)
    ]
    assert counts[1] < counts[0]


def test_a_lead_answers_in_the_rests() -> None:
    sung = np.concatenate((tones([60, 64, 67, 72] * 2, 0.4), np.zeros((round(3.2 * RATE), 2), np.float32)))
    result = perform(AccompanyTask(), WHEN, np.concatenate((sung, sung)), prompt="saxophone")
    starts = np.array([note.start for note in result.stems[0].notes]) / RATE % 6.4
    assert np.mean(starts >= 3.1) > 0.6


def test_a_backing_and_its_layers_are_under_what_they_go_with() -> None:
    source = tune()
    backing = perform(AccompanyTask(), WHEN, source, prompt="pop")
    assert lufs(mix_of(backing)) == pytest.approx(lufs(source) - 2, abs=1.5)
    when, mix, _ = known("pop")
    for prompt, below in (("add a shaker", 14), ("add bass", 6), ("strings pad", 9)):
        layer = perform(AccompanyTask(), when, mix, prompt=prompt)
        assert lufs(mix_of(layer)) == pytest.approx(lufs(mix) - below, abs=2.0), prompt


def test_a_mix_is_followed_by_its_own_chords() -> None:
    when, mix, original = known("rock")
    result = perform(AccompanyTask(), when, mix, prompt="organ")
    played = result.stems[0].notes
    good = total = 0
    for note in original.stems[1].notes:
        middle = note.start + note.frames // 2
        sounding = {one.pitch % 12 for one in played if one.start <= middle < one.start + one.frames}
        if sounding:
            total += 1
            good += note.pitch % 12 in sounding
    assert good / total > 0.7


def test_no_key_is_said_so() -> None:
    line = [60, 61, 66, 71, 65, 68, 63, 62, 69, 70, 64, 67, 61, 66, 60, 71]
    result = perform(AccompanyTask(), WHEN, tones(line, 0.8), prompt="pop")
    assert any("No key is clear" in sentence for sentence in result.remarks)


@pytest.mark.parametrize("kind", ["silence", "noise", "speech"])
def test_what_is_no_music_gets_the_styles_own_harmony(kind: str) -> None:
    when = make_timeline(4, sample_rate=RATE)
    source = {"silence": np.zeros((when.frames, 2), np.float32), "noise": noise(8), "speech": speech(8)}[kind]
    result = perform(AccompanyTask(), when, source, prompt="pop")
    assert any("Nothing was detected clearly enough to be used" in sentence for sentence in result.remarks)
    assert any("chosen for the style" in sentence for sentence in result.remarks)
    assert result.stem("bass").notes


@pytest.mark.parametrize("metre", ["1/16", "31/8"])
@pytest.mark.parametrize("bpm", [20.0, 400.0])
def test_odd_times(metre: str, bpm: float) -> None:
    when = make_timeline(frames=4 * RATE, bpm=bpm, metre=metre, sample_rate=RATE)
    result = perform(AccompanyTask(), when, tones([60, 64, 67, 65, 62]), prompt="jazz trio")
    assert {len(stem.samples) for stem in result.stems} == {when.frames}


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    here = digest(perform(AccompanyTask(), WHEN, tune(), prompt="soul", seed=9))
    code = (
        "from tests.plugins.accompany.test_accompany import *;"
        "print(digest(perform(AccompanyTask(), WHEN, tune(), prompt='soul', seed=9)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == here
