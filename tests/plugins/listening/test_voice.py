"""A voice by itself: what it sings, whether it sings at all, and who tracked its pitch."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from typing import Any

import numpy as np
import pytest

from bandmate_plugins import JobCancelled
from bandmate_plugins._listening.decimated import DecimatedReader
from bandmate_plugins._listening.melody import swift_f0
from bandmate_plugins._listening.melody.contour import track_pitch_yin
from bandmate_plugins._listening.melody.lines import MELODY, LineSearch
from bandmate_plugins._listening.transcript import TranscribedPassage, Transcript
from bandmate_plugins._platform.installation import how_to_add
from bandmate_plugins._tasks.accompany import AccompanyTask
from bandmate_plugins._tasks.cover import CoverTask
from bandmate_plugins.testing import MemoryInput, TaskResult, make_timeline, run_task
from bandmate_plugins.testing.running import CancellingContext
from tests.material.voices import RATE, Voice, in_a_row, sung
from tests.plugins.cover.pieces import RATE as PIECE_RATE
from tests.plugins.cover.pieces import known, shared, speech

TUNE = [60, 60, 67, 67, 69, 69, 67, 64, 65, 65, 64, 64, 62, 62, 60, 60]
SECONDS = 0.4
WHEN = make_timeline(4, bpm=150, sample_rate=RATE)
SWIFT = f"swift-f0 {metadata.version('swift-f0')}"


def voice(transposed: int = 0, **how: float) -> Voice:
    mono = sung(in_a_row([pitch + transposed for pitch in TUNE], SECONDS), WHEN.frames, **how)
    return np.stack((mono, mono), axis=1)


def heard(
    samples: Any, when: Any = WHEN, tracker: str = "own", line: LineSearch = MELODY
) -> TranscribedPassage:
    found = Transcript(MemoryInput(samples), when, line, lambda: None, tracker).transcribe_next()
    assert found is not None
    return found


def asked(task: Any, samples: Voice, **params: Any) -> TaskResult:
    return run_task(task, params, timeline=WHEN, inputs=[MemoryInput(samples)], engine=shared(), seed=1)


def right(found: TranscribedPassage, transposed: int = 0) -> float:
    """The share of the tune's notes that begin where they should."""
    starts = {round(note.start / RATE / SECONDS): note for note in found.melody}
    there = [
        place in starts
        and starts[place].pitch == pitch + transposed
        and abs(starts[place].start / RATE - SECONDS * place) < 0.06
        for place, pitch in enumerate(TUNE)
    ]
    return float(np.mean(there))


@pytest.mark.parametrize("tracker", ["own", ""])
@pytest.mark.parametrize(
    ("transposed", "how"),
    [
        (0, {"vibrato": 0.25}),
        (12, {"vibrato": 0.5}),
        (5, {"vibrato": 0.5, "glide": 0.15}),
        (0, {"vibrato": 0.5, "breath": 0.05}),
        (-17, {"vibrato": 0.4}),
    ],
    ids=["little vibrato", "a woman", "glides", "breath", "a bass"],
)
def test_a_voice_by_itself_is_written_down(tracker: str, transposed: int, how: dict[str, float]) -> None:
    found = heard(voice(transposed, **how), tracker=tracker)
    assert found.clear.sings
    assert found.clear.has_melody
    assert not found.clear.has_bass, "its low notes are the melody's"
    assert found.tracker == (tracker or SWIFT)
    assert right(found, transposed) >= 0.9
    assert len(found.melody) <= len(TUNE) + 2
    assert all(0 < note.level <= 1 for note in found.melody)


def test_a_wide_vibrato_keeps_its_notes() -> None:
    """A semitone to each side: as wide as a note is far from the next."""
    found = heard(voice(vibrato=1.0))
    assert found.clear.sings
    sounding = [
        [note.pitch for note in found.melody if note.start <= (place + 0.5) * SECONDS * RATE < note.end]
        for place in range(len(TUNE))
    ]
    assert np.mean([pitches == [pitch] for pitches, pitch in zip(sounding, TUNE, strict=True)]) >= 0.9


def test_an_accompaniment_follows_a_voice_with_a_wide_vibrato() -> None:
    result = asked(AccompanyTask(), voice(3, vibrato=0.8), prompt="pop")
    assert any(one.startswith("Chosen for the melody") for one in result.remarks)
    assert result.report["key"] in ("Eb major", "D# major")


@pytest.mark.parametrize("prompt", ["flute", "violin", "saxophone", "piano melody", "square lead", "cello"])
def test_an_instrument_by_itself_is_no_voice(prompt: str) -> None:
    when, mix, _ = known(f"pop {prompt}", bars=4)
    found = heard(mix, when)
    assert found.clear.sings is None
    assert found.tracker == ""
    assert found.clear.has_melody


@pytest.mark.parametrize("prompt", ["pop", "jazz", "rock drums", "strings", "organ", "upright bass"])
def test_several_notes_at_a_time_are_no_voice(prompt: str) -> None:
    when, mix, _ = known(prompt, bars=4)
    assert heard(mix, when).clear.sings is None


def test_a_voice_in_a_band_is_not_by_itself() -> None:
    when, mix, _ = known("pop", bars=4)
    mono = sung(in_a_row(TUNE, SECONDS), len(mix) * 2)[::2, None]
    assert heard(mix + 0.6 * mono, when).clear.sings is None


def test_speech_is_a_voice_that_does_not_sing() -> None:
    found = heard(speech(8), make_timeline(4, sample_rate=PIECE_RATE), tracker="")
    assert found.clear.sings is False
    assert found.tracker == ""
    assert not found.clear.has_melody
    assert not found.clear.has_chords


def test_who_followed_the_pitch_is_told_and_kept() -> None:
    result = asked(CoverTask(), voice(), prompt="flute")
    assert result.report["heard"]["tracker"] == SWIFT
    assert result.report["recipe"]["tracker"] == SWIFT
    assert any(f"{SWIFT} tracked its pitch" in one for one in result.remarks)
    plain = asked(CoverTask(), voice(vibrato=0.0), prompt="flute")
    assert "tracker" not in plain.report["recipe"]
    assert not any("Detected a solo voice" in one for one in plain.remarks)


def digests(result: TaskResult) -> list[bytes]:
    return [stem.samples.tobytes() for stem in result.stems]


def test_it_does_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made with it says so when it is made again without."""
    noisy = voice(breath=0.1)
    own = asked(CoverTask(), noisy, prompt="flute", tracker="own")
    assert not any("not installed" in one for one in own.remarks)
    monkeypatch.setitem(sys.modules, "swift_f0", None)
    without = asked(CoverTask(), noisy, prompt="flute")
    assert digests(without) == digests(own)
    assert without.report["recipe"]["tracker"] == "own"
    again = asked(CoverTask(), noisy, prompt="flute", tracker="swift-f0 0.3.0")
    assert any(
        "swift-f0 0.3.0 before, which is not installed" in one and how_to_add("voice") in one
        for one in again.remarks
    )


def synthesizer(partials: tuple[int, ...], transposed: int) -> Voice:
    """A lead of a synthesizer that plays the tune with a vibrato."""
    time = np.arange(WHEN.frames) / RATE
    place = np.minimum((time / SECONDS).astype(int), len(TUNE) - 1)
    pitch = np.array(TUNE)[place] + transposed + 0.4 * np.sin(2 * np.pi * 5.5 * time)
    phase = 2 * np.pi * np.cumsum(440 * 2 ** ((pitch - 69) / 12)) / RATE
    within = time % SECONDS
    gate = np.minimum(np.minimum(within / 0.02, (SECONDS - within) / 0.03), 1.0)
    mono = 0.2 * gate * sum(np.sin(number * phase) / number for number in partials)
    return np.stack((mono, mono), axis=1).astype(np.float32)


@pytest.mark.parametrize("transposed", [-12, 0, 12])
@pytest.mark.parametrize("partials", [(1,), (1, 3, 5, 7, 9, 11, 13)], ids=["sine", "odd harmonics"])
def test_a_clean_lead_is_followed_where_the_network_hears_nothing(
    partials: tuple[int, ...], transposed: int
) -> None:
    found = heard(synthesizer(partials, transposed), tracker="")
    assert found.tracker == SWIFT
    middles = [(place + 0.5) * SECONDS * RATE for place in range(len(TUNE))]
    there = [
        any(note.start <= middle < note.end and note.pitch == pitch + transposed for note in found.melody)
        for middle, pitch in zip(middles, TUNE, strict=True)
    ]
    assert np.mean(there) >= 0.9


def test_the_same_voice_gives_the_same_notes_again() -> None:
    assert heard(voice(), tracker="").melody == heard(voice(), tracker="").melody


def test_no_runtime_is_loaded_where_no_voice_is_heard() -> None:
    code = (
        "import sys;"
        "from tests.plugins.listening.test_voice import *;"
        "asked(CoverTask(), voice(vibrato=0.0), prompt='flute');"
        "assert 'onnxruntime' not in sys.modules;"
        "asked(CoverTask(), voice(), prompt='flute');"
        "assert 'onnxruntime' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_cancel_reaches_it_while_it_listens() -> None:
    ear = DecimatedReader(MemoryInput(voice()), RATE)
    for listen in (track_pitch_yin, swift_f0.track_pitch_swift_f0):
        with pytest.raises(JobCancelled):
            listen(ear, 0, WHEN.frames, CancellingContext(at=1).check)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_the_pitch_of_a_tone_is_found_at_any_rate(rate: int) -> None:
    time = np.arange(rate // 2) / rate
    for pitch in (38.3, 57.0, 69.4, 88.0):
        hertz = 440 * 2 ** ((pitch - 69) / 12)
        tone = sum(np.sin(2 * np.pi * hertz * number * time) / number for number in range(1, 4))
        samples = np.stack((tone, tone), axis=1).astype(np.float32) * 0.2
        found = track_pitch_yin(
            DecimatedReader(MemoryInput(samples, start_frame=77), rate), 77, 77 + len(tone), lambda: None
        )
        inner = slice(4, -4)
        assert np.abs(found.pitch[inner] - pitch).max() < (0.3 if rate == 8_000 else 0.1)
        assert found.sure[inner].min() > 0.9
        assert found.start == 77
        assert found.hop == pytest.approx(0.016 * rate, rel=0.01)


def test_silence_and_noise_have_no_pitch() -> None:
    for samples in (np.zeros((RATE, 2)), np.random.default_rng(1).normal(0, 0.1, (RATE, 2))):
        found = track_pitch_yin(
            DecimatedReader(MemoryInput(samples.astype(np.float32)), RATE), 0, RATE, lambda: None
        )
        assert (found.sure < 0.5).mean() > 0.95
