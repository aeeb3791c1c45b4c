"""What another program has the agent work on, as the bridge's requests have it."""

from __future__ import annotations

from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.timing import MusicLength
from bandmate_protocol.messages import JobTarget


def target_length(target: JobTarget) -> MusicLength:
    """The length that was named."""
    return MusicLength(target.bars, target.beats, target.seconds)


def target_ranges(target: JobTarget) -> GivenRanges:
    """The ranges that were named; sections as they are in the project now."""
    if target.sections:
        return GivenRanges(sections=target.sections)
    spans = tuple(zip(target.begins, target.ends, strict=False))
    return GivenRanges(spans, target.at, target_length(target))
