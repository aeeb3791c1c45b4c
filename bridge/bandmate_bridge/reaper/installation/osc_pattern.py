"""Bandmate.ReaperOSC: the file by which REAPER's own OSC surfaces run Bandmate's actions.

REAPER runs an action when a surface sends `/action/` and its id. The addresses of actions cannot be named
otherwise, so the file says which id is which, and leaves out what would flood a button box with feedback. The
rules are those in the comments of REAPER's Default.ReaperOSC.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bandmate_bridge.file_errors import file_errors
from bandmate_bridge.files import write_whole
from bandmate_bridge.reaper.actions import read_actions

FOLDER = "OSC"
"""In REAPER's resource folder."""
NAME = "Bandmate.ReaperOSC"

_HEAD = """\
# Bandmate: run its actions from one of REAPER's OSC surfaces.
#
# In REAPER: Options > Preferences > Control/OSC/web > Add > OSC, and choose Bandmate as the pattern config.
# A surface then sends one of these addresses, without an argument or with a 1, and REAPER runs the action.
# For a surface that also sets parameters and shows progress, use `bandmate serve --osc`.
#
"""

_PATTERNS = """
# Tracks, sends and effects are not sent back, because a button box does not use them.
DEVICE_TRACK_COUNT 0
DEVICE_SEND_COUNT 0
DEVICE_RECEIVE_COUNT 0
DEVICE_FX_COUNT 0
DEVICE_FX_PARAM_COUNT 0
DEVICE_FX_INST_PARAM_COUNT 0
DEVICE_MARKER_COUNT 0
DEVICE_REGION_COUNT 0

REAPER_TRACK_FOLLOWS REAPER
DEVICE_TRACK_FOLLOWS LAST_TOUCHED
DEVICE_TRACK_BANK_FOLLOWS DEVICE
DEVICE_FX_FOLLOWS DEVICE
DEVICE_EQ EXISTING
DEVICE_ROTARY_CENTER 0

ACTION i/action s/action/str t/action/@

RECORD t/record
STOP t/stop
PLAY t/play
REPEAT t/repeat
"""


def pattern_text(commands: Mapping[str, str]) -> str:
    """The file; `commands` has the ids that REAPER knows actions by where they differ from ours."""
    lines = [
        f"#   /action/_{commands.get(action.file, action.command_id)}   {action.title}\n"
        for action in read_actions()
    ]
    return _HEAD + "".join(lines) + _PATTERNS


def write_pattern(resource: Path, commands: Mapping[str, str]) -> Path:
    """Puts the file where REAPER looks for it. Raises RequestError (`file_unusable`, `disk_full`)."""
    path = resource / FOLDER / NAME
    with file_errors(path):
        path.parent.mkdir(exist_ok=True)
        write_whole(path, pattern_text(commands).encode(), replace=True)
    return path


def remove_pattern(resource: Path) -> bool:
    """Takes the file out again; whether it was there. Raises RequestError (`file_unusable`)."""
    path = resource / FOLDER / NAME
    with file_errors(path):
        found = path.exists()
        path.unlink(missing_ok=True)
    return found
