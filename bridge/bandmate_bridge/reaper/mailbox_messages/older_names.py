"""Names that fields had in version 1 of the mailbox.

Scripts of that version may run in a REAPER that was open while Bandmate was updated, and what they noted in
projects and in REAPER's settings comes back in messages. So old names are always read, and written for scripts
that know no others.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec
from msgspec import inspect

from bandmate_bridge.reaper.mailbox_messages.job_results import FilesGrown, JobMoved, MarkFact, StemPlace
from bandmate_bridge.reaper.mailbox_messages.model_pulls import PullMoved
from bandmate_bridge.reaper.mailbox_messages.project_facts import (
    ProjectFact,
    ReaperFacts,
    SpotFact,
    TrackFact,
)
from bandmate_bridge.reaper.mailbox_messages.task_requests import AttachJob, FileSending, RedoJob

OLDER_NAMES: Final[dict[type[msgspec.Struct], dict[str, str]]] = {
    ProjectFact: {"sample_rate": "rate", "time_offset_seconds": "time_offset"},
    ReaperFacts: {
        "selection_seconds": "selection",
        "cursor_seconds": "cursor",
        "position_seconds": "position",
    },
    TrackFact: {"razor_seconds": "razor"},
    SpotFact: {"position_seconds": "position", "length_seconds": "length", "phase_seconds": "phase"},
    AttachJob: {"sample_rate": "rate"},
    RedoJob: {"sample_rate": "rate"},
    FileSending: {"done_bytes": "done", "total_bytes": "total"},
    JobMoved: {"seconds_left": "left", "reached_seconds": "at"},
    FilesGrown: {"filled_frames": "frames", "reached_seconds": "at"},
    StemPlace: {
        "position_seconds": "position",
        "length_seconds": "length",
        "offset_seconds": "offset",
        "begin_seconds": "begin",
        "end_seconds": "end",
    },
    MarkFact: {"start_seconds": "start", "end_seconds": "end"},
    PullMoved: {"seconds_left": "left"},
}
"""Of each Struct: today's name of a field, and its older one."""


def with_current_names(values: Any, kind: type[msgspec.Struct]) -> Any:
    """The plain values of a message with today's names, whichever of both they have."""
    return _rename_fields(values, _type_info(kind), to_older=False)


def with_older_names(values: Any, kind: type[msgspec.Struct]) -> Any:
    """The plain values of a message as version 1 names them."""
    return _rename_fields(values, _type_info(kind), to_older=True)


@cache
def _type_info(kind: type[msgspec.Struct]) -> inspect.Type:
    return inspect.type_info(kind)


def _rename_fields(value: Any, info: inspect.Type, *, to_older: bool) -> Any:
    match info:
        case inspect.Metadata():
            return _rename_fields(value, info.type, to_older=to_older)
        case inspect.UnionType() if value is not None:
            part = next((kind for kind in info.types if isinstance(kind, inspect.StructType)), None)
            return value if part is None else _rename_fields(value, part, to_older=to_older)
        case inspect.VarTupleType() if isinstance(value, list | tuple) and _has_parts(info.item_type):
            return [_rename_fields(each, info.item_type, to_older=to_older) for each in value]
        case inspect.StructType() if isinstance(value, dict):
            return _rename_struct(value, info, to_older=to_older)
    return value


def _has_parts(info: inspect.Type) -> bool:
    return isinstance(info.type if isinstance(info, inspect.Metadata) else info, inspect.StructType)


def _rename_struct(values: dict[str, Any], info: inspect.StructType, *, to_older: bool) -> dict[str, Any]:
    names = OLDER_NAMES.get(info.cls, {})
    found = values if to_older else _renamed_keys(values, {older: name for name, older in names.items()})
    found = found | {
        field.encode_name: _rename_fields(found[field.encode_name], field.type, to_older=to_older)
        for field in info.fields
        if field.encode_name in found
    }
    return _renamed_keys(found, names) if to_older else found


def _renamed_keys(values: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """A value that has both names keeps the new one."""
    renamed = {names[name]: value for name, value in values.items() if name in names}
    return renamed | {name: value for name, value in values.items() if name not in names}
