"""Notes as sound: subtractive, FM, additive and plucked voices, each rendered at once.

A body is what sounds from the key's going down on, as if it were held for a given time; the caller fades it
out at the note's end. Bodies are float32 of shape (frames, 1) or (frames, 2) and depend on nothing
but their arguments.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bandmate_plugins._engines.sketch.library.patches import (
    AdditivePatch,
    FmPatch,
    Sound,
    StringPatch,
    SubtractivePatch,
)
from bandmate_plugins._platform.arrays import AudioSamples

_TABLE = 8_192
_FADED = math.log(10 ** (90 / 20))
_LAYERS = 10
"""Tables from the darkest to the brightest that a note goes through."""


def render_body(
    sound: Sound, rate: int, pitch: int, velocity: float, frames: int, seed: int, cents: int = 0
) -> AudioSamples:
    """Renders a note: `pitch` is a MIDI note, `velocity` 0 to 1, `seed` tells repeated notes apart.

    It sounds so many `cents` above that note at A4 = 440 Hz.
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, pitch])))
    hertz = 440.0 * 2 ** ((pitch + 12 * sound.octave - 69) / 12) * 2 ** (cents / 1200)
    hertz = min(hertz, 0.42 * rate)
    if isinstance(sound, SubtractivePatch):
        made = _render_subtractive(sound, rate, hertz, velocity, frames, rng)
    elif isinstance(sound, FmPatch):
        made = _render_fm(sound, rate, hertz, velocity, frames, rng)
    elif isinstance(sound, AdditivePatch):
        made = _render_additive(sound, rate, hertz, velocity, frames, rng)
    else:
        made = _render_string(sound, rate, hertz, velocity, frames, rng)
    if sound.breath:
        # Blown harder, a flute has more of its breath in it.
        made = made + (0.6 + 0.5 * velocity) * _breath_noise(sound, rate, hertz, len(made), rng)
    return np.ascontiguousarray(made * _note_envelope(sound, rate, len(made))[:, None], dtype=np.float32)


def _note_envelope(sound: Sound, rate: int, frames: int) -> AudioSamples:
    time = np.arange(frames, dtype=np.float32) / np.float32(rate)
    attack = max(sound.attack, 0.0015)
    level = sound.sustain + (1 - sound.sustain) * np.exp(
        -np.maximum(time - attack, 0) / max(sound.decay, 1e-3)
    )
    rising = min(frames, math.ceil(attack * rate))
    level[:rising] *= (
        np.sin(np.arange(rising, dtype=np.float32) / np.float32(rising) * np.float32(math.pi / 2)) ** 2
    )
    return np.asarray(level, dtype=np.float32)


def _phase_cycles(
    sound: Sound, rate: int, hertz: float, frames: int, cents: float, start: float
) -> NDArray[np.float64]:
    """The phase in cycles, with vibrato."""
    step = hertz * 2 ** (cents / 1200) / rate
    phase = np.arange(frames, dtype=np.float64) * step + start
    if sound.vibrato_cents:
        time = np.arange(frames, dtype=np.float64) / rate
        depth = hertz * math.log(2) * sound.vibrato_cents / 1200
        rise = np.clip((time - sound.vibrato_delay) / 0.4, 0, 1)
        turn = 2 * math.pi * sound.vibrato_hz
        phase -= rise * depth / turn * np.cos(turn * time)
    return phase


def _breath_noise(
    sound: Sound, rate: int, hertz: float, frames: int, rng: np.random.Generator
) -> AudioSamples:
    noise = rng.standard_normal(frames, dtype=np.float32)
    low, high = min(hertz * 1.5, 0.3 * rate), min(hertz * 8, 0.45 * rate)
    sos = signal.butter(1, [low / rate * 2, high / rate * 2], "bandpass", output="sos")
    return np.asarray(signal.sosfilt(sos, noise)[:, None] * (0.25 * sound.breath), dtype=np.float32)


def _render_subtractive(
    sound: SubtractivePatch, rate: int, hertz: float, velocity: float, frames: int, rng: np.random.Generator
) -> AudioSamples:
    tables, position = _filtered_cycles(sound, rate, hertz, velocity, frames)
    lower = position.astype(np.int32)
    weight = position - lower
    lower *= _TABLE
    channels = 2 if sound.voices > 1 and sound.spread else 1
    out = np.zeros((frames, channels), dtype=np.float32)
    for voice in range(sound.voices):
        place = 0.0 if sound.voices == 1 else voice / (sound.voices - 1) * 2 - 1
        start = rng.random() if sound.voices > 1 else 0.0
        phase = _phase_cycles(sound, rate, hertz, frames, place * sound.detune_cents / 2, start)
        index = (phase * _TABLE).astype(np.int64) & (_TABLE - 1)
        index += lower
        tone = np.take(tables, index)
        index += _TABLE
        tone += weight * (np.take(tables, index) - tone)
        if channels == 1:
            out[:, 0] += tone
        else:
            angle = (1 + place * sound.spread) * math.pi / 4
            out[:, 0] += tone * np.float32(math.cos(angle))
            out[:, 1] += tone * np.float32(math.sin(angle))
    out /= np.float32(math.sqrt(sound.voices))
    if sound.sub:
        low = np.sin(2 * math.pi * _phase_cycles(sound, rate, hertz / 2, frames, 0.0, 0.0))
        out += (low * sound.sub).astype(np.float32)[:, None]
    return out


def _filtered_cycles(
    sound: SubtractivePatch, rate: int, hertz: float, velocity: float, frames: int
) -> tuple[AudioSamples, AudioSamples]:
    """One cycle behind the filter at several corners, and which of them holds at each frame."""
    harmonics = np.arange(1, max(2, min(int(0.45 * rate / hertz), _TABLE // 2 - 1)) + 1)
    corner = sound.cutoff_hz * (hertz / 261.6) ** sound.tracking * 2 ** (1.6 * (velocity - 0.75))
    low, high = sorted((0.0, sound.sweep_octaves))
    count = _LAYERS if sound.sweep_octaves else 2
    wave = _wave_harmonics(sound, harmonics, hertz)
    rows = np.zeros((count + 1, _TABLE // 2 + 1), dtype=np.complex128)
    for row in range(count + 1):
        octaves = low + (high - low) * min(row / (count - 1), 1.0)
        rows[row, 1 : len(harmonics) + 1] = wave * _low_pass(sound, harmonics * hertz, corner * 2**octaves)
    tables = np.fft.irfft(rows, axis=1) * (_TABLE / 2)
    time = np.arange(frames, dtype=np.float32) / np.float32(rate)
    fall = np.exp(-time / np.float32(max(sound.sweep, 1e-3))) * np.float32(sound.sweep_octaves)
    span = np.float32(max(high - low, 1e-9))
    position = np.clip((fall - np.float32(low)) / span, 0, 1) * np.float32(count - 1)
    return tables.astype(np.float32).ravel(), position.astype(np.float32)


def _wave_harmonics(sound: SubtractivePatch, harmonics: NDArray[Any], hertz: float) -> NDArray[np.complex128]:
    """The harmonics' amplitudes, sines as an imaginary spectrum."""
    odd = harmonics % 2 == 1
    level = {
        "saw": 1 / harmonics,
        "square": np.where(odd, 1.3 / harmonics, 0),
        "pulse": np.sin(math.pi * harmonics * 0.18) / harmonics * 1.3,
        "triangle": np.where(odd, 1.4 / harmonics**2.0, 0) * np.where(harmonics % 4 == 3, -1, 1),
        "reed": np.where(odd, 1.0, 0.28) / harmonics**0.9,
        "organ": np.isin(harmonics, (1, 2, 3, 4, 6, 8)) * 0.6 / harmonics**0.3,
    }[sound.wave]
    level = level * _formant_gains(sound.formants, harmonics * hertz)
    return np.asarray(-1j * level, dtype=np.complex128)


def _formant_gains(
    formants: tuple[tuple[float, float, float], ...], hertz: NDArray[Any]
) -> NDArray[np.float64]:
    """The gain of resonances at frequencies in hertz."""
    decibels = np.zeros(len(hertz))
    for centre, gain, width in formants:
        decibels += gain * np.exp(-0.5 * (np.log2(np.maximum(hertz, 1) / centre) / (width / 2)) ** 2)
    return np.asarray(10 ** (decibels / 20), dtype=np.float64)


def _low_pass(sound: SubtractivePatch, hertz: NDArray[Any], corner: float) -> NDArray[np.float64]:
    """The magnitude of a low-pass filter with a resonance at its corner."""
    ratio = hertz / corner
    falls = 1 / np.sqrt(1 + ratio ** (sound.slope_db / 3.0103))
    rings = 1 + 5 * sound.resonance * np.exp(-0.5 * (np.log2(ratio) / 0.18) ** 2)
    return np.asarray(falls * rings, dtype=np.float64)


def _render_fm(
    sound: FmPatch, rate: int, hertz: float, velocity: float, frames: int, rng: np.random.Generator
) -> AudioSamples:
    out = np.zeros((frames, 1), dtype=np.float32)
    time = np.arange(frames, dtype=np.float32) / np.float32(rate)
    turn = np.float32(2 * math.pi)
    cycles = _phase_cycles(sound, rate, hertz, frames, 0.0, 0.0)
    for carrier, modulator, index, fall, level in sound.pairs:
        opened = index * (1 - sound.velocity_index + sound.velocity_index * 1.6 * velocity)
        # Carson's rule: what the index spreads stays under the band limit.
        opened = min(opened, max(0.0, (0.45 * rate / hertz - carrier) / max(modulator, 0.1) - 1))
        depth = np.float32(opened) * np.exp(-time / np.float32(fall))
        swing = np.sin(np.mod(cycles * modulator, 1.0).astype(np.float32) * turn)
        swing *= depth
        tone = np.sin(np.mod(cycles * carrier, 1.0).astype(np.float32) * turn + swing)
        out[:, 0] += tone * np.float32(level)
    return _spread_stereo(out, sound.spread, rate, rng)


def _render_additive(
    sound: AdditivePatch, rate: int, hertz: float, velocity: float, frames: int, rng: np.random.Generator
) -> AudioSamples:
    time = np.arange(frames, dtype=np.float32) / np.float32(rate)
    cycles = _phase_cycles(sound, rate, hertz, frames, 0.0, 0.0)
    out = np.zeros((frames, 1), dtype=np.float32)
    speed = (hertz / 261.6) ** sound.decay_tracking
    for ratio, level, fall in sound.partials:
        exact = ratio * math.sqrt(1 + sound.stretch * ratio * ratio)
        if exact * hertz > 0.45 * rate:
            continue
        softer = velocity ** (0.6 * math.log2(max(ratio, 1.0)) + 0.01)
        # A partial ends where it has fallen by 90 dB.
        heard = min(frames, math.ceil(_FADED * fall / speed * rate))
        phase = np.mod(cycles[:heard] * exact + rng.random() * 0.1, 1.0).astype(np.float32)
        wave = np.sin(phase * np.float32(2 * math.pi))
        wave *= np.exp(time[:heard] * np.float32(-speed / fall)) * np.float32(level * softer)
        out[:heard, 0] += wave
    if sound.strike:
        hit = rng.standard_normal(frames, dtype=np.float32) * np.exp(-time / np.float32(0.012))
        sos = signal.butter(1, min(2500.0, 0.4 * rate) / rate * 2, output="sos")
        out[:, 0] += signal.sosfilt(sos, hit).astype(np.float32) * np.float32(0.5 * sound.strike * velocity)
    return _spread_stereo(out, sound.spread, rate, rng)


def _render_string(
    sound: StringPatch, rate: int, hertz: float, velocity: float, frames: int, rng: np.random.Generator
) -> AudioSamples:
    tone = _pluck_string(sound, rate, hertz, velocity, frames, rng)
    for ratio, level in sound.course:
        tone = tone + level * _pluck_string(sound, rate, hertz * ratio, velocity, frames, rng)
    if sound.body:
        tone = _body_filter(sound.body, rate, tone)
    if sound.thump:
        time = np.arange(frames) / rate
        thud = np.exp(-time / 0.02) * np.sin(2 * math.pi * 95 * time) * sound.thump * velocity
        tone = tone + thud
    return _spread_stereo(tone.astype(np.float32)[:, None], sound.spread, rate, rng)


def _pluck_string(
    sound: StringPatch, rate: int, hertz: float, velocity: float, frames: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    # The loop runs near 48 kHz at any rate, for its damping depends on it.
    apart = max(1, round(rate / 48_000))
    # Its average delays by as much as it leans on the neighbour.
    delay = 0.5 * sound.damping
    period = max(4, round(rate / apart / hertz - delay))
    loop_hertz = rate / apart / (period + delay)
    stretch = hertz / loop_hertz / apart
    length = math.ceil(frames * stretch) + 3
    string = _string_loop(sound, period, length, loop_hertz, velocity, rng)
    read = np.arange(frames, dtype=np.float64) * stretch
    return np.asarray(np.interp(read, np.arange(length), string), dtype=np.float64)


def _string_loop(
    sound: StringPatch,
    period: int,
    length: int,
    hertz: float,
    velocity: float,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """The Karplus-Strong loop, a period at a time: each is the one before, averaged with its neighbour."""
    ring = sound.ring * (261.6 / hertz) ** 0.6
    loss = 10 ** (-3 / max(ring * hertz, 1.0))
    blend = 0.5 * sound.damping
    periods = length // period + 2
    out = np.zeros(periods * period + 1)
    out[1 : period + 1] = _string_excitation(sound, period, hertz, velocity, rng)
    # The pluck goes round the string, so what comes before its first frame is its last one.
    out[0] = out[period]
    for start in range(period + 1, len(out), period):
        before = out[start - period : start]
        shifted = out[start - period - 1 : start - 1]
        out[start : start + period] = loss * ((1 - blend) * before + blend * shifted)[: len(out) - start]
    return out[1 : length + 1]


def _string_excitation(
    sound: StringPatch, period: int, hertz: float, velocity: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    noise = rng.uniform(-1, 1, period)
    spectrum = np.fft.rfft(noise - noise.mean())
    number = np.arange(len(spectrum))
    corner = (600 + 9000 * sound.bright**2) * (0.4 + 0.8 * velocity)
    spectrum = spectrum / np.maximum(np.abs(spectrum), 1e-9) * (0.5 + 0.5 * rng.random(len(spectrum)))
    spectrum = spectrum / np.sqrt(1 + (number * hertz / corner) ** 4)
    spectrum *= np.abs(np.sin(math.pi * number * sound.pick)) / np.maximum(number, 1) ** 0.5
    shape = np.fft.irfft(spectrum, period)
    return np.asarray(shape / max(float(np.abs(shape).max()), 1e-9), dtype=np.float64)


def _body_filter(
    formants: tuple[tuple[float, float, float], ...], rate: int, tone: NDArray[np.float64]
) -> NDArray[np.float64]:
    out = tone
    for centre, gain, width in formants:
        if centre < 0.45 * rate:
            b, a = signal.iirpeak(centre / rate * 2, max(0.5, 1 / width))
            out = out + (10 ** (gain / 20) - 1) * signal.lfilter(b, a, tone)
    return np.asarray(out, dtype=np.float64)


def _spread_stereo(mono: AudioSamples, spread: float, rate: int, rng: np.random.Generator) -> AudioSamples:
    """A little stereo: a short echo in opposite phase on the two sides, so that their sum stays as it was."""
    if not spread:
        return mono
    delay = round((0.007 + 0.006 * rng.random()) * rate)
    side = np.zeros_like(mono)
    side[delay:] = mono[: len(mono) - delay] * np.float32(0.5 * spread)
    return np.concatenate((mono + side, mono - side), axis=1)
