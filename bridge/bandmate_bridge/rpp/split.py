"""Splitting an item into pieces that together play what it played.

Every piece keeps the item's lines, its takes, their envelopes and effects. Ids are new in all pieces but the
first. The fade in stays with the first piece, the fade out with the last, and every other fade is zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_bridge.rpp.guids import new_guid
from bandmate_bridge.rpp.lines import BLANK, as_float, first_word, number_text, split_words
from bandmate_bridge.rpp.playable_item import ENVELOPES

_IDS = ("IGUID", "GUID", "EGUID", "FXID")
_FADES = {"FADEIN": "1 0 0 1 0 0 0", "FADEOUT": "1 0 0 1 0 0 0"}
_LENGTHS = (1, 2)
"""Which words after `FADEIN` are lengths: the item's own fade, and the automatic one of a crossfade."""


def split_item(
    track: RppChunk, item: RppChunk, cuts: Sequence[float], iid: int, newline: str
) -> list[RppChunk]:
    """Cuts an item of a track at times in seconds, rising and inside it; returns the pieces in order.

    The first piece is the item itself, the others follow it on the track. ``iid``: a number that no item has,
    nor any number after it.
    """
    begin, length = item.number("POSITION"), item.number("LENGTH")
    edges = [begin, *cuts, begin + length]
    pieces = [item, *(copy_chunk(item) for _ in cuts)]
    at = next(index for index, child in enumerate(track.children) if child is item) + 1
    track.children[at:at] = pieces[1:]
    for index, piece in enumerate(pieces):
        if index:
            renew_ids(piece, {})
            _set_line(piece, "IID", f"IID {iid + index - 1}", newline)
            _begin_at(piece, edges[index], edges[index] - begin, newline)
            _end_fade(piece, "FADEIN", newline)
        # The last piece ends where the item ended, whatever floats make of sums.
        _set_line(piece, "LENGTH", f"LENGTH {number_text(edges[index + 1] - edges[index])}", newline)
        if index < len(cuts):
            _end_fade(piece, "FADEOUT", newline)
    if cuts and item.number("SNAPOFFS") > cuts[0] - begin:
        _set_line(item, "SNAPOFFS", "SNAPOFFS 0", newline)
    return pieces


def copy_chunk(chunk: RppChunk) -> RppChunk:
    """Another chunk of the same lines."""
    return RppChunk(
        chunk.opening,
        [copy_chunk(child) if isinstance(child, RppChunk) else child for child in chunk.children],
        chunk.closing,
    )


def ensure_id(item: RppChunk, newline: str) -> None:
    """Gives an item an id if it has none, so that it can be found again."""
    if item.index("IGUID") is None:
        _set_line(item, "IGUID", f"IGUID {new_guid()}", newline)


def renew_ids(chunk: RppChunk, known: dict[str, str]) -> None:
    """Gives every id a new one, the same for the same; what a source says of itself stays."""
    for index, child in enumerate(chunk.children):
        if isinstance(child, RppChunk):
            if child.name != "SOURCE":
                renew_ids(child, known)
        elif first_word(child) in _IDS:
            key, *rest = split_words(child)
            renewed = [known.setdefault(word, new_guid()) if _is_guid(word) else word for word in rest]
            chunk.put(index, " ".join([key, *renewed]))


def _is_guid(word: str) -> bool:
    return word.startswith("{") and word.endswith("}")


def _begin_at(piece: RppChunk, position: float, later: float, newline: str) -> None:
    """Moves the start to a position so many seconds into the item; each take follows at its rate."""
    _set_line(piece, "POSITION", f"POSITION {number_text(position)}", newline)
    if piece.index("SNAPOFFS") is not None:
        _set_line(piece, "SNAPOFFS", "SNAPOFFS 0", newline)
    ensure_id(piece, newline)
    borders = [index for index, child in enumerate(piece.children) if _opens_take(child)]
    moved: list[str | RppChunk] = []
    for start, end in pairwise([0, *borders, len(piece.children)]):
        part = RppChunk("", piece.children[start:end])
        if part.chunk("SOURCE") is not None:
            _shift_take(part, later, newline)
        moved += part.children
    piece.children = moved


def _opens_take(child: str | RppChunk) -> bool:
    return isinstance(child, str) and first_word(child) == "TAKE"


def _shift_take(part: RppChunk, later: float, newline: str) -> None:
    rate = part.number("PLAYRATE", 0, 1.0)
    moved = later * (rate if rate > 0 else 1.0)
    rest = part.line("SOFFS")[1:]
    text = " ".join(["SOFFS", number_text(part.number("SOFFS") + moved), *rest])
    index = part.index("SOFFS")
    if index is not None:
        part.put(index, text)
    else:
        source = next(at for at, child in enumerate(part.children) if isinstance(child, RppChunk))
        part.children.insert(source, _line_margin(part) + text + newline)
    for envelope in take_envelopes(part):
        shift_points(envelope, moved)


def take_envelopes(part: RppChunk) -> Iterator[RppChunk]:
    """The envelopes of a take and of its effects."""
    yield from part.chunks(*ENVELOPES)
    for effects in part.chunks("TAKEFX"):
        yield from effects.chunks("PARMENV")


def shift_points(envelope: RppChunk, earlier: float) -> None:
    """Moves all points so many seconds to the left. Those before the start still shape what follows them."""
    for index, child in enumerate(envelope.children):
        if isinstance(child, str) and first_word(child) == "PT":
            _, time, *rest = child.strip(BLANK).split(None, 2)
            envelope.put(index, " ".join(["PT", number_text(as_float(time) - earlier), *rest]))


def _end_fade(piece: RppChunk, key: str, newline: str) -> None:
    """Makes a fade of no length, and leaves its shape."""
    fields = piece.line(key) or _FADES[key].split()
    for index in _LENGTHS:
        if index < len(fields):
            fields[index] = "0"
    _set_line(piece, key, " ".join([key, *fields]), newline)


def _set_line(chunk: RppChunk, key: str, text: str, newline: str) -> None:
    """Replaces the line of that key; one that is missing is put before the first take."""
    index = chunk.index(key)
    if index is not None:
        chunk.put(index, text)
        return
    margin = _line_margin(chunk)
    at = next((at for at, child in enumerate(chunk.children) if _belongs_to_take(child)), len(chunk.children))
    chunk.children.insert(at, margin + text + newline)


def _belongs_to_take(child: str | RppChunk) -> bool:
    return isinstance(child, RppChunk) or first_word(child) in ("NAME", "TAKE", "GUID")


def _line_margin(chunk: RppChunk) -> str:
    line = next((child for child in chunk.children if isinstance(child, str) and child.strip(BLANK)), "")
    return line[: len(line) - len(line.lstrip(BLANK))]
