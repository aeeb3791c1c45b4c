"""The audio against the score: onsets, pitches, key, level, and that nothing clicks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import signal

from bandmate_plugins import LoadedEngine, Note
from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_NAMES
from bandmate_plugins._engines.sketch.players import band as bands
from bandmate_plugins._engines.sketch.sound.channel import PartChannel
from bandmate_plugins._engines.sketch.sound.effects import ChorusEffect, RoomReverb, ToneFilter
from bandmate_plugins._engines.sketch.sound.limiter import StemLimiter
from bandmate_plugins._engines.sketch.sound.sampler import NoteCache
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins._theory.keys import Key, parse_key
from bandmate_plugins._theory.musical_range import MusicalRange
from tests.plugins.sketch.conftest import Performance, perform, timeline

RATE = 48_000
GENRES = sorted(name for name, genre in library.genres().items() if not genre.base)


def onsets(mono: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Frames from each expected onset that stands out to where the audio really rises, by its highs.

    The rise is where the short-term energy passes a tenth of what it reaches, looked for 15 ms around.
    """
    high = signal.sosfiltfilt(signal.butter(2, 1_500, "highpass", fs=RATE, output="sos"), mono)
    energy = np.convolve(high**2, np.ones(24) / 24, mode="same")
    found = []
    for frame in expected:
        start = max(frame - 720, 0)
        part = energy[start : frame + 720]
        before = np.median(energy[max(frame - 480, 0) : max(frame - 96, 1)])
        threshold = before + 0.1 * (part.max() - before)
        rises = np.flatnonzero(part[max(frame - 240, 0) - start :] > threshold)
        if part.max() < 30 * before:
            continue  # drowned in what rings on
        found.append(rises[0] + max(frame - 240, 0) - frame)
    return np.array(found)


def clear_hits(notes: list[Note], apart: int = 2_400) -> np.ndarray:
    """Onsets with nothing else near them, of drums that speak at once."""
    frames = sorted({note.start for note in notes})
    slow = {
        note.start
        for note in notes
        if DRUM_NAMES[note.pitch] in ("shaker", "brush", "cabasa", "guiro", "surdo")
    }
    quiet = {note.start for note in notes if note.velocity < 60}
    return np.array(
        [
            frame
            for frame in frames
            if frame not in slow | quiet
            and frame > 1_000
            and not any(0 < abs(frame - other) < apart for other in frames)
        ]
    )


@pytest.mark.parametrize("genre", ["rock", "house", "jazz", "lofi", "funk", "trap", "blues", "metal"])
def test_drums_sound_where_the_score_says_within_a_millisecond(engine: LoadedEngine, genre: str) -> None:
    words = library.genres()[genre].words[0]
    show = perform(engine, f"{words} drums", timeline(12, 101), seed=4)
    expected = clear_hits(show.notes[0])
    late = onsets(show.audio(0).mean(axis=1).astype(float), expected) / RATE * 1_000
    assert len(late) >= 5
    assert abs(np.median(late)) < 0.5
    assert np.percentile(np.abs(late), 90) < 1.0, late


def test_the_detector_itself_is_right_on_clicks() -> None:
    audio = np.random.default_rng(1).normal(0, 1e-4, RATE * 4)
    frames = np.array([9_600, 24_111, 50_007, 99_999, 150_000])
    for frame in frames:
        audio[frame : frame + 40] += np.hanning(42)[1:-1] * np.sin(np.arange(40) * 1.1)
    assert np.abs(onsets(audio, frames)).max() < 30


def chroma(mono: np.ndarray, low: int = 40, high: int = 88) -> np.ndarray:
    """Energy by pitch class, from the peaks of the spectrum near each semitone."""
    size = 1 << (len(mono) - 1).bit_length() + 1
    spectrum = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), size)) ** 2
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    found = np.zeros(12)
    for pitch in range(low, high):
        centre = 440 * 2 ** ((pitch - 69) / 12)
        near = (hertz > centre * 2 ** (-0.3 / 12)) & (hertz < centre * 2 ** (0.3 / 12))
        found[pitch % 12] += spectrum[near].sum() if near.any() else 0.0
    return found / max(found.sum(), 1e-12)


@pytest.mark.parametrize(
    "prompt", ["pop piano", "strings", "rock organ", "jazz electric piano", "nylon guitar bossa", "warm pad"]
)
def test_the_pitches_heard_are_those_of_the_score(engine: LoadedEngine, prompt: str) -> None:
    show = perform(engine, prompt, timeline(16, 120), seed=7)
    audio = show.audio(0).mean(axis=1)
    right = []
    for bar in range(8):
        start, end = bar * 2 * RATE, (bar + 1) * 2 * RATE
        written = {
            n.pitch % 12
            for n in show.notes[0]
            if n.start < end - 3_000 and n.start + n.frames > start + 3_000
        }
        pitches = [n.pitch for n in show.notes[0]]
        heard = chroma(audio[start + 2_400 : end], min(pitches), max(pitches) + 1)
        loudest = set(np.argsort(heard)[::-1][: len(written)].tolist())
        right.append(len(loudest & written) / len(written))
    assert np.mean(right) > 0.85


_MAJOR = np.array([0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081])
_MINOR = np.array([0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052])


def heard_key(mono: np.ndarray) -> Key:
    """The key whose profile (Albrecht and Shanahan, 2013) fits the chroma of half seconds best."""
    hop = RATE // 2
    frames = [np.sqrt(chroma(mono[at : at + hop], 36, 84)) for at in range(0, len(mono) - hop, hop)]
    heard = np.mean([frame / max(frame.sum(), 1e-9) for frame in frames], axis=0)
    fits = {
        Key(tonic, mode): np.corrcoef(np.roll(profile, tonic), heard)[0, 1]
        for tonic in range(12)
        for mode, profile in (("major", _MAJOR), ("minor", _MINOR))
    }
    return max(fits, key=lambda key: fits[key])


def mirex(found: Key, true: Key) -> float:
    """The weights of the MIREX key task: 1, fifth 0.5, relative 0.3, parallel 0.2."""
    if found == true:
        return 1.0
    if found.mode == true.mode and (found.tonic - true.tonic) % 12 in (5, 7):
        return 0.5
    relative = (true.tonic + (9 if true.mode == "major" else 3)) % 12
    if found.mode != true.mode and found.tonic == relative:
        return 0.3
    return 0.2 if found.tonic == true.tonic else 0.0


def test_the_key_is_heard_in_pieces_that_cadence(engine: LoadedEngine) -> None:
    scores = {}
    for number, genre in enumerate(
        ("pop", "rock", "country", "classical", "synthwave", "cinematic", "reggae", "jazz")
    ):
        for mode in ("major", "minor"):
            key = Key((5 * number + 3) % 12, mode)
            when = timeline(32, 120, key=key.name)
            show = perform(
                engine, f"{library.genres()[genre].words[0]} band without drums", when, seed=number
            )
            scores[genre, key.name] = mirex(heard_key(show.mix.mean(axis=1)), key)
    assert np.mean(list(scores.values())) >= 0.8, scores


@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_is_at_the_level_without_dc_and_mono_compatible(engine: LoadedEngine, genre: str) -> None:
    word = library.genres()[genre].words[0]
    low, high = library.genres()[genre].tempo
    show = perform(engine, word, timeline(20, (low + high) / 2))
    lufs, peak, _ = metered(show.mix)
    assert lufs == pytest.approx(-16.0, abs=1.0)
    assert peak <= -1.0
    assert np.abs(show.mix.mean(axis=0)).max() < 1e-4
    mono = show.mix.mean(axis=1, keepdims=True)
    assert metered(np.repeat(mono, 2, axis=1))[0] > lufs - 3.0


@pytest.mark.parametrize(
    "prompt", ["rock drums", "sub bass", "jazz piano", "flute", "strings and choir", "trap"]
)
@pytest.mark.parametrize("bpm", [20, 75, 400])
def test_single_parts_and_strange_tempos_are_at_the_level_too(
    engine: LoadedEngine, prompt: str, bpm: int
) -> None:
    lufs, peak, _ = metered(perform(engine, prompt, timeline(20, bpm)).mix)
    assert lufs == pytest.approx(-16.0, abs=1.0)
    assert peak <= -1.0


def metered(samples: np.ndarray, rate: int = RATE) -> tuple[float, float, int]:
    meter = LoudnessMeter(rate, 2)
    meter.add(samples)
    lufs, peak = meter.integrated_lufs(), meter.true_peak_dbtp()
    assert lufs is not None
    assert peak is not None
    return lufs, peak, len(samples)


def test_a_range_begins_and_ends_without_a_click(engine: LoadedEngine) -> None:
    show = perform(engine, "ambient strings and choir, rock band", timeline(3.21, 90))
    for stem in range(len(show.stems)):
        audio = show.audio(stem)
        assert np.abs(audio[0]).max() < 1e-3
        assert np.abs(audio[-2:]).max() < 1e-2 * np.abs(audio).max() + 1e-6


def channel(prompt: str, notes: list[Note], sizes: list[int]) -> np.ndarray:
    when = timeline(4, 120)
    wish = parse_prompt(prompt)
    band = bands.assemble_band(wish, MusicalRange.from_timeline(when), Key(0), 1)
    one = PartChannel(band.parts[0], band, RATE, 0.3, NoteCache())
    one.queue_notes(notes)
    return np.concatenate([one.render_window(size) for size in sizes])


@pytest.mark.parametrize("prompt", ["jazz piano", "warm pad", "rock drums", "electric piano, roomy", "organ"])
def test_windows_leave_no_seam(engine: LoadedEngine, prompt: str) -> None:
    show: Performance = perform(engine, prompt, timeline(4, 120))
    notes = show.notes[0]
    whole = channel(prompt, notes, [192_000])
    cut = channel(prompt, notes, [4_800, 333, 9_600, 1, 20_000, 57_266, 100_000])
    assert np.abs(whole - cut).max() < 1e-4 * np.abs(whole).max()


def test_the_limiter_holds_the_true_peak_and_shares_its_gain() -> None:
    rng = np.random.default_rng(8)
    time = np.arange(RATE * 2) / RATE
    burst = np.sin(2 * np.pi * 11_025.3 * time) * (rng.random(len(time) // 2_000).repeat(2_000) > 0.6)
    first = np.repeat(burst[:, None], 2, axis=1).astype(np.float32) * np.float32(1.4)
    second = rng.normal(0, 0.05, first.shape).astype(np.float32)
    limiter = StemLimiter(RATE, 2)
    out: list[list[np.ndarray]] = [[], []]
    for start in range(0, len(first), 7_777):
        for kept, ready in zip(
            out, limiter.add([first[start : start + 7_777], second[start : start + 7_777]]), strict=True
        ):
            kept.append(ready)
    for kept, ready in zip(out, limiter.finish(), strict=True):
        kept.append(ready)
    one, two = (np.concatenate(kept) for kept in out)
    assert len(one) == len(two) == len(first)
    assert metered(one + two)[1] <= -1.0
    gain = one[np.abs(first) > 0.1] / first[np.abs(first) > 0.1]
    assert gain.min() > 0.4
    assert np.abs(two[np.abs(first) > 0.1] / second[np.abs(first) > 0.1] - gain).max() < 1e-3


def test_the_limiter_leaves_what_is_quiet_as_it_is() -> None:
    quiet = np.random.default_rng(2).normal(0, 0.1, (RATE, 2)).astype(np.float32)
    limiter = StemLimiter(RATE, 1)
    first = limiter.add([quiet])[0]
    assert np.array_equal(np.concatenate((first, limiter.finish()[0])), quiet)


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
def test_effects_do_not_care_about_windows(rate: int) -> None:
    sound = np.random.default_rng(4).normal(0, 0.1, (rate // 2, 2)).astype(np.float32)
    for make in (
        lambda: RoomReverb(rate, 0.6, 0.3),
        lambda: ChorusEffect(rate, 0.5),
        lambda: ToneFilter(rate, 40.0, -0.4),
    ):
        whole = make().add(sound)
        effect = make()
        cuts = [0, 1, rate // 50, rate // 7, len(sound)]
        pieces = np.concatenate([effect.add(sound[a:b]) for a, b in pairwise(cuts)])
        assert np.abs(whole - pieces).max() < 1e-5


def test_a_given_key_is_used_as_it_is_written(engine: LoadedEngine) -> None:
    for written in ("A minor", "Bb", "f# dorian", "C#m", "Gb lydian", "E phrygian"):
        show = perform(engine, "pop piano", timeline(2, key=written))
        assert show.report["key"] == parse_key(written).name
        assert {n.pitch % 12 for n in show.notes[0]} <= set(parse_key(written).scale)
