"""What librosa and mir_eval hear in the engine `sketch`'s audio, next to the score that it was played from.

Nothing here uses the engine's own analysis. Positions are frames at `RATE`, audio is mono float32.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import librosa
import mir_eval
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from bandmate_protocol.messages import Note

RATE = 48_000
_HOP = 16
_WINDOW = 64
_FLOOR_DB = 60.0
_NEAR = 300
"""Frames within which a detected onset is one of the score's."""
_ALONE = 1_440
_PITCHES = 12
# Krumhansl and Kessler (1982), as in Krumhansl (1990), "Cognitive Foundations of Musical Pitch".
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

Mono = NDArray[np.float32]
Frames = NDArray[np.int64]
Errors = NDArray[np.float64]


def detected(mono: Mono) -> Frames:
    """Onsets by librosa's spectral flux, hop 16, before any correction of its bias."""
    level = librosa.amplitude_to_db(
        np.abs(librosa.stft(mono, n_fft=_WINDOW, hop_length=_HOP)), ref=np.max, top_db=_FLOOR_DB
    )
    flux = librosa.onset.onset_strength(S=level, sr=RATE, hop_length=_HOP, center=False)
    found = librosa.onset.onset_detect(
        onset_envelope=flux, sr=RATE, hop_length=_HOP, units="samples",
        pre_max=40, post_max=40, pre_avg=200, post_avg=200, delta=0.05, wait=40,
    )  # fmt: skip
    return np.asarray(found, dtype=np.int64)


@lru_cache(maxsize=1)
def bias() -> float:
    """Frames by which `detected` is off: the median over bursts of noise of a millisecond at known places."""
    return float(np.median(_click_errors()))


def click_spread_ms() -> float:
    """How far the detector itself strays on those bursts, 95 of 100 times."""
    errors = _click_errors() - bias()
    return float(np.percentile(np.abs(errors), 95)) / RATE * 1_000


def _click_errors() -> NDArray[np.float64]:
    rng = np.random.default_rng(1)
    audio = rng.normal(0, 1e-4, RATE * 6).astype(np.float32)
    places = 9_600 + np.arange(40) * 6_007
    for place in places:
        burst = rng.standard_normal(48) * np.exp(-np.arange(48) / 12)
        audio[place : place + 48] += (0.05 + 0.9 * rng.random()) * burst
    found = detected(audio)
    return np.array([found[np.argmin(np.abs(found - place))] - place for place in places], dtype=np.float64)


def alone(notes: Sequence[Note], apart: int = _ALONE) -> list[Note]:
    """The notes whose onset has no other near it; of several at one onset, all."""
    places = np.array(sorted({note.start for note in notes}), dtype=np.int64)
    if not len(places):
        return []
    gaps = np.diff(places, prepend=-apart, append=places[-1] + apart)
    clear = set(places[(gaps[:-1] >= apart) & (gaps[1:] >= apart)].tolist())
    return [note for note in notes if note.start in clear]


def late_ms(
    mono: Mono, notes: Sequence[Note], slow: frozenset[int] = frozenset()
) -> tuple[NDArray[np.float64], int]:
    """How late each note is heard, in ms after the bias; and of how many that stand alone and stand out.

    A note stands out when the 3 ms from it on have ten times the energy of the 3 ms before. Pitches in `slow`
    have no sharp onset, such as a shaker's.
    """
    found = detected(mono) - bias()
    energy = np.concatenate(([0.0], np.cumsum(mono.astype(np.float64) ** 2)))
    wanted = []
    for start in sorted({note.start for note in alone(notes) if note.pitch not in slow}):
        low, high = max(start - 144, 0), min(start + 144, len(mono))
        if energy[high] - energy[start] > 10 * (energy[start] - energy[low]) + 1e-9:
            wanted.append(start)
    if not len(found) or not wanted:
        return np.zeros(0), len(wanted)
    nearest = np.array([found[np.argmin(np.abs(found - place))] - place for place in wanted])
    return nearest[np.abs(nearest) < _NEAR] / RATE * 1_000, len(wanted)


def attacks_ms(mono: Mono, notes: Sequence[Note]) -> NDArray[np.float64]:
    """Where each note after a rest begins to rise in the audio, in ms after the score's time.

    That is the first frame, from 10 ms before on, whose energy over a third of a millisecond is more than a
    hundredth of what the note reaches. Notes on top of what still sounds are left out.
    """
    energy = np.convolve(mono.astype(np.float64) ** 2, np.ones(16) / 16, mode="same")
    spans = [(note.start, note.start + note.frames) for note in notes]
    found = []
    for start in sorted({note.start for note in notes}):
        if start < 960 or any(begun < start < end + RATE // 20 for begun, end in spans):
            continue
        before, after = energy[start - 480 : start - 48].max(), energy[start : start + RATE // 8].max()
        if after > 300 * max(before, 1e-12):
            rises = np.flatnonzero(energy[start - 480 : start + RATE // 8] > 0.01 * after)
            found.append((rises[0] - 480) / RATE * 1_000)
    return np.array(found)


def heard_classes(mono: Mono, notes: Sequence[Note], span: int) -> list[float]:
    """For each span: the share of the score's pitch classes that are librosa's loudest ones there."""
    low = librosa.midi_to_hz(max(min(note.pitch for note in notes) - 1, 21))
    chroma = librosa.feature.chroma_cqt(
        y=mono, sr=RATE, hop_length=1_024, fmin=low, n_octaves=_octaves(notes, float(low)), norm=None
    )
    shares = []
    for start in range(0, len(mono) - span + 1, span):
        written = _weights(notes, start, start + span)
        classes = set(np.flatnonzero(written > 0.08).tolist())
        heard = chroma[:, start // 1_024 : (start + span) // 1_024].sum(axis=1)
        if classes:
            loudest = set(np.argsort(heard)[::-1][: len(classes)].tolist())
            shares.append(len(loudest & classes) / len(classes))
    return shares


def _octaves(notes: Sequence[Note], low: float) -> int:
    top = float(librosa.midi_to_hz(max(note.pitch for note in notes) + 2))
    return int(max(1, min(np.ceil(np.log2(top / low)), np.floor(np.log2(RATE / 2.1 / low)))))


def _weights(notes: Sequence[Note], start: int, end: int) -> NDArray[np.float64]:
    """For each pitch class, for how much of the span it is held."""
    total = np.zeros(_PITCHES)
    for note in notes:
        total[note.pitch % _PITCHES] += max(0, min(note.start + note.frames, end) - max(note.start, start))
    return total / (end - start)


def heard_key(mono: Mono, margin: float | None = None) -> str:
    """The key whose profile (Krumhansl and Kessler) goes best with librosa's chroma.

    With a margin only the harmonic part is listened to, by librosa's median filters (Driedger 2014).
    """
    slow = librosa.resample(mono, orig_sr=RATE, target_sr=RATE // 2)
    if margin is not None:
        slow = librosa.effects.harmonic(slow, margin=margin)
    chroma = librosa.feature.chroma_cqt(y=slow, sr=RATE // 2, hop_length=1_024)
    heard = chroma.mean(axis=1)
    fits = {
        f"{_NAMES[tonic]} {mode}": np.corrcoef(np.roll(profile, tonic), heard)[0, 1]
        for tonic in range(_PITCHES)
        for mode, profile in (("major", _MAJOR), ("minor", _MINOR))
    }
    return max(fits, key=lambda key: fits[key])


def essentia() -> Any:
    """The module `essentia.standard`, or None: no dependency of the project's (`uv run --with essentia`)."""
    return importlib.import_module("essentia.standard") if importlib.util.find_spec("essentia") else None


def essentia_key(mono: Mono, profile: str) -> str:
    """The key by Essentia's KeyExtractor with one of its profiles."""
    standard = essentia()
    resampled = standard.Resample(inputSampleRate=RATE, outputSampleRate=44_100, quality=1)(mono)
    tonic, mode, _ = standard.KeyExtractor(profileType=profile)(resampled)
    return f"{tonic} {mode}"


def key_score(true: str, found: str) -> float:
    """MIREX's weights: 1, a fifth above 0.5, the relative 0.3, the parallel 0.2, else 0."""
    return float(mir_eval.key.weighted_score(true, found))


def true_peak_dbtp(stereo: NDArray[Any]) -> float:
    """The highest peak at eight times the rate, by scipy's polyphase resampler."""
    fine = signal.resample_poly(stereo.astype(np.float64), 8, 1, axis=0)
    return float(20 * np.log10(max(np.abs(fine).max(), 1e-9)))


def loudness_lufs(stereo: NDArray[Any]) -> float:
    """Integrated loudness after ITU-R BS.1770-4 at 48 kHz, with the filters of its tables 1 and 2."""
    shelf = (
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1, -1.69065929318241, 0.73248077421585],
    )
    low_cut = ([1.0, -2.0, 1.0], [1, -1.99004745483398, 0.99007225036621])
    weighted = signal.lfilter(*low_cut, signal.lfilter(*shelf, stereo.astype(np.float64), axis=0), axis=0)
    total = np.concatenate(([0.0], np.cumsum(np.square(weighted).sum(axis=1))))
    starts = np.arange(0, len(weighted) - 19_200 + 1, 4_800)
    power = (total[starts + 19_200] - total[starts]) / 19_200
    power = power[power > 10 ** ((-70 + 0.691) / 10)]
    power = power[power > 0.1 * power.mean()]
    return float(-0.691 + 10 * np.log10(power.mean()))


def steepest(mono: Mono, notes: Sequence[Note]) -> float:
    """The sharpest bend away from onsets, next to what bends there usually (a lone click is above 12).

    Second differences over their root mean square in the 40 ms around; 4 ms around onsets are left out. What
    comes back in every cycle, as a saw's edge does, is the wave's own: next to a bend of about one cycle
    earlier or later it counts a quarter.
    """
    bend = np.abs(np.diff(mono.astype(np.float64), 2))
    usual = np.sqrt(np.convolve(bend**2, np.ones(1_920) / 1_920, mode="same"))
    for pitch in {note.pitch for note in notes}:
        cycle = RATE / float(librosa.midi_to_hz(pitch))
        highest = ndimage.maximum_filter1d(bend, round(1.5 * cycle))
        nearby = np.zeros(len(bend))
        for way in (round(1.25 * cycle), -round(1.25 * cycle)):
            nearby = np.maximum(nearby, np.roll(highest, way))
        for note in notes:
            if note.pitch == pitch:
                held = slice(note.start, note.start + note.frames + RATE // 10)
                usual[held] = np.maximum(usual[held], nearby[held] / 4)
    ratio = bend / np.maximum(usual, 1e-5)
    for note in notes:
        ratio[max(note.start - 192, 0) : note.start + 192] = 0
    return float(ratio.max())
