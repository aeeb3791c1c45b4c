"""What plays around a range and cannot be heard: counted by kind, for one sentence.

The one place that knows what a task on a project does not hear. What is heard after all (stretched items,
notes) is not counted here.
"""

from __future__ import annotations

from collections.abc import Sequence

from bandmate_bridge.rpp.unplayable_items import UnplayableItemError, UnplayableReason

_MAX_NAMED = 3
_KINDS = {
    UnplayableReason.MIDI: ("MIDI item", "MIDI items"),
    UnplayableReason.CHANGED: ("item that only REAPER can play", "items that only REAPER can play"),
    UnplayableReason.KIND: ("item that cannot be read here", "items that cannot be read here"),
    UnplayableReason.LARGE: ("item of a file that is too large", "items of files that are too large"),
    UnplayableReason.MISSING: ("item whose file is missing", "items whose files are missing"),
}


def left_out_remarks(left_out: Sequence[UnplayableItemError], heard: int) -> list[str]:
    """A sentence on the items that were left out, where so many others are heard; empty for none."""
    kinds = [error.reason for error in left_out]
    counts = [
        f"{kinds.count(kind)} {names[kinds.count(kind) > 1]}"
        for kind, names in _KINDS.items()
        if kind in kinds
    ]
    if not counts:
        return []
    files = list(dict.fromkeys(error.file for error in left_out if error.file))
    named = f" ({', '.join(files[:_MAX_NAMED])}{', ...' if len(files) > _MAX_NAMED else ''})" if files else ""
    begin = "Not read there" if heard else "Nothing that plays there can be read"
    return [f"{begin}: {_join_words(counts)}{named}."]


def _join_words(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
