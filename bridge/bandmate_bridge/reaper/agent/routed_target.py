"""What another program of the musician's has the agent work on, in place of what is selected."""

from __future__ import annotations

import msgspec

from bandmate_bridge.requests.selection import GivenRanges
from bandmate_bridge.requests.timing import MusicLength


class RoutedTarget(msgspec.Struct, frozen=True):
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
    def length(self) -> MusicLength:
        """As it was said."""
        return MusicLength(self.bars, self.beats, self.seconds)

    @property
    def ranges(self) -> GivenRanges:
        """As they were said."""
        return GivenRanges(tuple(zip(self.begins, self.ends, strict=False)), self.at, self.length)
