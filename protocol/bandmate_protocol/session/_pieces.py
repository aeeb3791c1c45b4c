"""How many frames a piece of audio holds, in each encoding."""

from __future__ import annotations

from typing import Final

from bandmate_protocol.messages import Encoding

SAMPLE_BYTES: Final[dict[Encoding, int]] = {"f32le": 4, "s24le": 3}
"""Bytes of one sample where every sample has the same; FLAC has no such number."""

_FLAC_HEAD_BYTES = 42
"""Marker, block header and STREAMINFO (RFC 9639, section 8.2)."""


def frames_in(data: bytes, channels: int, encoding: Encoding) -> int | None:
    """The frames in a piece; None when it is not made of whole frames, or not what the encoding says."""
    size = SAMPLE_BYTES.get(encoding)
    if size is None:
        return _flac_frames(data, channels)
    frames, rest = divmod(len(data), size * channels)
    return None if rest else frames


def _flac_frames(data: bytes, channels: int) -> int | None:
    if len(data) < _FLAC_HEAD_BYTES or data[:4] != b"fLaC" or data[4] & 0x7F != 0:
        return None
    # 20 bits rate, 3 bits channels - 1, 5 bits depth - 1, 36 bits frames.
    packed = int.from_bytes(data[18:26], "big")
    if (packed >> 41 & 0b111) + 1 != channels:
        return None
    return packed & (1 << 36) - 1 or None
