"""Items that stand for another one: what REAPER does to that after it has read its file, it does to them too.

Volume, pan, the mix to mono, their envelopes and the item's fades are copied. They act on each stem as on the
sum of all, so that stems go on adding up to what the item plays. Effects of a take do not, and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_bridge.rpp.items import Item, chosen_part, take_parts
from bandmate_bridge.rpp.lines import BLANK, as_float, first_word, number_text
from bandmate_bridge.rpp.playable_item import ENVELOPES
from bandmate_bridge.rpp.split import renew_ids

_ENVELOPES = ("VOLENV", "PANENV", "MUTEENV")
_MIXED = 2
_FADE_LENGTHS = (1, 2)
"""Which words of a fade are lengths: the item's own, and that of a crossfade, which goes before it."""


@dataclass(frozen=True)
class TakeSound:
    """What a take gets besides its audio; a plain one by default."""

    item_volume: str = "1"
    volume: str = "0 1 -1"
    """Pan, volume, pan law."""
    channel_mode: int = 0
    envelopes: tuple[RppChunk, ...] = ()
    """As drafts."""


def sound_at_speed_one(item: Item, start: float) -> TakeSound:
    """What the sounding take of an item of the project has, for a take at speed 1 of an item that begins at
    ``start`` seconds.
    """
    part, first = chosen_part(item.chunk), take_parts(item.chunk)[0]
    rate = max(part.number("PLAYRATE", 0, 1.0), 0.0) or 1.0
    later = start - item.chunk.number("POSITION")
    envelopes = [_move_points(bare_chunk(chunk), rate, later) for chunk in part.chunks(*_ENVELOPES)]
    renew_ids(RppChunk("", list(envelopes)), {})
    return replace(take_sound(part), item_volume=first.word("VOLPAN", 0, "1"), envelopes=tuple(envelopes))


def take_sound(part: RppChunk) -> TakeSound:
    """Volume, pan and the mix to mono of a take, from its lines.

    An item's first take has the item's own volume before them.
    """
    volume = part.line("TAKEVOLPAN") or part.line("VOLPAN")[1:]
    return TakeSound(
        volume=" ".join(volume) if volume else TakeSound.volume,
        channel_mode=_MIXED if part.integer("CHANMODE") == _MIXED else 0,
    )


def item_gain(item: Item) -> float:
    """How loud an item and its sounding take are, as a factor; below zero upside down."""
    sound = sound_at_speed_one(item, item.chunk.number("POSITION"))
    volume = sound.volume.split()
    return as_float(sound.item_volume, 1.0) * as_float(volume[1] if len(volume) > 1 else "1", 1.0)


def has_further_processing(item: Item) -> bool:
    """Whether more than gain and fades is done to the sounding take."""
    part = chosen_part(item.chunk)
    pan = take_sound(part).volume.split()[0]
    return as_float(pan) != 0.0 or part.chunk("TAKEFX", *ENVELOPES) is not None


def fade_lines(item: Item, start: float, end: float, frame: float) -> tuple[str | None, str | None]:
    """The lines of an item's fades, for another one from ``start`` to ``end``; None where it begins or ends
    elsewhere by more than a ``frame`` (all in seconds).
    """
    position = item.chunk.number("POSITION")
    ends = position + item.chunk.number("LENGTH")
    return (
        _fade_line(item, "FADEIN") if abs(start - position) <= frame else None,
        _fade_line(item, "FADEOUT") if abs(end - ends) <= frame else None,
    )


def _fade_line(item: Item, key: str) -> str | None:
    words = item.chunk.line(key)
    if len(words) <= max(_FADE_LENGTHS):
        return " ".join([key, *words]) if words else None
    own, crossing = (as_float(words[index]) for index in _FADE_LENGTHS)
    words[1], words[2] = number_text(crossing if crossing > 0 else max(own, 0.0)), "0"
    return " ".join([key, *words])


def bare_chunk(chunk: RppChunk) -> RppChunk:
    """A chunk of a file as a draft: without indentation and line ends."""
    children: Sequence[str | RppChunk] = [
        bare_chunk(child) if isinstance(child, RppChunk) else child.strip(BLANK) for child in chunk.children
    ]
    return RppChunk(chunk.opening.strip(BLANK), list(children), chunk.closing.strip(BLANK))


def _move_points(envelope: RppChunk, rate: float, later: float) -> RppChunk:
    """Points that were counted in the time of a source at a rate, in that of another item."""
    for index, child in enumerate(envelope.children):
        if isinstance(child, str) and first_word(child) == "PT":
            _, time, *rest = child.split(None, 2)
            envelope.put(index, " ".join(["PT", number_text(as_float(time) / rate - later), *rest]))
    return envelope
