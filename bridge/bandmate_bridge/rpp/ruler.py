"""Times as REAPER's ruler shows them, which begins at the project's start time and not always at zero."""

from __future__ import annotations

from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_protocol.tempo import nearest_frame

_MAX_SECONDS = 1e9
"""As the protocol has it; no ruler goes as far."""


def read_ruler_start(root: RppChunk) -> float:
    """What the ruler shows at the project's first frame, in seconds; may be negative."""
    start = root.number("PROJOFFS")
    return start if abs(start) <= _MAX_SECONDS else 0.0


def time_text(seconds: float, digits: int = 3) -> str:
    """A time as the ruler shows it, such as `1:02.500`, `1:00:10.000` or `-0:04.000`, to so many digits."""
    unit = 10**digits
    parts = nearest_frame(abs(seconds) * unit)
    minutes, rest = divmod(parts, 60 * unit)
    sign = "-" if seconds < 0 and parts else ""
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{sign}{clock}:{rest // unit:02d}.{rest % unit:0{digits}d}"
