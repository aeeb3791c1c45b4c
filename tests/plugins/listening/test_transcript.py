"""What is written down of recordings: right where the notes are known, and nothing where there are none."""

from __future__ import annotations

import mir_eval
import numpy as np
import pytest

from bandmate_plugins._listening.decimated import DecimatedReader
from bandmate_plugins._listening.melody.lines import MELODY
from bandmate_plugins._listening.project_features import measure_features
from bandmate_plugins._listening.transcript import (
    TranscribedPassage,
    Transcript,
    TranscriptClarity,
)
from bandmate_plugins._tasks.generate import GenerateTask
from bandmate_plugins._theory.chords import parse_chord
from bandmate_plugins.testing import MemoryInput, make_timeline
from bandmate_protocol.messages import ChordMark, Timeline
from tests.material.voices import RATE as VOICE_RATE
from tests.material.voices import in_a_row, sung
from tests.plugins.cover.pieces import RATE, Audio, known, mix_of, noise, perform, speech, tones


def heard(samples: Audio, when: Timeline) -> TranscribedPassage:
    transcript = Transcript(MemoryInput(samples), when, MELODY, lambda: None)
    found = transcript.transcribe_next()
    assert found is not None
    assert transcript.transcribe_next() is None
    return found


def used(clear: TranscriptClarity) -> set[str]:
    return {what for what in ("drums", "bass", "melody", "chords") if getattr(clear, f"has_{what}")}


def onset_f(truth: list[int], found: list[float]) -> float:
    times = [np.unique(np.array(frames, dtype=np.float64)) / RATE for frames in (truth, found)]
    return float(mir_eval.onset.f_measure(*times)[0])


@pytest.mark.parametrize("prompt", ["rock", "disco", "soul"])
def test_kick_and_snare_of_a_band_are_found(prompt: str) -> None:
    when, mix, result = known(prompt)
    found = heard(mix, when)
    assert found.clear.has_drums
    drums = result.stem("drums").notes
    kicks = [note.start for note in drums if note.pitch == 36]
    snares = [note.start for note in drums if note.pitch in (38, 39) and note.velocity > 50]
    assert onset_f(kicks, [hit.frame for hit in found.hits if hit.kind == "kick"]) > 0.8
    assert onset_f(snares, [hit.frame for hit in found.hits if hit.kind == "snare"]) > 0.7


@pytest.mark.parametrize("prompt", ["rock", "pop", "jazz"])
def test_the_bass_of_a_band_is_found(prompt: str) -> None:
    when, mix, result = known(prompt)
    found = heard(mix, when)
    assert found.clear.has_bass
    notes = result.stems[1].notes
    spans = np.array([[note.start, note.start + note.frames] for note in notes]) / RATE
    others = np.array([[note.start, note.end] for note in found.bass]) / RATE
    pitches = [440 * 2 ** ((np.array([n.pitch for n in line]) - 69.0) / 12) for line in (notes, found.bass)]
    scores = mir_eval.transcription.precision_recall_f1_overlap(
        spans, pitches[0], others, pitches[1], offset_ratio=None
    )
    assert scores[2] > 0.6


def test_a_melody_by_itself_is_written_down_note_for_note() -> None:
    line = [60, 62, 64, 65, 67, 67, 69, 71, 72, 0, 71, 67, 64, 60, 62, 60]
    when = make_timeline(4, bpm=150, sample_rate=RATE)
    found = heard(tones(line), when)
    assert found.clear.has_melody
    assert found.clear.melody > 0.6
    assert [note.pitch for note in found.melody] == [pitch for pitch in line if pitch]
    starts = [0.4 * place for place, pitch in enumerate(line) if pitch]
    assert [note.start / RATE for note in found.melody] == pytest.approx(starts, abs=0.04)


def test_chords_and_key_of_a_band_are_found() -> None:
    symbols = ["Am", "F", "C", "G", "Am", "Dm", "E", "Am"]
    marks = tuple(ChordMark(position=2 * RATE * at, symbol=name) for at, name in enumerate(symbols))
    when = make_timeline(8, bpm=120, sample_rate=RATE, key="A minor", chords=marks)
    band = perform_generate("rock band", when)
    found = heard(band, make_timeline(8, bpm=120, sample_rate=RATE))
    assert found.clear.has_chords
    assert found.key is not None
    assert found.key.name in ("A minor", "C major")
    right = 0
    for bar, symbol in enumerate(symbols):
        wanted = parse_chord(symbol)
        sounding = [one for one in found.chords if one.start <= 2 * RATE * bar + RATE // 2][-1]
        right += wanted is not None and (wanted.root, wanted.is_minor) == (sounding.root, sounding.minor)
    assert right >= 7


def perform_generate(prompt: str, when: Timeline) -> Audio:
    return mix_of(perform(GenerateTask(), when, np.zeros((1, 2), np.float32), prompt=prompt))


@pytest.mark.parametrize("kind", ["noise", "speech", "a click", "silence"])
def test_nothing_is_used_of_what_is_no_music(kind: str) -> None:
    when = make_timeline(4, sample_rate=RATE)
    samples = {
        "noise": noise(8),
        "speech": speech(8),
        "a click": np.concatenate((np.ones((2, 2)), np.zeros((8 * RATE, 2)))).astype(np.float32),
        "silence": np.zeros((8 * RATE, 2), np.float32),
    }[kind]
    clear = heard(samples, when).clear
    assert used(clear) == set()


def test_drums_alone_have_no_notes() -> None:
    when, mix, _ = known("rock drums")
    clear = heard(mix, when).clear
    assert used(clear) == {"drums"}


@pytest.mark.parametrize("prompt", ["organ", "strings"])
def test_held_notes_have_no_drums(prompt: str) -> None:
    when, mix, _ = known(prompt)
    clear = heard(mix, when).clear
    assert clear.has_chords
    assert not clear.has_drums


def test_a_recording_that_is_out_of_tune_is_heard_in_its_own() -> None:
    when = make_timeline(4, bpm=150, sample_rate=RATE)
    line = [60, 64, 67, 72, 67, 64, 60, 62] * 2
    flat = tones(line, rate=round(RATE * 2 ** (0.3 / 12)))
    found = heard(flat, when)
    assert [note.pitch for note in found.melody[:6]] == line[:6]


def test_a_voice_with_vibrato_is_not_taken_to_be_out_of_tune() -> None:
    """Half a tone of vibrato dwells between the notes: an average of that has no meaning."""
    notes = in_a_row(3 * (60, 64, 67, 65, 69, 67, 64, 62), 0.25)
    voice = sung(notes, 6 * VOICE_RATE)
    ear = DecimatedReader(MemoryInput(np.stack((voice, voice), axis=1)), VOICE_RATE)
    assert measure_features(ear, VOICE_RATE, 0, len(voice), lambda: None).tuning_cents == 0


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000, 192_000])
def test_the_ear_reads_any_rate_in_place(rate: int) -> None:
    samples = np.zeros((rate, 2), np.float32)
    samples[rate // 2] = 1.0
    ear = DecimatedReader(MemoryInput(samples, start_frame=777), rate)
    assert 8_000 <= ear.rate < 45_000
    whole = ear.read_samples(0, round(ear.rate))
    assert ear.frame_at(int(np.abs(whole).argmax())) == pytest.approx(777 + rate // 2, abs=ear.step)
    assert np.abs(ear.read_samples(-50, 40)).max() < 1e-3
    place = ear.sample_at(777 + rate // 2)
    parts = np.concatenate((ear.read_samples(place - 60, 60), ear.read_samples(place, 60)))
    assert np.allclose(parts, whole[place - 60 : place + 60], atol=1e-6)


def test_channels_that_cancel_are_heard() -> None:
    wave = tones([60, 64])[:, :1]
    ear = DecimatedReader(MemoryInput(np.concatenate((wave, -wave), axis=1)), RATE)
    assert np.abs(ear.read_samples(0, RATE // 2)).max() > 0.1
