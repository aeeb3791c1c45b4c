"""Which knob, pad or fader of a controller stands for which control: a TOML file, checked as it is read."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from mido import Message
from msgspec import Meta

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.names import system_name
from bandmate_server.surfaces.midi.strips import strip_ids

EntryKind = Literal["cc", "cc14", "note", "program", "pitch"]
EntryMode = Literal["absolute", "pickup", "twos", "offset", "sign"]
FeedbackKind = Literal["none", "value", "ring", "led"]
DisplayKind = Literal["", "mackie"]
SevenBits = Annotated[int, Meta(ge=0, le=127)]

ANY_SLOT = "slot/*/fire"
"""Program changes without a number: program 0 fires slot 1, and so on."""
_HEADER = re.compile(r"\s*(\[\[\s*control\s*\]\]|\{)")
"""An entry begins with a line of its own, or is one in braces."""
_STRIPS = strip_ids()
_ERROR_PATH = re.compile(r" - at `\$\.?(\w*)")


class MapEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One control of a controller."""

    id: str
    """Of a parameter or trigger, such as `cover/strength` or `task/generate`, or a display to show only."""
    kind: EntryKind
    channel: Annotated[int, Meta(ge=1, le=16)] = 1
    number: SevenBits | None = None
    """Of the controller, note or program; of a 14-bit controller that of its upper half."""
    mode: EntryMode = "absolute"
    feedback: FeedbackKind = "none"
    feedback_number: SevenBits | None = None
    """Where feedback goes when it is not `number`; a ring without it is that of a Mackie Control."""
    touch: SevenBits | None = None
    """The note on channel 1 by which a fader says that a finger is on it."""
    shows: str = ""
    """Another control, such as `job/progress`, whose value comes back instead."""
    running: str = ""
    """The same, but only while a job runs."""
    step: Annotated[float, Meta(gt=0, le=1)] = 0.01
    """What one tick of a relative knob moves, of the whole way."""
    lit: SevenBits = 127
    """The velocity that lights a LED; some controllers take it for a colour."""
    line: int = 0


PortPattern = Annotated[str, Meta(min_length=1)]


class _MapFile(msgspec.Struct, forbid_unknown_fields=True):
    port: PortPattern | Annotated[list[PortPattern], Meta(min_length=1)]
    output: str = ""
    name: str = ""
    display: DisplayKind = ""
    on_open: list[str] = []
    on_close: list[str] = []
    control: list[dict[str, Any]] = []


class MidiMap(msgspec.Struct, frozen=True):
    """A file's content."""

    path: Path
    name: str
    ports: tuple[str, ...]
    """Patterns such as `*X-TOUCH MINI*`; case does not count."""
    entries: tuple[MapEntry, ...]
    output: str = ""
    """A pattern of the port for feedback; empty for the one that is called like the other."""
    display: DisplayKind = ""
    """Two rows of text, as a Mackie Control has them; empty for none."""
    on_open: tuple[bytes, ...] = ()
    """Messages that put the controller into the mode that the map is for."""
    on_close: tuple[bytes, ...] = ()

    def match_score(self, port: str) -> int:
        """How closely it is meant for the controller on a port of that name; 0 when it is not.

        A map that was learned for one of two also serves, if there is no other, when only one is plugged in.
        """
        names = (port.lower(), system_name(port).lower())
        found = (each for each in self.ports if any(fnmatchcase(name, each.lower()) for name in names))
        closely = max(map(len, found), default=0)
        alone = any(each != system_name(each) and fnmatchcase(port, system_name(each)) for each in self.ports)
        return closely or int(alone)


def read_map(path: Path, model: ControlModel, *, skips_unknown: bool = False) -> MidiMap:
    """Reads a file; may leave out entries for controls that there are not here, such as a plugin's.

    Raises RequestError (`bad_params`) that names the file and the line of the mistake.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise _map_error(path, None, str(error)) from error
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        ended = len(text.splitlines()) if "end of document" in str(error) else None
        raise _map_error(path, ended, str(error)) from error
    lines = text.splitlines()
    try:
        head = msgspec.convert(content, _MapFile)
    except msgspec.ValidationError as error:
        key = _error_key(error)
        raise _map_error(path, _line_number(lines, 0, key), str(error)) from error
    starts = [number for number, line in enumerate(lines, 1) if _HEADER.match(line)]
    # Written as an inline array, entries have no lines of their own.
    starts = starts if len(starts) == len(head.control) else [1] * len(head.control)
    pairs = list(zip(head.control, starts, strict=True))
    if skips_unknown:
        pairs = [(form, start) for form, start in pairs if _is_known(form.get("id", ""), model)]
    entries = tuple(_parse_entry(path, lines, form, start, model) for form, start in pairs)
    ports = (head.port,) if isinstance(head.port, str) else tuple(head.port)
    opened = _parse_messages(path, lines, "on_open", head.on_open)
    closed = _parse_messages(path, lines, "on_close", head.on_close)
    return MidiMap(path, head.name or path.stem, ports, entries, head.output, head.display, opened, closed)


def _parse_messages(path: Path, lines: list[str], key: str, written: list[str]) -> tuple[bytes, ...]:
    """MIDI messages, each written as bytes in hexadecimal."""
    found = []
    for text in written:
        try:
            found.append(bytes(Message.from_bytes(bytes.fromhex(text)).bin()))
        except ValueError as error:
            line = _line_number(lines, 0, key)
            raise _map_error(
                path, line, f"{text} is not a MIDI message in hexadecimal bytes: {error}."
            ) from error
    return tuple(found)


def _parse_entry(
    path: Path, lines: list[str], form: dict[str, Any], start: int, model: ControlModel
) -> MapEntry:
    try:
        entry = msgspec.convert({**form, "line": start}, MapEntry)
    except msgspec.ValidationError as error:
        raise _map_error(path, _line_number(lines, start, _error_key(error)), str(error)) from error
    wrong = _entry_fault(entry, model)
    if wrong is not None:
        key, sentence = wrong
        raise _map_error(path, _line_number(lines, start, key), sentence)
    return entry


def _is_known(control: str, model: ControlModel) -> bool:
    ours = model.parameters.keys() | model.triggers.keys() | model.displays.keys()
    return control in ours or control in _STRIPS or control == ANY_SLOT


def _entry_fault(entry: MapEntry, model: ControlModel) -> tuple[str, str] | None:
    """The key that makes no sense, and why."""
    parameter = model.parameters.get(entry.id)
    if not _is_known(entry.id, model):
        return "id", f"There is no control {entry.id}; `bandmate midi controls` lists them."
    if parameter is not None and parameter.kind == "text":
        return "id", f"{entry.id} is text, which a knob cannot set."
    if (entry.id == ANY_SLOT) != (entry.kind == "program" and entry.number is None):
        return "id", f"Only {ANY_SLOT} uses program changes without a number, and it uses nothing else."
    if entry.kind in ("cc", "cc14", "note") and entry.number is None:
        return "kind", f"A {entry.kind} needs its number."
    if entry.kind == "cc14" and (entry.number or 0) > 31:
        return "number", "The upper half of a 14-bit controller must be 0 to 31."
    if entry.touch is not None and entry.kind not in ("pitch", "cc", "cc14"):
        return "touch", "Only a fader can have a touch."
    if entry.kind != "cc" and entry.mode in ("twos", "offset", "sign"):
        return "mode", "Only a cc can be relative."
    return _feedback_fault(entry, model)


def _feedback_fault(entry: MapEntry, model: ControlModel) -> tuple[str, str] | None:
    for key, shown in (("shows", entry.shows), ("running", entry.running)):
        if shown and shown not in model.parameters and shown not in model.displays:
            return key, f"There is nothing to show under {shown}."
    if entry.id in model.displays and entry.feedback == "none":
        return "id", f"{entry.id} can only be shown, so it needs a feedback."
    return None


def _error_key(error: msgspec.ValidationError) -> str:
    found = _ERROR_PATH.search(str(error)) or re.search(r"unknown field `(\w+)`", str(error))
    return found.group(1) if found else ""


def _line_number(lines: list[str], start: int, key: str) -> int:
    """The line on which a key of the table that starts on line `start` stands; that start without it."""
    for number, line in enumerate(lines[start:], start + 1):
        if line.lstrip().startswith("["):
            break
        if key and line.split("=")[0].strip() == key:
            return number
    return max(start, 1)


def _map_error(path: Path, line: int | None, sentence: str) -> RequestError:
    where = str(path) if line is None else f"{path}, line {line}"
    return RequestError(
        ErrorCode.BAD_PARAMS,
        say("{where}: {sentence}", where=where, sentence=sentence),
        "Correct that line; docs/control.md describes the format.",
    )
