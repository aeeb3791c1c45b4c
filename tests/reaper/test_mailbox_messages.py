"""The golden messages of the mailbox, both ways; and what is no message of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from msgspec import inspect

from bandmate_bridge.reaper.mailbox_messages import MailboxMessage, ScriptMessage, kind_of
from bandmate_bridge.reaper.mailbox_messages.read_messages import message_values, read_script_message
from bandmate_bridge.reaper.mailbox_reference.__main__ import generated_files
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.protocol.field_paths import expected_paths, value_paths
from tests.reaper.mailbox_vectors import DIRECTIONS, FOLDER, vector_files, with_newer_keys

ROOT = Path(__file__).parents[2]
KINDS = [(direction, kind) for direction, (kinds, _) in DIRECTIONS.items() for kind in kinds]
SAMPLES = [(direction, sample) for direction, (_, samples) in DIRECTIONS.items() for sample in samples]
SCHEMA = json.loads((ROOT / "bridge" / "reaper_mailbox" / "schema.json").read_text(encoding="utf-8"))


def name_of(value: Any) -> str | None:
    return value if isinstance(value, str) else kind_of(value) if isinstance(value, type) else None


def vectors(direction: str, kind: type[MailboxMessage]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        (FOLDER / direction / f"{kind_of(kind)}.json").read_text("utf-8")
    )
    return found


def fits_schema(direction: str, values: Any) -> bool:
    schema = {"$ref": f"#/$defs/{direction.replace('-', '_')}", "$defs": SCHEMA["$defs"]}
    return jsonschema.Draft202012Validator(schema).is_valid(values)


@pytest.mark.parametrize("path", generated_files())
def test_what_is_generated_is_current(path: str) -> None:
    written = (ROOT / path).read_text(encoding="utf-8")
    assert written == generated_files()[path], "python -m bandmate_bridge.reaper.mailbox_reference writes it"


def test_every_kind_has_its_vectors_and_they_are_current() -> None:
    there = {
        path.relative_to(FOLDER).as_posix(): json.loads(path.read_text(encoding="utf-8"))
        for path in FOLDER.rglob("*")
        if path.is_file()
    }
    assert there == vector_files(), "python -m tests.reaper.mailbox_vectors writes them"
    assert sorted(there) == sorted(f"{direction}/{kind_of(kind)}.json" for direction, kind in KINDS)


@pytest.mark.parametrize(("direction", "kind"), KINDS, ids=name_of)
def test_the_first_vector_has_every_field_and_the_last_what_is_required(
    direction: str, kind: type[MailboxMessage]
) -> None:
    found = vectors(direction, kind)
    assert (
        expected_paths(inspect.type_info(kind)) - set().union(*map(value_paths, found[:-1] or found)) == set()
    )
    required = {field.name for field in msgspec.structs.fields(kind) if field.required}
    spare = {"id", "ask"} if kind_of(kind) == "cancel" else set()
    assert set(found[-1]) == {"type"} | required | spare


@pytest.mark.parametrize(("direction", "kind"), KINDS, ids=name_of)
def test_a_vector_is_read_written_and_fits_the_schema(direction: str, kind: type[MailboxMessage]) -> None:
    samples = [sample for way, sample in SAMPLES if way == direction and type(sample) is kind]
    for values, sample in zip(vectors(direction, kind), samples, strict=True):
        assert msgspec.convert(values, kind) == sample
        assert fits_schema(direction, values)
        written = json.loads(msgspec.json.encode(message_values(sample, 2)))
        assert written.items() >= values.items() if "facts" not in values else set(written) >= set(values)
        assert fits_schema(direction, written)
        assert msgspec.convert(written, kind) == sample
    assert fits_schema(direction, values | {"type": "nothing"}) is False


@pytest.mark.parametrize("kind", DIRECTIONS["to-agent"][0], ids=name_of)
def test_what_newer_scripts_add_is_skipped_at_every_level(kind: type[ScriptMessage]) -> None:
    [values, *_] = vectors("to-agent", kind)
    assert read_script_message(with_newer_keys(values)) == read_script_message(values)


@pytest.mark.parametrize(
    "values", [{"type": "sing", "id": "7"}, {"id": "7"}, {"type": ["run"]}, {"type": None}]
)
def test_an_unknown_kind_is_refused_with_a_sentence(values: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as caught:
        read_script_message(values)
    assert caught.value.code == ErrorCode.UNKNOWN_TYPE
    assert f"`{values.get('type')}`" in caught.value.sentence
    assert "bandmate install reaper" in (caught.value.remedy or "")


WRONG = [
    ({"bars": "eight"}, "Expected `float`, got `str` - at `$.bars`"),
    ({"midi": "yes"}, "Expected `bool`, got `str` - at `$.midi`"),
    ({"takes": 1}, "Expected `bool`, got `int` - at `$.takes`"),
    ({"seed": 1.5}, "Expected `int | null`, got `float` - at `$.seed`"),
    ({"seed": -1}, "Expected `int` >= 0 - at `$.seed`"),
    ({"id": "x" * 257}, "Expected `str` of length <= 256 - at `$.id`"),
    ({"facts": {}}, "Object missing required field `project` - at `$.facts`"),
    ({"facts": {"project": {"id": "p", "sample_rate": 0}}}, "- at `$.facts.project.sample_rate`"),
    ({"facts": {"project": {"id": "p"}, "selection_seconds": [1.0]}}, "- at `$.facts.selection_seconds`"),
    ({"where": {"bars": "8"}}, "Expected `float | null`, got `str` - at `$.where.bars`"),
    ({"task": None}, "Expected `str`, got `null` - at `$.task`"),
]


@pytest.mark.parametrize(("change", "problem"), WRONG, ids=lambda value: None)
def test_what_does_not_fit_is_refused_by_name(change: dict[str, Any], problem: str) -> None:
    values = json.loads((FOLDER / "to-agent" / "run.json").read_text(encoding="utf-8"))[-1]
    assert fits_schema("to-agent", values)
    assert not fits_schema("to-agent", values | change)
    with pytest.raises(RequestError) as caught:
        read_script_message(values | change)
    assert caught.value.code == ErrorCode.BAD_MESSAGE
    assert caught.value.sentence.startswith("REAPER's scripts sent a message `run` that Bandmate cannot read")
    assert problem in caught.value.sentence


def test_every_message_part_and_field_is_on_the_page() -> None:
    page = (ROOT / "docs" / "reaper-mailbox.md").read_text(encoding="utf-8")
    to_agent, to_reaper = page.split("## From the agent to the scripts")
    for direction, kind in KINDS:
        half = to_agent if direction == "to-agent" else to_reaper
        section = half.split(f"### `{kind_of(kind)}`\n")[1].split("\n### ")[0]
        for name in kind.__struct_fields__:
            assert f"| `{name}` |" in section, (kind, name)
