"""Audio files whose headers do not know how long they are, or are wrong about it."""

import io
import struct

import numpy as np
import soundfile

KBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)


def music(seconds: float = 3.0, rate: int = 44_100, channels: int = 2) -> np.ndarray:
    """Decaying notes, then near silence, then noise: at a variable rate each needs other bits."""
    time = np.arange(round(seconds * rate)) / rate
    notes = 0.4 * np.sin(2 * np.pi * 220 * time) * np.exp(-(time % 0.5) * 6)
    noise = np.random.default_rng(5).normal(0, 0.1, len(time))
    part = 3 * time // seconds
    mono = np.where(part == 0, notes, np.where(part == 1, 0.001 * notes, noise))
    return np.stack([mono, 0.8 * mono], 1)[:, :channels].astype(np.float32)


def packed(samples: np.ndarray, rate: int = 44_100, kind: str = "WAV", **options) -> bytes:
    """A file as libsndfile writes it."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, **options)
    return buffer.getvalue()


def mp3(samples: np.ndarray, rate: int = 44_100, mode: str = "VARIABLE") -> bytes:
    """With a Xing or Info header."""
    return packed(samples, rate, "MP3", bitrate_mode=mode, compression_level=0.7)


def without_xing(data: bytes) -> bytes:
    """An MP3 of version 1 without its first frame, which is the header with the count."""
    assert data.find(b"Xing", 0, 64) > 0 or data.find(b"Info", 0, 64) > 0
    head = int.from_bytes(data[:4], "big")
    rate = (44_100, 48_000, 32_000)[head >> 10 & 3]
    return data[144_000 * KBITS[head >> 12 & 15] // rate + (head >> 9 & 1) :]


def sized(data: bytes, said: int) -> bytes:
    """A WAV, RF64, W64 or AIFF whose header says another length, in bytes, of its audio and of the file."""
    out = bytearray(data)
    if data[:4] == b"riff":
        struct.pack_into("<Q", out, 16, said + 24 if said else 0)
        struct.pack_into("<Q", out, data.index(b"data") + 16, said + 24 if said else 0)
    elif data[:4] == b"RF64":
        struct.pack_into("<QQQ", out, data.index(b"ds64") + 8, said, said, said)
    elif data[:4] == b"FORM":
        struct.pack_into(">I", out, 4, said)
        struct.pack_into(">I", out, data.index(b"SSND") + 4, min(said + 8, 2**32 - 1) if said else 0)
        struct.pack_into(">I", out, data.index(b"COMM") + 10, said // 4)
    else:
        struct.pack_into("<I", out, 4, said)
        struct.pack_into("<I", out, data.index(b"data") + 4, said)
    return bytes(out)


def flac_total(data: bytes, total: int) -> bytes:
    """A FLAC whose header says another number of frames; 0 is "unknown"."""
    out = bytearray(data)
    out[21] = out[21] & 0xF0 | total >> 32
    out[22:26] = (total & 0xFFFF_FFFF).to_bytes(4, "big")
    return bytes(out)
