"""Why an item cannot be heard here: in a sentence for who asked for it, and as a kind that is counted."""

from __future__ import annotations

from enum import Enum
from pathlib import Path, PureWindowsPath

from bandmate_bridge.rpp.items import Item, Take, TakeSource
from bandmate_bridge.rpp.made_files import made_file
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

GLUE = "Glue the item in the DAW first (in REAPER: Item, Glue items), then try again."
"""What makes a plain item of any item."""

_ALL_TAKES = f"Turn that off in REAPER (Item properties, Play all takes). Or: {GLUE}"
_RENDER_MIDI = "Render it first (Item, Apply track FX to items as new take)."
_FIND = "Find the file, or let the DAW find it, save, and try again."
_KINDS = {"WAVE", "FLAC", "MP3", "VORBIS", "OPUS"}
_GENERATED = {
    "CLICK": "is a click source",
    "LTC": "is a timecode source",
    "RPP_PROJECT": "is a subproject",
    "VIDEOEFFECT": "is a video processor",
}
"""What REAPER makes the sound of by itself."""


_MAX_TAPE_SPEED = 64
_MAX_STRETCH_SPEED = 10
"""Times the speed, with the pitch kept; the slowest is one over it."""
_MAX_SEMITONES = 48


class UnplayableReason(Enum):
    """What stands in the way of hearing an item."""

    MIDI = "MIDI"
    MISSING = "missing"
    """Its file is not there, or REAPER was told not to open it."""
    CHANGED = "changed"
    """It plays its file in a way that only REAPER can follow."""
    KIND = "kind"
    """It plays something that cannot be read here."""
    LARGE = "large"
    """Its file is too large to be listened to beside another one."""
    EMPTY = "empty"
    """It sounds nowhere, so nothing of it is missed."""


class UnplayableItemError(RequestError):
    """Raised for an item that cannot be heard; `file_unusable` for a missing file, else `input_unusable`."""

    def __init__(self, reason: UnplayableReason, sentence: str, remedy: str, file: str = "") -> None:
        code = ErrorCode.FILE_UNUSABLE if reason is UnplayableReason.MISSING else ErrorCode.INPUT_UNUSABLE
        super().__init__(code, sentence, remedy)
        self.reason = reason
        self.file = file
        """The name of a missing file."""


def check_playable(where: str, item: Item, take: Take | None) -> Path:
    """The file that a take of an item plays. ``where`` names the item in the sentences.

    Raises UnheardError; a missing file goes before all that gluing would help with.
    """
    if not item.takes:
        raise UnplayableItemError(
            UnplayableReason.EMPTY,
            say("{where} is empty: it has a position, but no audio.", where=where),
            "Choose another item.",
        )
    if take is None or take.source is None:
        raise UnplayableItemError(
            UnplayableReason.EMPTY,
            say("{where} has no active take.", where=where),
            "Choose one of its takes, or another item.",
        )
    source = take.source
    if source.is_midi:
        raise UnplayableItemError(
            UnplayableReason.MIDI,
            say("{where} is MIDI, but this needs audio.", where=where),
            _RENDER_MIDI,
        )
    file = _checked_file(where, source)
    _check_playing(where, item, take, source)
    return file


def _checked_file(where: str, source: TakeSource) -> Path:
    if source.kind in _GENERATED:
        raise UnplayableItemError(
            UnplayableReason.KIND,
            say("{where} {generated}.", where=where, generated=_GENERATED[source.kind]),
            GLUE,
        )
    if source.file is None:
        raise UnplayableItemError(
            UnplayableReason.KIND,
            say(
                "{where} plays a source of type {kind}, which Bandmate cannot read.",
                where=where,
                kind=source.kind or "unknown",
            ),
            GLUE,
        )
    if source.offline:
        raise UnplayableItemError(
            UnplayableReason.MISSING,
            say(
                "{where} is offline in REAPER, so {name} cannot be read.", where=where, name=source.file.name
            ),
            "Set it online in REAPER (Item, Set selected media online), save, and try again.",
            source.file.name,
        )
    if not made_file(source.file).is_file():
        if source.is_foreign_path:
            raise UnplayableItemError(
                UnplayableReason.MISSING,
                say(
                    "{where} plays {written}, a file on a Windows machine.",
                    where=where,
                    written=source.written,
                ),
                "Copy the file to this machine, let the DAW find it, save, and try again.",
                PureWindowsPath(source.written).name,
            )
        raise UnplayableItemError(
            UnplayableReason.MISSING,
            say("{where} plays {file}, which is missing.", where=where, file=source.file),
            _FIND,
            source.file.name,
        )
    if source.kind not in _KINDS:
        raise UnplayableItemError(
            UnplayableReason.KIND,
            say("{where} plays {name}, which Bandmate cannot read.", where=where, name=source.file.name),
            GLUE,
        )
    return source.file


def _is_playable_speed(take: Take) -> bool:
    """Whether the server can play at that speed."""
    if take.is_stretched:
        return 1 / _MAX_STRETCH_SPEED <= take.play_rate <= _MAX_STRETCH_SPEED
    return 0 < take.play_rate <= _MAX_TAPE_SPEED


def _check_playing(where: str, item: Item, take: Take, source: TakeSource) -> None:
    how = ""
    if item.plays_all_takes:
        how = "plays all of its takes at once"
    elif source.reversed:
        how = "plays in reverse"
    elif take.has_stretch_markers:
        how = "has stretch markers"
    elif abs(take.pitch_semitones) > _MAX_SEMITONES or not _is_playable_speed(take):
        how = take.change_text or f"plays at {take.play_rate:g} times its speed"
    if how:
        remedy = _ALL_TAKES if item.plays_all_takes else GLUE
        raise UnplayableItemError(
            UnplayableReason.CHANGED, say("{where} {how}.", where=where, how=how), remedy
        )
