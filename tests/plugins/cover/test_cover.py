"""The task `cover` on the engine `sketch`: who plays, how near it stays, and that nothing upsets it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tracemalloc
from collections import Counter

import numpy as np
import pytest

from bandmate_plugins import ErrorCode, JobCancelled, RequestError, StemAudio, TaskRequest
from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.cover import ensembles as cover_ensembles
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_NAMES
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._listening import transcript
from bandmate_plugins._tasks.cover import CoverParams, CoverTask
from bandmate_plugins.testing import TaskResult, check_task, make_timeline
from bandmate_plugins.testing.running import CancellingContext, PatientContext
from bandmate_protocol.messages import ChordMark, Note
from tests.plugins.cover.pieces import RATE, Loop, known, lufs, mix_of, noise, perform, shared, speech, tones


def digest(result: TaskResult) -> str:
    return hashlib.sha256(b"".join(stem.samples.tobytes() for stem in result.stems)).hexdigest()


def test_it_keeps_its_contract() -> None:
    check_task(CoverTask(), {"prompt": "jazz trio", "strength": 0.4}, engine=shared())


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("as a string quartet", ["Violin I", "Violin II", "Viola", "Cello"]),
        ("sad String Quartet in D minor", ["Violin I", "Violin II", "Viola", "Cello"]),
        ("jazz trio", ["Drums", "Upright bass", "Piano"]),
        ("jazz trio without drums", ["Upright bass", "Piano"]),
        ("8-bit", ["Drums", "Pulse bass", "Square lead", "Square lead"]),
        ("piano", ["Piano"]),
        ("flute and nylon guitar", ["Nylon guitar", "Flute"]),
        ("tambourine", ["Tambourine"]),
        ("string quartet with congas", ["Violin I", "Violin II", "Viola", "Cello", "Congas"]),
        ("string quartet with drums", ["Drums", "Violin I", "Violin II", "Viola", "Cello"]),
    ],
)
def test_the_prompt_says_who_plays(prompt: str, names: list[str]) -> None:
    when, mix, _ = known("pop", bars=2)
    result = perform(CoverTask(), when, mix, prompt=prompt)
    assert [stem.name for stem in result.stems] == names
    assert all(np.abs(stem.samples).max() > 0.001 for stem in result.stems)
    assert all(stem.notes for stem in result.stems)


def test_every_seat_of_every_ensemble_can_be_filled() -> None:
    for name, group in library.ensembles().items():
        assert group.genre in library.genres(), name
        for seat in group.seats:
            assert seat.plays in ("melody", "voice", "bass", "chords", "piano", "drums"), name
            if seat.plays != "drums":
                instrument = library.instruments()[seat.instrument]
                assert instrument.low <= seat.register <= instrument.high, (name, seat.title)
        for words in group.words:
            found, wish = cover_ensembles.match_ensemble(f"as a {words}, please")
            assert found is group
            assert not wish.unknown


def nearest(notes: tuple[Note, ...], frame: float) -> float:
    return min(abs(note.start - frame) for note in notes) / RATE


def test_at_no_strength_the_notes_are_those_of_the_original() -> None:
    when, mix, original = known("rock")
    result = perform(CoverTask(), when, mix, prompt="rock", strength=0.0)
    drums, bass, _, lead = (stem.notes for stem in result.stems)
    kicks = [note.start for note in original.stem("drums").notes if note.pitch == 36]
    found = tuple(note for note in drums if note.pitch == 36)
    assert np.mean([nearest(found, kick) < 0.03 for kick in kicks]) > 0.8
    same = [
        any(abs(one.start - note.start) < 0.05 * RATE and one.pitch % 12 == note.pitch % 12 for one in bass)
        for note in original.stems[1].notes
    ]
    assert np.mean(same) > 0.6
    assert lead


def test_the_melody_stays_at_every_strength() -> None:
    line = [60, 62, 64, 65, 67, 69, 71, 72, 71, 67, 64, 60, 62, 64, 62, 60]
    when = make_timeline(4, bpm=150, sample_rate=RATE)
    for strength in (0.0, 0.5, 1.0):
        result = perform(CoverTask(), when, tones(line), prompt="flute, pop", strength=strength)
        (stem,) = result.stems
        assert [note.pitch % 12 for note in stem.notes] == [pitch % 12 for pitch in line]
        steps = np.diff([note.pitch for note in stem.notes])
        assert np.array_equal(steps, np.diff(line)), "its shape is not folded"
        starts = np.array([note.start for note in stem.notes]) / RATE
        assert np.abs(starts - 0.4 * np.arange(16)).max() < 0.06


def test_more_strength_is_more_of_the_style() -> None:
    when, mix, _ = known("rock")
    free = perform(CoverTask(), when, mix, prompt="reggae", strength=1.0).stem("drums").notes
    styles = Counter((note.start // 200, note.pitch) for note in free)
    shares = []
    for strength in (0.0, 0.5, 0.9):
        notes = perform(CoverTask(), when, mix, prompt="reggae", strength=strength).stem("drums").notes
        shares.append(sum(styles[note.start // 200, note.pitch] > 0 for note in notes) / len(notes))
    assert shares == sorted(shares)
    assert shares[0] < 0.6
    assert shares[-1] == 1.0


def test_chords_follow_the_original_where_the_style_plays_its_own() -> None:
    symbols = ["Am", "F", "C", "G"] * 2
    marks = tuple(ChordMark(position=2 * RATE * at, symbol=name) for at, name in enumerate(symbols))
    when = make_timeline(8, bpm=120, sample_rate=RATE, key="A minor", chords=marks)
    from bandmate_plugins._tasks.generate import GenerateTask

    mix = mix_of(perform(GenerateTask(), when, np.zeros((1, 2), np.float32), prompt="rock band"))
    plain = make_timeline(8, bpm=120, sample_rate=RATE)
    result = perform(CoverTask(), plain, mix, prompt="bossa nova", strength=1.0)
    roots = {"Am": 9, "F": 5, "C": 0, "G": 7}
    bass = result.stem("bass").notes
    right = [
        min((note for note in bass if note.start >= 2 * RATE * at - 300), key=lambda n: n.start).pitch % 12
        == roots[symbol]
        for at, symbol in enumerate(symbols)
    ]
    assert sum(right) >= 7


def test_the_projects_own_chords_win() -> None:
    when, mix, _ = known("pop", bars=4)
    marks = (ChordMark(position=0, symbol="F#m"),)
    given = make_timeline(4, bpm=112, sample_rate=RATE, chords=marks)
    result = perform(CoverTask(), given, mix, prompt="organ", strength=1.0)
    below = [note.pitch % 12 for note in result.stems[0].notes]
    assert Counter(below).most_common(1)[0][0] in (6, 9, 1)
    assert when.frames == given.frames


def test_it_is_as_loud_as_the_original() -> None:
    when, mix, _ = known("pop")
    for gain in (1.0, 0.2):
        result = perform(CoverTask(), when, mix * np.float32(gain), prompt="jazz trio")
        assert lufs(mix_of(result)) == pytest.approx(lufs(mix) + 20 * np.log10(gain), abs=1.5)
    free = perform(CoverTask(), when, mix * np.float32(0.2), prompt="jazz trio", match_loudness=False)
    assert lufs(mix_of(free)) == pytest.approx(-16, abs=1.5)


def test_the_form_is_that_of_the_original() -> None:
    when, mix, _ = known("rock")
    half = len(mix) // 2
    soft = np.concatenate((mix[:half] * np.float32(0.15), mix[half:]))
    result = perform(CoverTask(), when, soft, prompt="disco", strength=1.0)
    made = mix_of(result)
    assert result.report["sections"][0] != result.report["sections"][-1]
    assert lufs(made[half:]) > lufs(made[:half]) + 1.5


def test_one_mix_is_the_sum_of_the_stems() -> None:
    when, mix, _ = known("pop", bars=2)
    apart = perform(CoverTask(), when, mix, prompt="string quartet")
    mixed = perform(CoverTask(), when, mix, prompt="string quartet", mix=True)
    assert [stem.role for stem in mixed.stems] == ["mix"]
    # Compared as samples: the sum of nothing and of a negative zero differs in the sign of zero.
    assert np.array_equal(mixed.stems[0].samples, mix_of(apart))


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    when, mix, _ = known("soul", bars=2)
    here = digest(perform(CoverTask(), when, mix, prompt="8-bit", seed=4))
    code = (
        "from tests.plugins.cover.pieces import *; from tests.plugins.cover.test_cover import digest, CoverTask;"
        "when, mix, _ = known('soul', bars=2);"
        "print(digest(perform(CoverTask(), when, mix, prompt='8-bit', seed=4)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == here


def test_it_says_what_was_heard_and_used() -> None:
    when, mix, _ = known("pop")
    result = perform(CoverTask(), when, mix, prompt="jazz trio")
    assert result.report["heard"]["used"] == ["drums", "bass", "melody", "chords"]
    assert result.report["heard"]["chords"]
    assert any("Detected and used: drums" in sentence for sentence in result.remarks)
    unclear = perform(CoverTask(), when, noise(when.seconds), prompt="jazz trio")
    assert any("Nothing was detected clearly enough to be used" in sentence for sentence in unclear.remarks)
    assert unclear.report["heard"]["used"] == []


def test_silence_is_refused() -> None:
    when = make_timeline(2, sample_rate=RATE)
    with pytest.raises(RequestError, match="silent") as refused:
        perform(CoverTask(), when, np.zeros((when.frames, 2), np.float32))
    assert refused.value.code == ErrorCode.INPUT_UNUSABLE


@pytest.mark.parametrize("metre", ["4/4", "1/16", "31/8", "7/8"])
@pytest.mark.parametrize("bpm", [20.0, 400.0])
def test_odd_times_are_covered(metre: str, bpm: float) -> None:
    when = make_timeline(frames=4 * RATE, bpm=bpm, metre=metre, sample_rate=RATE)
    for source in (tones([60, 64, 67, 61, 66, 70, 58, 63, 68, 73]), speech(4), noise(4)):
        result = perform(CoverTask(), when, source, prompt="jazz trio", strength=0.5)
        assert {len(stem.samples) for stem in result.stems} == {when.frames}
        assert all(np.isfinite(stem.samples).all() for stem in result.stems)


@pytest.mark.parametrize("channels", [1, 3, 6])
def test_sources_of_any_channels_and_length(channels: int) -> None:
    when = make_timeline(2, sample_rate=RATE, start_frame=5 * RATE)
    source = np.repeat(tones([60, 64, 67])[:, :1], channels, axis=1)
    result = perform(CoverTask(), when, source, prompt="string quartet")
    assert {len(stem.samples) for stem in result.stems} == {when.frames}
    last = max(note.start + note.frames for stem in result.stems for note in stem.notes)
    assert last <= when.frames


def test_an_hour_is_heard_as_it_goes_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    rate = 8_000
    monkeypatch.setattr(transcript, "PASSAGE_SECONDS", 20.0)
    when = make_timeline(frames=3_600 * rate, sample_rate=rate)
    source = Loop(tones([57, 60, 64, 69, 65, 60, 53, 57], rate=rate), when.frames)
    params = CoverParams(prompt="piano", match_loudness=False)
    request = TaskRequest(params, when, 1, (source,), SketchOptions())
    frames, most = 0, 0
    tracemalloc.start()
    try:
        for output in shared().variation(request, PatientContext()):
            if isinstance(output, StemAudio):
                assert frames or source.furthest < 60 * rate, (
                    "the first audio waits for the first stretch only"
                )
                frames += len(output.samples)
            if frames > 40 * rate:
                most = max(most, tracemalloc.get_traced_memory()[0])
            if frames > 80 * rate:
                break
    finally:
        tracemalloc.stop()
    assert source.furthest < 150 * rate
    assert 0 < most < 60 * 2**20


def test_cancelling_ends_it_while_it_listens() -> None:
    when, mix, _ = known("pop")
    host = CancellingContext(4)
    request = TaskRequest(CoverParams(), when, 1, (Loop(mix, len(mix)),), SketchOptions())
    with pytest.raises(JobCancelled):
        list(shared().variation(request, host))
    assert host.checks == 4


def test_drums_are_those_that_the_kit_has() -> None:
    when, mix, _ = known("disco", bars=4)
    for prompt in ("salsa", "chiptune", "classical", "afrobeat"):
        result = perform(CoverTask(), when, mix, prompt=prompt, strength=0.2)
        assert all(note.pitch in DRUM_NAMES for note in result.stem("drums").notes)
