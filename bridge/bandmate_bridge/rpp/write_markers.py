"""Markers, regions and a tempo map as REAPER 5 to 7 write them, added without touching another line."""

from __future__ import annotations

from collections.abc import Sequence

from bandmate_bridge.rpp.chunks import RppChunk, RppDocument
from bandmate_bridge.rpp.colours import to_native
from bandmate_bridge.rpp.guids import new_guid
from bandmate_bridge.rpp.lines import as_float, as_int, first_word, number_text, quote_text
from bandmate_bridge.rpp.markers import Marker
from bandmate_bridge.rpp.tempo_envelope import tempo_lines
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import TempoPoint

_MARGIN = "  "
_AFTER = ("TEMPOENVEX", "MASTERFXLIST", "MASTERPLAYSPEEDENV")
"""Chunks that stand before the markers."""


def next_number(root: RppChunk) -> int:
    """A number that no marker and no region has."""
    return max((as_int(fields[0]) for fields in root.lines("MARKER") if fields), default=0) + 1


def insert_markers(document: RppDocument, markers: Sequence[Marker], sample_rate: int) -> None:
    """Adds markers, and regions where there is an end, after those that the project has.

    Each is given the next number that is free, whatever its own.
    """
    root = document.root
    first = next_number(root)
    lines = [
        _MARGIN + line + document.newline
        for index, marker in enumerate(sorted(markers, key=_frame_of))
        for line in _marker_lines(first + index, marker, sample_rate)
    ]
    at = _insert_index(root)
    root.children[at:at] = lines


def _frame_of(marker: Marker) -> int:
    return marker.frame


def _marker_lines(count: int, marker: Marker, rate: int) -> list[str]:
    """One line for a marker; for a region two of the same number, the second without a name for its end."""
    is_region = int(marker.end_frame is not None)
    colour = to_native(marker.colour) if marker.colour else 0
    start = number_text(marker.frame / rate)
    lines = [f"MARKER {count} {start} {quote_text(marker.name)} {is_region} {colour} 1 R {new_guid()} 0"]
    if marker.end_frame is not None:
        lines.append(f'MARKER {count} {number_text(marker.end_frame / rate)} "" 1')
    return lines


def _insert_index(root: RppChunk) -> int:
    """After the last marker, else where REAPER writes them: before the tracks and the bay."""
    for names in (("MARKER",), _AFTER):
        found = [index for index, child in enumerate(root.children) if _child_name(child) in names]
        if found:
            return found[-1] + 1
    before = ("PROJBAY", "TRACK", "EXTENSIONS", "EXTSTATE")
    return next(
        (index for index, child in enumerate(root.children) if _child_name(child) in before),
        len(root.children),
    )


def _child_name(child: str | RppChunk) -> str:
    return child.name if isinstance(child, RppChunk) else first_word(child)


def insert_tempo(document: RppDocument, points: Sequence[TempoPoint], sample_rate: int) -> None:
    """Gives a project that has one tempo throughout another tempo, or a tempo map.

    ``points``: the first at 0. A single point at 0 in the file is one tempo too, and is replaced. Raises
    RequestError (`bad_timeline`) where the project has changes of tempo.
    """
    root = document.root
    envelope = root.chunk("TEMPOENVEX")
    _drop_single_point(envelope)
    line, lines = tempo_lines(points, sample_rate)
    if not lines:
        _put_tempo(root, line, document.newline)
        return
    laid = [_MARGIN * 2 + line + document.newline for line in lines]
    if envelope is not None:
        envelope.children.extend(laid)
        if envelope.index("ACT") is not None:
            envelope.put(envelope.index("ACT") or 0, "ACT 1 -1")
        return
    opening, closing = _MARGIN + "<TEMPOENVEX" + document.newline, _MARGIN + ">" + document.newline
    at = next(
        (index for index, child in enumerate(root.children) if _child_name(child) == "MARKER"),
        _insert_index(root),
    )
    root.children.insert(at, RppChunk(opening, [_MARGIN * 2 + "ACT 1 -1" + document.newline, *laid], closing))


def _drop_single_point(envelope: RppChunk | None) -> None:
    """Removes the point of an envelope that has no other; raises RequestError where the tempo changes."""
    places = [fields[0] if fields else "0" for fields in envelope.lines("PT")] if envelope else []
    if envelope is None or not places:
        return
    if len(places) > 1 or as_float(places[0]) > 0:
        raise RequestError(
            ErrorCode.BAD_TIMELINE,
            "The project already has a tempo map, whose bars would no longer fit.",
            "Delete its tempo changes in REAPER and save it, or remove --tempo-map.",
        )
    del envelope.children[envelope.index("PT") or 0]


def _put_tempo(root: RppChunk, line: str, newline: str) -> None:
    """Sets the project's one tempo and metre; whatever else stands on that line is kept."""
    at = root.index("TEMPO")
    if at is None:
        root.children.insert(0, _MARGIN + line + newline)
        return
    rest = root.line("TEMPO")[len(line.split()) - 1 :]
    root.put(at, " ".join([line, *rest]))
