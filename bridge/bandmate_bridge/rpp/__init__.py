"""REAPER project files: read, extended and written without touching any other line.

`Project.load("song.rpp")`, `project.range("9.1", bars=8)`, `project.insert_stems(...)`, `project.save()`.
"""

from bandmate_bridge.rpp.insertions import NewMidi, NewPart, NewStem, NewTake
from bandmate_bridge.rpp.item_map import Grid, Laid, laps, lay
from bandmate_bridge.rpp.item_place import ItemPlace, places_text, read_places
from bandmate_bridge.rpp.items import Item, Source, Take
from bandmate_bridge.rpp.markers import Marker
from bandmate_bridge.rpp.media_files import media_folder
from bandmate_bridge.rpp.media_files import reserve as media_path
from bandmate_bridge.rpp.new_project import new_project
from bandmate_bridge.rpp.open_elsewhere import Target, open_id, reaper_is_running, target_for
from bandmate_bridge.rpp.playable_item import (
    Heard,
    check_splits,
    hear,
    hearing_remarks,
    overlapping,
    place_of,
)
from bandmate_bridge.rpp.positions import end_after, parse_position
from bandmate_bridge.rpp.project import Project
from bandmate_bridge.rpp.read_midi import PlayedNote
from bandmate_bridge.rpp.ruler import time_text
from bandmate_bridge.rpp.settings import Rate, Span
from bandmate_bridge.rpp.tracks import Track, find_track
from bandmate_bridge.rpp.write_parts import cuts_of

__all__ = [
    "Grid",
    "Heard",
    "Item",
    "ItemPlace",
    "Laid",
    "Marker",
    "NewMidi",
    "NewPart",
    "NewStem",
    "NewTake",
    "PlayedNote",
    "Project",
    "Rate",
    "Source",
    "Span",
    "Take",
    "Target",
    "Track",
    "check_splits",
    "cuts_of",
    "end_after",
    "find_track",
    "hear",
    "hearing_remarks",
    "laps",
    "lay",
    "media_folder",
    "media_path",
    "new_project",
    "open_id",
    "overlapping",
    "parse_position",
    "place_of",
    "places_text",
    "read_places",
    "reaper_is_running",
    "target_for",
    "time_text",
]
