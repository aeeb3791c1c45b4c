"""Markers and regions."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_bridge.rpp.colours import from_native
from bandmate_bridge.rpp.lines import as_float, as_int, readable_text
from bandmate_protocol.tempo import nearest_frame

_REGION = 1


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker, or a region when it has an end."""

    number: int
    name: str
    frame: int
    end_frame: int | None = None
    colour: str | None = None


def read_markers(root: RppChunk, sample_rate: int) -> tuple[Marker, ...]:
    """All of them in the file's order. A region is two lines of the same number, the second for its end."""
    found: list[Marker] = []
    open_regions: dict[int, int] = {}
    for fields in root.lines("MARKER"):
        padded = [*fields, *["0"] * (5 - len(fields))]
        count, frame = as_int(padded[0]), nearest_frame(as_float(padded[1]) * sample_rate)
        if as_int(padded[3]) & _REGION and count in open_regions:
            index = open_regions.pop(count)
            found[index] = replace(found[index], end_frame=frame)
            continue
        if as_int(padded[3]) & _REGION:
            open_regions[count] = len(found)
        name = readable_text(fields[2]) if len(fields) > 2 else ""
        found.append(Marker(count, name, frame, colour=from_native(as_int(padded[4]))))
    return tuple(found)
