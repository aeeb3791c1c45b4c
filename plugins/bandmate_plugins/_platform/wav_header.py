"""Headers of the WAV files that Bandmate writes.

One or two channels of floats are WAVE_FORMAT_IEEE_FLOAT, of integers WAVE_FORMAT_PCM, which everything reads;
more channels are WAVE_FORMAT_EXTENSIBLE, which says where each one plays (Microsoft, "Multiple channel audio
data and WAVE files"). Past 4 GB the file is RF64 (EBU Tech 3306).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

RIFF_LIMIT = 2**32 - 1
"""The largest size that a plain RIFF header can say."""

_PCM, _IEEE_FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_SUBFORMAT = bytes.fromhex("000000001000800000aa00389b71")
_SPEAKERS = {3: 0x7, 4: 0x33, 5: 0x37, 6: 0x3F, 7: 0x13F, 8: 0x63F}


@dataclass(frozen=True, slots=True)
class WavShape:
    """What a file holds: 32 bits are floats, 16 and 24 are integers."""

    sample_rate: int
    channels: int
    frames: int
    bits: int = 32

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame."""
        return self.channels * self.bits // 8

    @property
    def data_bytes(self) -> int:
        """Bytes of all frames."""
        return self.frames * self.frame_bytes

    @property
    def padding_bytes(self) -> int:
        """Bytes after the frames: a chunk has an even length."""
        return self.data_bytes % 2


def wav_header(shape: WavShape, riff_limit: int = RIFF_LIMIT) -> bytes:
    """All bytes before the first frame."""
    form = _riff_chunk(b"fmt ", _format_body(shape))
    is_float = shape.bits == 32
    count = _riff_chunk(b"fact", struct.pack("<I", min(shape.frames, 2**32 - 1))) if is_float else b""
    after = shape.data_bytes + shape.padding_bytes
    riff_bytes = 4 + len(form) + len(count) + 8 + after
    if riff_bytes <= riff_limit:
        opening = b"RIFF" + struct.pack("<I", riff_bytes) + b"WAVE"
        return opening + form + count + b"data" + struct.pack("<I", shape.data_bytes)
    riff_bytes = 4 + (8 + 28) + len(form) + 8 + after
    sizes = _riff_chunk(b"ds64", struct.pack("<QQQI", riff_bytes, shape.data_bytes, shape.frames, 0))
    unsaid = struct.pack("<I", 2**32 - 1)
    return b"RF64" + unsaid + b"WAVE" + sizes + form + b"data" + unsaid


def _format_body(shape: WavShape) -> bytes:
    rate, channels, block = shape.sample_rate, shape.channels, shape.frame_bytes
    sample = _IEEE_FLOAT if shape.bits == 32 else _PCM
    kind = sample if channels <= 2 else _EXTENSIBLE
    common = struct.pack("<HHIIHH", kind, channels, rate, rate * block, block, shape.bits)
    if kind == _PCM:
        return common
    if kind == _IEEE_FLOAT:
        return common + struct.pack("<H", 0)
    speakers = struct.pack("<HHI", 22, shape.bits, _SPEAKERS.get(channels, 0))
    return common + speakers + struct.pack("<H", sample) + _SUBFORMAT


def _riff_chunk(name: bytes, body: bytes) -> bytes:
    assert len(body) % 2 == 0, "chunks are padded to even lengths"
    return name + struct.pack("<I", len(body)) + body
