"""The pitch of one voice by swift-f0, a small network, where the extra `voice` is installed."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata

import numpy as np
import soxr

from bandmate_plugins._listening.decimated import DecimatedReader
from bandmate_plugins._listening.melody.contour import MAX_HERTZ, MIN_HERTZ, PitchContour

_RATE = 16_000
_HOP = 256
_BLOCK_SECONDS = 16
TRACKER_NAME = "swift-f0"


def tracker_version() -> str:
    """The name and the version, such as `swift-f0 0.3.0`; empty where it is not here."""
    try:
        return f"{TRACKER_NAME} {metadata.version(TRACKER_NAME)}"
    except metadata.PackageNotFoundError:
        return ""


def track_pitch_swift_f0(
    ear: DecimatedReader, start: float, stop: float, check: Callable[[], None]
) -> PitchContour | None:
    """The contour between two frames of the project, or None where the network cannot be loaded.

    It runs on one thread. The library is imported here and nowhere else, so that only a worker that hears a
    voice has it.
    """
    try:
        import swift_f0
    except ImportError:
        return None
    stream = swift_f0.SwiftF0(threads=1, spin=False).stream(MIN_HERTZ, MAX_HERTZ)
    lower = soxr.ResampleStream(ear.rate, _RATE, 1, dtype="float32")
    first, last = ear.sample_at(start), ear.sample_at(stop)
    block = round(_BLOCK_SECONDS * ear.rate)
    parts = []
    for at in range(first, last, block):
        check()
        count = min(block, last - at)
        samples = lower.resample_chunk(ear.read_samples(at, count), last=at + count == last)
        parts.append(stream.push(samples, _RATE))
    found = swift_f0.concat([*parts, stream.flush()])
    pitch = 69 + 12 * np.log2(np.maximum(found.pitch_hz, 1.0) / 440)
    hop = _HOP / _RATE * ear.rate * ear.step
    return PitchContour(ear.frame_at(first), hop, pitch, found.confidence, found.loudness_db)
