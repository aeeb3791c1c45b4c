"""Items, their takes, and what the takes play."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_bridge.rpp.lines import first_word, readable_text, split_words
from bandmate_protocol.tempo import nearest_frame

_OFFLINE = "_OFFLINE_"
_REVERSE = 2
_LOCKED = 1
_MIDI = {"MIDI", "MIDIPOOL"}
"""`MIDIPOOL` plays the notes of another item's `MIDI`."""


@dataclass(frozen=True, slots=True)
class TakeSource:
    """What a take plays."""

    kind: str
    """`WAVE`, `FLAC`, `MP3`, `MIDI`, ..., as the project has it."""
    file: Path | None
    """None for MIDI inside the project, and for sources without a file."""
    written: str = field(default="", compare=False)
    """The file's path as the project has it."""
    offline: bool = False
    """REAPER was told not to open it."""
    section_start_seconds: float = 0.0
    """Where in the file a section begins."""
    section_seconds: float | None = None
    reversed: bool = False

    @property
    def is_midi(self) -> bool:
        """It plays notes."""
        return self.kind in _MIDI

    @property
    def is_foreign_path(self) -> bool:
        """The path is one of Windows, with a drive or a share, and this is not Windows."""
        return os.name != "nt" and PureWindowsPath(self.written).is_absolute()


@dataclass(frozen=True, slots=True)
class Take:
    """One take of an item."""

    name: str
    guid: str
    chosen: bool
    """It is the one that sounds."""
    offset_seconds: float
    """Where in the source it starts, before the play rate."""
    play_rate: float
    preserve_pitch: bool
    pitch_semitones: float
    channel_mode: int
    """0 as it is, 1 swapped, 2 both to mono, 3 left, 4 right, others single channels or pairs."""
    has_stretch_markers: bool
    source: TakeSource | None
    """None for an empty take."""

    @property
    def is_stretched(self) -> bool:
        """It plays at another speed with its pitch kept, as no file is played without a stretcher."""
        return self.play_rate != 1.0 and self.preserve_pitch

    @property
    def change_text(self) -> str:
        """What speed and pitch it has, where that takes more than reading its file; else empty."""
        said = []
        if self.is_stretched:
            said.append(f"is stretched to {self.play_rate:g} times its speed, at its own pitch")
        if self.pitch_semitones:
            said.append(f"is shifted by {self.pitch_semitones:g} semitones")
        return " and ".join(said)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a track."""

    guid: str
    start_frame: int
    end_frame: int
    """Exclusive; rounded from absolute time."""
    loops: bool
    muted: bool
    selected: bool
    fade_in_seconds: float
    fade_out_seconds: float
    snap_offset_seconds: float
    takes: tuple[Take, ...]
    plays_all_takes: bool
    """Not only the chosen take sounds."""
    locked: bool
    """The user locked it."""
    chunk: RppChunk = field(repr=False, compare=False)
    """Where it stands in the file."""

    @property
    def frames(self) -> int:
        """Its length."""
        return self.end_frame - self.start_frame

    @property
    def take(self) -> Take | None:
        """The take that sounds."""
        return next((take for take in self.takes if take.chosen), None)

    @property
    def is_midi(self) -> bool:
        """Its active take plays notes."""
        return self.take is not None and self.take.source is not None and self.take.source.is_midi

    @property
    def name(self) -> str:
        """The name of the take that sounds."""
        return self.take.name if self.take else ""


def read_item(chunk: RppChunk, sample_rate: int, folder: Path) -> Item:
    """An item; ``folder`` is the project's, from which its media paths are counted."""
    position, takes = chunk.number("POSITION"), _read_takes(chunk, folder)
    return Item(
        guid=chunk.word("IGUID"),
        start_frame=nearest_frame(position * sample_rate),
        end_frame=nearest_frame((position + chunk.number("LENGTH")) * sample_rate),
        loops=chunk.integer("LOOP") != 0,
        muted=chunk.integer("MUTE") != 0,
        selected=chunk.integer("SEL") != 0,
        fade_in_seconds=_sounding_fade(chunk, "FADEIN"),
        fade_out_seconds=_sounding_fade(chunk, "FADEOUT"),
        snap_offset_seconds=chunk.number("SNAPOFFS"),
        takes=takes,
        plays_all_takes=chunk.integer("ALLTAKES") != 0 and sum(take.source is not None for take in takes) > 1,
        locked=chunk.integer("LOCK") & _LOCKED != 0,
        chunk=chunk,
    )


def _sounding_fade(chunk: RppChunk, key: str) -> float:
    """The fade that is heard: an automatic one (from overlapping items) rules over the item's own."""
    automatic = chunk.number(key, 2)
    return automatic if automatic > 0 else max(chunk.number(key, 1), 0.0)


def take_parts(item: RppChunk) -> list[RppChunk]:
    """The item cut into its takes, each as a chunk of its own lines; the first holds the item's lines too.

    A part after the first is opened by its `TAKE` line. An empty first take has no lines of its own.
    """
    parts = [RppChunk(item.opening)]
    for child in item.children:
        if isinstance(child, str) and first_word(child) == "TAKE":
            parts.append(RppChunk(child))
        else:
            parts[-1].children.append(child)
    return parts if len(parts) > 1 or _has_take(parts[0]) else []


def chosen_part(item: RppChunk) -> RppChunk:
    """The part of the take that sounds; the item has takes."""
    parts = take_parts(item)
    return parts[_chosen_index(parts)]


def _chosen_index(parts: Sequence[RppChunk]) -> int:
    marked = (index for index, part in enumerate(parts) if "SEL" in _take_flags(part))
    return next(marked, 0)


def _take_flags(part: RppChunk) -> list[str]:
    """What stands behind `TAKE`; a first take has no such line."""
    return split_words(part.opening)[1:] if first_word(part.opening) == "TAKE" else []


def _has_take(part: RppChunk) -> bool:
    return part.chunk("SOURCE") is not None or part.index("GUID") is not None


def _read_takes(item: RppChunk, folder: Path) -> tuple[Take, ...]:
    parts = take_parts(item)
    chosen = _chosen_index(parts) if parts else 0
    return tuple(_read_take(part, index == chosen, folder) for index, part in enumerate(parts))


def _read_take(part: RppChunk, chosen: bool, folder: Path) -> Take:
    source = part.chunk("SOURCE")
    rate = part.number("PLAYRATE", 0, 1.0)
    return Take(
        name=readable_text(part.word("NAME")),
        guid=part.word("GUID"),
        chosen=chosen,
        offset_seconds=part.number("SOFFS"),
        play_rate=rate if rate > 0 else 1.0,
        preserve_pitch=part.integer("PLAYRATE", 1, 1) != 0,
        pitch_semitones=part.number("PLAYRATE", 2),
        channel_mode=part.integer("CHANMODE"),
        has_stretch_markers=part.index("SM") is not None,
        source=_read_source(source, folder) if source else None,
    )


def _read_source(chunk: RppChunk, folder: Path) -> TakeSource:
    kind = chunk.head[0] if chunk.head else ""
    inner = chunk.chunk("SOURCE")
    if kind != "SECTION" or inner is None:
        file = chunk.word("FILE")
        return TakeSource(
            kind=kind.removeprefix(_OFFLINE),
            file=_locate_file(file, folder) if file else None,
            written=readable_text(file),
            offline=kind.startswith(_OFFLINE),
        )
    within = _read_source(inner, folder)
    length = chunk.number("LENGTH")
    return TakeSource(
        kind=within.kind,
        file=within.file,
        written=within.written,
        offline=within.offline,
        section_start_seconds=chunk.number("STARTPOS"),
        section_seconds=length if length > 0 else None,
        reversed=bool(chunk.integer("MODE") & _REVERSE),
    )


def _locate_file(file: str, folder: Path) -> Path:
    """The file's place on this machine; Windows separators are understood everywhere."""
    if os.name != "nt" and "\\" in file and not (folder / file).exists():
        file = file.replace("\\", "/") if not PureWindowsPath(file).is_absolute() else file
    return folder / file
