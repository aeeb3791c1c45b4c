"""From what a knob sends to its entry in a map."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.maps import EntryKind, EntryMode, MapEntry
from bandmate_server.surfaces.midi.names import bare_name
from bandmate_server.surfaces.midi.strips import is_strip, strip_ids

_MODES: tuple[tuple[EntryMode, frozenset[int]], ...] = (
    ("offset", frozenset(range(57, 72))),
    ("twos", frozenset([*range(1, 8), *range(121, 128)])),
    ("sign", frozenset([*range(1, 8), *range(65, 72)])),
)
_KINDS: dict[str, EntryKind] = {
    "control_change": "cc",
    "note_on": "note",
    "program_change": "program",
    "pitchwheel": "pitch",
}


def learn_entry(control: str, messages: Sequence[Any], is_parameter: bool) -> MapEntry | None:
    """What was moved; None when nothing came that can be learned."""
    useful = [each for each in messages if each.type in _KINDS]
    useful = [each for each in useful if each.type != "note_on" or each.velocity > 0]
    if not useful:
        return None
    first = useful[0]
    kind, channel = _KINDS[first.type], first.channel + 1
    same = [each for each in useful if each.type == first.type and each.channel == first.channel]
    if kind == "note":
        return MapEntry(control, kind, channel, first.note)
    if kind == "program":
        return MapEntry(control, kind, channel, first.program)
    mode: EntryMode = "pickup" if is_parameter else "absolute"
    if kind == "pitch":
        return MapEntry(control, kind, channel, None, mode)
    numbers = {each.control for each in same}
    pair = first.control % 32
    if numbers == {pair, pair + 32} and len(same) >= 4:
        return MapEntry(control, "cc14", channel, pair, mode)
    values = [each.value for each in same if each.control == first.control]
    return MapEntry(control, kind, channel, first.control, relative_mode(values) if is_parameter else mode)


def check_learnable(control: str, model: ControlModel) -> None:
    """Raises RequestError (`bad_params`) for what no knob can control."""
    if control in model.parameters or control in model.triggers or control in strip_ids():
        return
    raise RequestError(
        ErrorCode.BAD_PARAMS,
        say("There is no control {control}.", control=control),
        "`bandmate midi controls` lists them.",
    )


def learned_entry(control: str, messages: Sequence[Any], model: ControlModel) -> MapEntry:
    """As `learn_entry`. Raises RequestError (`input_missing`) when nothing came that can be learned."""
    entry = learn_entry(control, messages, control in model.parameters or is_strip(control))
    if entry is None:
        raise RequestError(
            ErrorCode.INPUT_MISSING, "No message arrived that can be learned.", "Try `--port`."
        )
    return entry


def relative_mode(values: Sequence[int]) -> EntryMode:
    """The encoding of a knob that was turned both ways; a knob with a position never sends a value twice.

    Turned one way only, small steps to the right are taken for two's complement, which is the most usual.
    """
    if any(before == after for before, after in pairwise(values)):
        for mode, possible in _MODES:
            if possible.issuperset(values):
                return mode
    return "pickup"


def describe_message(message: Any, entries: Sequence[MapEntry]) -> str:
    """What came, in the words of a map, and the ids of the entries that it belongs to."""
    kind: str = _KINDS.get("note_on" if message.type == "note_off" else message.type, "")
    if not kind:
        return " ".join(f"{byte:02X}" for byte in message.bytes())
    number = {"cc": "control", "note": "note", "program": "program"}.get(kind)
    found = None if number is None else getattr(message, number)
    value = {"cc": "value", "note": "velocity", "pitch": "pitch"}.get(kind)
    words = [kind, *([] if found is None else [f"number {found}"]), f"channel {message.channel + 1}"]
    if value is not None:
        words.append(f"{value} {0 if message.type == 'note_off' else getattr(message, value)}")
    ids = [each.id for each in entries if _matches_entry(each, kind, message.channel + 1, found)]
    return f"{', '.join(words)}{' -> ' if ids else ''}{', '.join(ids)}"


def _matches_entry(entry: MapEntry, kind: str, channel: int, number: int | None) -> bool:
    if kind == "note" and channel == 1 and entry.touch == number:
        return True
    if entry.channel != channel:
        return False
    if entry.kind == "cc14":
        return kind == "cc" and number is not None and entry.number == number % 32
    return entry.kind == kind and entry.number in (number, None)


def save_entry(folder: Path, port: str, entry: MapEntry, ports: Sequence[str] = ()) -> Path:
    """Adds an entry to the controller's file, which is begun when there is none. Raises OSError.

    ``ports`` are those of all controllers. Where another one has the same name, the file is for this one
    alone, and begins with what was learned for both.
    """
    name = _device_name(port)
    shared, path = _map_path(folder, name), _map_path(folder, name)
    lines = [f"name = {_toml_string(name)}", f"port = {_toml_string(_port_pattern(name))}"]
    if any(each != port and bare_name(each) == bare_name(port) for each in ports):
        path = _map_path(folder, port)
        lines = [
            f"name = {_toml_string(port)}",
            f"port = {_toml_string(_escape_glob(port))}",
            *_shared_lines(shared),
        ]
    folder.mkdir(parents=True, exist_ok=True)
    if path.exists():
        lines = []
    lines += ["", "[[control]]"]
    for field in msgspec.structs.fields(MapEntry):
        value = getattr(entry, field.name)
        if field.name != "line" and value is not None and (field.required or value != field.default):
            lines.append(f"{field.name} = {_toml_string(value) if isinstance(value, str) else value}")
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return path


def _device_name(port: str) -> str:
    """What a controller is called, whichever of several it is."""
    return bare_name(port.split(":")[0])


def _map_path(folder: Path, name: str) -> Path:
    return folder / f"{''.join(each if each.isalnum() else '-' for each in name.lower()).strip('-')}.toml"


def _shared_lines(shared: Path) -> list[str]:
    """The lines of a file without its name and its ports; none without a file, or where they take several."""
    try:
        lines = shared.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    heads = [line for line in lines if re.match(r"\s*(name|port)\s*=", line)]
    if any(line.count("[") != line.count("]") for line in heads):
        return []
    return [line for line in lines if line not in heads]


def _port_pattern(name: str) -> str:
    """Matches the name itself, whatever is in it, and what the system puts behind."""
    return _escape_glob(name) + "*"


def _escape_glob(name: str) -> str:
    return "".join(f"[{each}]" if each in "*?[" else each for each in name)


def _toml_string(text: object) -> str:
    # A TOML string is written as in JSON.
    return msgspec.json.encode(text).decode()
