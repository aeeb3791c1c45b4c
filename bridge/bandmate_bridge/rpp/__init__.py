"""REAPER project files: read, extended and written without touching any other line.

`Project.load("song.rpp")`, `project.range("9.1", bars=8)`, `project.insert_stems(...)`, `project.save()`.
"""

from bandmate_bridge.rpp.insertions import NewMidi, NewPart, NewStem, NewTake, NewText
from bandmate_bridge.rpp.item_map import FrameGrid, ItemMap, loop_passes, map_item
from bandmate_bridge.rpp.item_place import ItemPlace
from bandmate_bridge.rpp.items import Item, Take, TakeSource
from bandmate_bridge.rpp.markers import Marker
from bandmate_bridge.rpp.media_files import media_folder
from bandmate_bridge.rpp.media_files import reserve_media_file as media_path
from bandmate_bridge.rpp.new_project import new_project
from bandmate_bridge.rpp.open_elsewhere import (
    SaveTarget,
    find_save_target,
    open_project_id,
    reaper_is_running,
)
from bandmate_bridge.rpp.open_project import OpenProject, OpenTrack
from bandmate_bridge.rpp.playable_item import (
    PlayableItem,
    check_splittable,
    item_bar_text,
    overlapping_items,
    playback_remarks,
    resolve_item,
)
from bandmate_bridge.rpp.positions import end_after, parse_position
from bandmate_bridge.rpp.project import Project
from bandmate_bridge.rpp.read_midi import PlayedNote
from bandmate_bridge.rpp.ruler import time_text
from bandmate_bridge.rpp.settings import FrameSpan, ProjectRate
from bandmate_bridge.rpp.tempo_envelope import EnvelopePoint, TempoEnvelope
from bandmate_bridge.rpp.tracks import Track, find_track
from bandmate_bridge.rpp.write_parts import cut_times

__all__ = [
    "EnvelopePoint",
    "FrameGrid",
    "FrameSpan",
    "Item",
    "ItemMap",
    "ItemPlace",
    "Marker",
    "NewMidi",
    "NewPart",
    "NewStem",
    "NewTake",
    "NewText",
    "OpenProject",
    "OpenTrack",
    "PlayableItem",
    "PlayedNote",
    "Project",
    "ProjectRate",
    "SaveTarget",
    "Take",
    "TakeSource",
    "TempoEnvelope",
    "Track",
    "check_splittable",
    "cut_times",
    "end_after",
    "find_save_target",
    "find_track",
    "item_bar_text",
    "loop_passes",
    "map_item",
    "media_folder",
    "media_path",
    "new_project",
    "open_project_id",
    "overlapping_items",
    "parse_position",
    "playback_remarks",
    "reaper_is_running",
    "resolve_item",
    "time_text",
]
