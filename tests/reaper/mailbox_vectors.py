"""The golden messages in bridge/reaper_mailbox/vectors. `python -m tests.reaper.mailbox_vectors` writes them.

A file for each kind and direction holds a list of messages: first one with every field, then, where anything may be
left out, one with only what is required.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import msgspec

from bandmate_bridge.reaper.mailbox_messages import AgentMessage, MailboxMessage, ScriptMessage, kind_of
from tests.reaper.mailbox_samples import AGENT_SAMPLES, SCRIPT_SAMPLES

FOLDER = Path(__file__).parents[2] / "bridge" / "reaper_mailbox" / "vectors"

DIRECTIONS: dict[str, tuple[tuple[type[MailboxMessage], ...], tuple[MailboxMessage, ...]]] = {
    "to-agent": (get_args(ScriptMessage), SCRIPT_SAMPLES),
    "to-reaper": (get_args(AgentMessage), AGENT_SAMPLES),
}
"""The kinds of each direction, and their samples."""


def vector_files() -> dict[str, list[dict[str, Any]]]:
    """The messages of each file, by its path in the folder."""
    files: dict[str, list[dict[str, Any]]] = {}
    for direction, (_, samples) in DIRECTIONS.items():
        for sample in samples:
            messages = files.setdefault(f"{direction}/{kind_of(type(sample))}.json", [])
            messages.append(without_defaults(sample) if messages else plain_values(sample))
    return files


def plain_values(sample: MailboxMessage) -> dict[str, Any]:
    """A message as it is read from JSON."""
    values: dict[str, Any] = json.loads(msgspec.json.encode(sample))
    return values


def without_defaults(sample: MailboxMessage) -> dict[str, Any]:
    """The fields of a message, of its parts too, that differ from their defaults."""
    values = plain_values(sample)
    return {"type": values["type"]} | _said_fields(sample, values)


def _said_fields(part: msgspec.Struct, values: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for field in msgspec.structs.fields(part):
        value = getattr(part, field.name)
        if not field.required and value in (field.default, ()):
            continue
        if field.default_factory is not msgspec.NODEFAULT and value == field.default_factory():
            continue
        inner = values[field.name]
        said[field.name] = _said_fields(value, inner) if isinstance(value, msgspec.Struct) else inner
    return said


_FREE_MAPS = ("params", "files", "filled_frames")


def with_newer_keys(value: Any) -> Any:
    """The same with one more key in every object that is not a map of free names."""
    if isinstance(value, list):
        return [with_newer_keys(each) for each in value]
    if not isinstance(value, dict):
        return value
    fields = {key: inner if key in _FREE_MAPS else with_newer_keys(inner) for key, inner in value.items()}
    return fields | {"newer": [1]}


def main() -> None:
    """Writes every file, and removes those of kinds that are no more."""
    files = vector_files()
    for path in FOLDER.rglob("*.json"):
        if path.relative_to(FOLDER).as_posix() not in files:
            path.unlink()
    for name, messages in files.items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(messages, indent=1, ensure_ascii=False) + "\n"
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
