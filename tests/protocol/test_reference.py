"""PROTOCOL.md and schema.json are those that the code would write now, and hold what a reader looks for."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.messages import type_of
from bandmate_protocol.reference import protocol_document, protocol_schema
from tests.protocol.strategies import ALL_STRUCTS, ALL_TYPES

FOLDER = Path(__file__).parents[2] / "protocol"
REMEDY = "python -m bandmate_protocol.reference writes it anew"


def page() -> str:
    return (FOLDER / "PROTOCOL.md").read_text(encoding="utf-8")


def test_the_page_is_current() -> None:
    assert page() == protocol_document(), REMEDY


def test_the_schema_is_current() -> None:
    assert json.loads((FOLDER / "schema.json").read_text(encoding="utf-8")) == protocol_schema(), REMEDY


def test_every_message_part_and_field_is_on_the_page() -> None:
    sections = dict(re.findall(r"^#### `?(\w+)`?\n(.*?)(?=^##|\Z)", page(), re.MULTILINE | re.DOTALL))
    names = [type_of(kind) if kind in ALL_TYPES else kind.__name__ for kind in ALL_STRUCTS]
    assert sorted(sections) == sorted(names)
    for kind, name in zip(ALL_STRUCTS, names, strict=True):
        rows = re.findall(r"^\| `(\w+)` \|", sections[name], re.MULTILINE)
        assert rows == list(kind.__struct_fields__)


def test_every_code_has_its_meaning() -> None:
    for code in ErrorCode:
        assert re.search(rf"^\| `{code}` \| .{{10,}} \|$", page(), re.MULTILINE), code


def test_every_link_leads_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", page(), re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}
    targets = re.findall(r"\]\(#([^)]+)\)", page())
    assert len(targets) > 40
    assert set(targets) <= anchors


def test_every_number_has_its_bounds_and_every_table_its_columns() -> None:
    for line in page().splitlines():
        cells = line.split(" | ")
        if line.startswith("| `") and len(cells) == 6 and cells[1].startswith(("integer", "number")):
            assert " to " in cells[2], line
