"""Where a job's result belongs, as the client keeps it with the job.

The server keeps a map of texts for the client and never reads it (`Submit.origin`). These Structs are what the map
says. Jobs of earlier versions have `yes` and `no` where the map has `true` and `false` now; both are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

import msgspec
from msgspec import inspect

from bandmate_bridge.rpp import ItemPlace
from bandmate_protocol.messages import JobSummary


class _Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="to"):
    """What every origin has: ``to`` names its kind."""


class _FilesOrigin(_Origin, frozen=True, kw_only=True):
    output: str
    """The path that was asked for, as `path_text` writes it."""
    midi: bool = False
    """The notes were wanted too."""
    format: str | None = None
    """The container, where it is no WAV of floats."""
    bits: int | None = None
    """Of each sample, with ``format``."""
    number: int | None = None
    """Which of several variations; its file has the number in its name."""


class FileOrigin(_FilesOrigin, frozen=True, kw_only=True, tag="file"):
    """One file with the mix."""


class FolderOrigin(_FilesOrigin, frozen=True, kw_only=True, tag="folder"):
    """A folder with a file for each stem."""


class PatchOrigin(_Origin, frozen=True, kw_only=True, tag="patch"):
    """A file with ranges of another one replaced."""

    output: str
    """The path of the new file, as `path_text` writes it."""
    source: str = ""
    """The path of the file that it is made from."""


class ProjectOrigin(_Origin, frozen=True, kw_only=True, tag="project"):
    """Tracks of a project file."""

    project: str
    """The project's path, as `path_text` writes it."""
    title: str = ""
    """Names the folder track and the audio files."""
    track: str = ""
    """An existing track that takes the mix; empty for new tracks."""
    flat: bool = False
    """No folder track around several new ones."""
    midi: bool = False
    """The notes were wanted too."""
    below: str = ""
    """The track that new ones come below; empty for the project's end."""
    mixed: bool = False
    """One track with the mix of all parts."""
    like: tuple[ItemPlace, ...] = ()
    """The item that the result stands for, if there is one."""
    mute: tuple[ItemPlace, ...] = ()
    """Items that the result stands for, and that are muted."""
    new: bool = False
    """The project is made for the result."""
    number: int | None = None
    """Which of several variations."""


class ItemOrigin(_Origin, frozen=True, kw_only=True, tag="item"):
    """Takes of an item of a project file."""

    project: str
    """The project's path, as `path_text` writes it."""
    title: str
    mixed: bool = False
    item: str
    """The item's id; empty where it has none of its own."""
    position: float
    """Where the item was, in seconds."""
    length: float
    """In seconds."""
    phase: float
    """Of the job's frames, in seconds; see `FrameGrid`."""
    on: str = ""
    """The id of its track."""
    on_name: str = ""
    on_number: int = 0
    index: int = 0
    """Its place among the items of the track."""


class ReaperOrigin(_Origin, frozen=True, kw_only=True, tag="reaper"):
    """A project that is open in REAPER; the scripts know the place."""

    ask: str = ""
    """The id of the request."""
    index: int = 0
    """Which of its jobs."""
    title: str = ""


class HelperOrigin(_Origin, frozen=True, kw_only=True, tag="helper"):
    """Nowhere: the job only served another one."""

    purpose: str = msgspec.field(name="for", default="")
    """What it was for, such as `tempo`."""


JobOrigin = FileOrigin | FolderOrigin | PatchOrigin | ProjectOrigin | ItemOrigin | ReaperOrigin | HelperOrigin

_KINDS: Final[dict[str, type[JobOrigin]]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(JobOrigin)
}
_FLAGS: Final = {"yes": True, "no": False, "true": True, "false": False}


def origin_values(origin: JobOrigin) -> dict[str, str]:
    """An origin as the map that goes with a job; what is not text is written as JSON."""
    values: dict[str, Any] = msgspec.to_builtins(origin)
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in values.items()
    }


def origin_of(job: JobSummary) -> JobOrigin | None:
    """Where the result of a job belongs; None where another program's job does not say, or says it wrongly."""
    return read_origin(job.origin)


def read_origin(values: Mapping[str, str]) -> JobOrigin | None:
    """From what `origin_values` gave, of this or an earlier version; None for anything else."""
    kind = _KINDS.get(values.get("to", "helper" if "for" in values else ""))
    if kind is None:
        return None
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    try:
        fields = {
            field.encode_name: _read_value(values[field.encode_name], field.type)
            for field in info.fields
            if field.encode_name in values
        }
        return msgspec.convert(fields | {"to": info.tag}, kind)
    except msgspec.MsgspecError:
        return None


def _read_value(text: str, kind: inspect.Type) -> Any:
    """One value of the map. Raises MsgspecError for text that is no JSON where it should be."""
    if isinstance(kind, inspect.UnionType):
        [kind] = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
    match kind:
        case inspect.StrType():
            return text
        case inspect.BoolType():
            return _FLAGS.get(text, False)
        case inspect.VarTupleType() if not text:
            return ()
    return msgspec.json.decode(text)
