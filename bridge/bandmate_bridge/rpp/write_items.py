"""Items and takes as REAPER writes them."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from bandmate_bridge.rpp.chunks import RppChunk, draft_chunk
from bandmate_bridge.rpp.guids import new_guid
from bandmate_bridge.rpp.insertions import NewStem, NewTake
from bandmate_bridge.rpp.lines import as_int, first_word, number_text, quote_text, split_words
from bandmate_bridge.rpp.media_files import stored_path
from bandmate_bridge.rpp.split import copy_chunk
from bandmate_bridge.rpp.write_like import TakeSound, fade_lines, sound_at_speed_one

ITEM_DEPTH = 2
"""Items lie in a track, tracks in the project."""


def audio_item(stem: NewStem, sample_rate: int, folder: Path, iid: int) -> RppChunk:
    """A draft of an item with all takes of a stem, exactly as long, without loop or gain.

    ``folder`` is the project's; ``iid`` a number that no other item has.
    """
    item = item_frame(
        stem.start_frame, stem.frames, sample_rate, iid, stem.fade_in_seconds, stem.fade_out_seconds
    )
    start, frame = stem.start_frame / sample_rate, 1 / sample_rate
    sound = TakeSound()
    if stem.like is not None:
        sound = sound_at_speed_one(stem.like, start)
        for line in fade_lines(stem.like, start, start + stem.frames * frame, frame):
            if line is not None:
                item.put(_index_of(item, line), line)
    for index, take in enumerate(stem.takes):
        if index:
            item.children.append("TAKE SEL" if index == stem.chosen else "TAKE")
        item.children.extend(audio_take(take, folder, first=index == 0, sound=sound))
    return item


def _index_of(item: RppChunk, line: str) -> int:
    index = item.index(first_word(line))
    assert index is not None, "a new item has both fades"
    return index


def item_frame(
    start_frame: int, frames: int, sample_rate: int, iid: int, fade_in: float = 0.0, fade_out: float = 0.0
) -> RppChunk:
    """A draft of an item without takes. Fades in seconds."""
    return draft_chunk(
        "ITEM",
        f"POSITION {number_text(start_frame / sample_rate)}",
        "SNAPOFFS 0",
        f"LENGTH {number_text(frames / sample_rate)}",
        "LOOP 0",
        "ALLTAKES 0",
        f"FADEIN 1 {number_text(fade_in)} 0 1 0 0 0",
        f"FADEOUT 1 {number_text(fade_out)} 0 1 0 0 0",
        "MUTE 0 0",
        "SEL 0",
        f"IGUID {new_guid()}",
        f"IID {iid}",
    )


def audio_take(
    take: NewTake, folder: Path, *, first: bool, sound: TakeSound | None = None
) -> list[str | RppChunk]:
    """A draft of a take's lines."""
    source = draft_chunk("SOURCE WAVE", f"FILE {quote_text(stored_path(take.file, folder))}")
    return take_lines(
        take.name, f"SOFFS {number_text(take.offset_seconds)}", source, first=first, sound=sound
    )


def take_lines(
    name: str, offset: str, source: RppChunk, *, first: bool, sound: TakeSound | None = None
) -> list[str | RppChunk]:
    """A draft of a take. The first take's volume line holds the item's too."""
    sound = sound or TakeSound()
    return [
        f"NAME {quote_text(name)}",
        f"VOLPAN {sound.item_volume} {sound.volume}" if first else f"TAKEVOLPAN {sound.volume}",
        offset,
        "PLAYRATE 1 1 0 -1 0 0.0025",
        f"CHANMODE {sound.channel_mode}",
        f"GUID {new_guid()}",
        source,
        *map(copy_chunk, sound.envelopes),
    ]


def mute_item(item: RppChunk, newline: str) -> None:
    """Mutes an item of the project."""
    index = item.index("MUTE")
    if index is not None:
        item.put(index, " ".join(["MUTE", "1", *item.line("MUTE")[1:]]))
    else:
        item.children.insert(0, f"{'  ' * (ITEM_DEPTH + 1)}MUTE 1 0{newline}")


def unchoose_takes(item: RppChunk) -> None:
    """Takes the mark of the one that sounds from all takes."""
    for index, child in enumerate(item.children):
        if isinstance(child, str) and first_word(child) == "TAKE" and "SEL" in split_words(child)[1:]:
            item.put(index, " ".join(word for word in split_words(child) if word != "SEL"))


def next_iid(root: RppChunk) -> int:
    """A number for an item that none has."""
    items = chain.from_iterable(track.chunks("ITEM") for track in root.chunks("TRACK"))
    return max((as_int(item.word("IID")) for item in items), default=0) + 1
