"""Waveforms and spectrograms as PNG pictures, without anything but the standard library."""

from __future__ import annotations

import cmath
import math
import struct
import zlib
from array import array
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from sys import byteorder

from bandmate_bridge.audiofiles.wav import read_frames

COLUMNS = 480
WAVE_ROWS, SPECTRUM_ROWS = 64, 128
_BLOCK = 1 << 15
_SIZE = 2_048
_LOW_HERTZ, _HIGH_HERTZ = 40.0, 12_000.0
_FLOOR_DB = 66.0
_BACK, _WAVE, _MIDDLE = 0, 176, 96
# Dark blue over violet and orange to pale yellow, each step brighter than the one before.
_STOPS = (
    (0, (10, 12, 28)),
    (70, (58, 28, 110)),
    (130, (160, 44, 110)),
    (190, (238, 112, 60)),
    (255, (252, 244, 190)),
)


def read_mono(path: Path, channels: int) -> array[float]:
    """The mean of a file's channels. Raises RequestError (`file_unusable`)."""
    out = array("f")
    for block in read_frames(path, _BLOCK):
        values = array("f")
        values.frombytes(block)
        if byteorder == "big":
            values.byteswap()
        sides = [values[side::channels] for side in range(channels)]
        out.extend(sum(frame) / channels for frame in zip(*sides, strict=True))
    return out


def draw_waveform(mono: Sequence[float]) -> bytes:
    """A PNG of the highest and lowest sample of each column, against full scale."""
    rows = [bytearray([_BACK]) * COLUMNS for _ in range(WAVE_ROWS)]
    middle = WAVE_ROWS // 2
    for column in range(COLUMNS):
        part = mono[column * len(mono) // COLUMNS : max((column + 1) * len(mono) // COLUMNS, 1)]
        low, high = (min(part), max(part)) if len(part) else (0.0, 0.0)
        top = min(max(round(middle - high * middle), 0), WAVE_ROWS - 1)
        bottom = min(max(round(middle - low * middle), 0), WAVE_ROWS - 1)
        rows[middle][column] = _MIDDLE
        for row in range(top, bottom + 1):
            rows[row][column] = _WAVE
    return _png_bytes(rows)


def draw_spectrogram(mono: Sequence[float], rate: int) -> bytes:
    """A PNG of the level over time, and over frequency by its logarithm: 40 Hz at the bottom, 12 kHz on top.

    From the loudest point down to 66 dB under it.
    """
    slow, hertz = _halve_rate(mono, rate)
    columns = [_column_levels(slow, place, hertz) for place in range(COLUMNS)]
    loudest = max(max(column) for column in columns)
    rows = [bytearray(COLUMNS) for _ in range(SPECTRUM_ROWS)]
    for place, column in enumerate(columns):
        for row, level in enumerate(column):
            part = 1 + (level - loudest) / _FLOOR_DB
            rows[SPECTRUM_ROWS - 1 - row][place] = max(0, min(255, round(255 * part)))
    return _png_bytes(rows)


def _halve_rate(mono: Sequence[float], rate: int) -> tuple[Sequence[float], float]:
    """At no more than 27 kHz, by the mean of neighbours."""
    hertz = float(rate)
    while hertz > 2.25 * _HIGH_HERTZ:
        mono = [(first + second) / 2 for first, second in zip(mono[::2], mono[1::2], strict=False)]
        hertz /= 2
    return mono, hertz


def _column_levels(mono: Sequence[float], place: int, hertz: float) -> list[float]:
    """Levels in dB from low to high around one column."""
    centre = (2 * place + 1) * len(mono) // (2 * COLUMNS)
    start = centre - _SIZE // 2
    part = [0.0] * max(-start, 0) + list(mono[max(start, 0) : max(start + _SIZE, 0)])
    part += [0.0] * (_SIZE - len(part))
    power = _power_spectrum([sample * weight for sample, weight in zip(part, _window_values(), strict=True)])
    levels = []
    for low, high in _row_bands(hertz):
        # Bands narrower than a bin read between two of them.
        if high - low < 1:
            whole = int(low)
            value = power[whole] + (low - whole) * (power[whole + 1] - power[whole])
        else:
            bins = power[int(low) : max(int(high), int(low) + 1)]
            value = max(bins)
        levels.append(10 * math.log10(value + 1e-9))
    return levels


@lru_cache(maxsize=1)
def _window_values() -> tuple[float, ...]:
    return tuple(0.5 - 0.5 * math.cos(2 * math.pi * at / _SIZE) for at in range(_SIZE))


@lru_cache(maxsize=8)
def _row_bands(hertz: float) -> tuple[tuple[float, float], ...]:
    """The bins from and to of each row."""
    most = min(_HIGH_HERTZ, 0.49 * hertz)
    step = (most / _LOW_HERTZ) ** (1 / SPECTRUM_ROWS)
    edges = [_LOW_HERTZ * step**row / hertz * _SIZE for row in range(SPECTRUM_ROWS + 1)]
    return tuple(pairwise(edges))


def _power_spectrum(samples: Sequence[float]) -> list[float]:
    """The power spectrum of real samples, from a complex transform of half their number."""
    half = len(samples) // 2
    packed = _fourier_transform([complex(a, b) for a, b in zip(samples[::2], samples[1::2], strict=True)])
    packed.append(packed[0])
    turns = _twiddle_factors(2 * half)
    out = []
    for number in range(half):
        one, other = packed[number], packed[half - number].conjugate()
        value = (one + other) / 2 - 0.5j * turns[number] * (one - other)
        out.append(value.real * value.real + value.imag * value.imag)
    out.append(out[-1])
    return out


def _fourier_transform(values: list[complex]) -> list[complex]:
    """The discrete Fourier transform for powers of two (Cooley and Tukey, 1965)."""
    size = len(values)
    if size == 1:
        return values
    even, odd = _fourier_transform(values[::2]), _fourier_transform(values[1::2])
    turned = [turn * value for turn, value in zip(_twiddle_factors(size), odd, strict=True)]
    return [a + b for a, b in zip(even, turned, strict=True)] + [
        a - b for a, b in zip(even, turned, strict=True)
    ]


@lru_cache(maxsize=16)
def _twiddle_factors(size: int) -> tuple[complex, ...]:
    return tuple(cmath.exp(-2j * math.pi * number / size) for number in range(size // 2))


def _png_bytes(rows: Sequence[bytes | bytearray]) -> bytes:
    """An image with the palette of this page, one byte a point."""
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 3, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 9)
    parts = ((b"IHDR", header), (b"PLTE", _palette_bytes()), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(name, data) for name, data in parts)


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@lru_cache(maxsize=1)
def _palette_bytes() -> bytes:
    out = bytearray()
    for level in range(256):
        at = max(number for number, (mark, _) in enumerate(_STOPS[:-1]) if mark <= level)
        (low, dark), (high, light) = _STOPS[at], _STOPS[at + 1]
        part = (level - low) / (high - low)
        out.extend(round(a + part * (b - a)) for a, b in zip(dark, light, strict=True))
    return bytes(out)
