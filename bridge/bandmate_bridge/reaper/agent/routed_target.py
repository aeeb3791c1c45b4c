"""What another program of the musician's has the agent work on, in place of what is selected."""

from __future__ import annotations

import msgspec

from bandmate_bridge.requests.selection import Ranges
from bandmate_bridge.requests.timing import Length


class Where(msgspec.Struct, frozen=True):
    """As the options of the command line have it."""

    track: str | None = None
    at: str | None = None
    bars: float | None = None
    beats: float | None = None
    seconds: float | None = None
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    key: str | None = None
    alone: bool = False
    """What the other tracks play is not heard."""

    @property
    def length(self) -> Length:
        """As it was said."""
        return Length(self.bars, self.beats, self.seconds)

    @property
    def ranges(self) -> Ranges:
        """As they were said."""
        return Ranges(tuple(zip(self.begins, self.ends, strict=False)), self.at, self.length)
