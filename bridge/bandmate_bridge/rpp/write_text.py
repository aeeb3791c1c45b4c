"""Text as empty items with notes, which REAPER shows on the item, as it writes them itself."""

from __future__ import annotations

from collections.abc import Sequence

from bandmate_bridge.rpp.chunks import RppChunk, RppDocument, draft_chunk
from bandmate_bridge.rpp.insertions import NewText
from bandmate_bridge.rpp.write_items import item_frame, next_iid
from bandmate_bridge.rpp.write_tracks import append_tracks, new_track

_PLAIN = "IMGRESOURCEFLAGS 0"


def insert_texts(document: RppDocument, name: str, texts: Sequence[NewText], sample_rate: int) -> None:
    """Adds a track with a text item for each text."""
    iid = next_iid(document.root)
    items = [_text_item(text, sample_rate, iid + index) for index, text in enumerate(texts)]
    append_tracks(document, [new_track(name, None, *items)])


def _text_item(text: NewText, sample_rate: int, iid: int) -> RppChunk:
    item = item_frame(text.start_frame, text.frames, sample_rate, iid)
    lines = [f"|{line}" for line in text.text.splitlines()]
    item.children.extend([draft_chunk("NOTES", *lines), _PLAIN])
    return item
