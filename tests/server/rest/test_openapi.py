"""The OpenAPI document is the one that the code would write now, and says what the server does."""

from __future__ import annotations

import json
from pathlib import Path

from bandmate_server.rest.openapi import document_bytes
from bandmate_server.rest.table import OPERATIONS

FILE = Path(__file__).parents[3] / "protocol" / "openapi.json"


def test_the_document_is_current():
    assert FILE.read_bytes() == document_bytes(), "python -m bandmate_server.rest writes it"


def test_it_is_served_to_everybody(rest):
    answer = rest("GET", "/openapi.json", headers={"Authorization": ""})
    assert (answer.status, answer.data) == (200, document_bytes())


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does():
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    document = json.loads(document_bytes())
    for path, methods in document["paths"].items():
        for method, item in methods.items():
            assert len(item["summary"]) > 10, (method, path)
            for parameter in item.get("parameters", ()):
                assert parameter["schema"], (path, parameter)


def test_every_reference_leads_somewhere():
    text = document_bytes().decode()
    document = json.loads(text)
    schemas = document["components"]["schemas"]
    found = set()

    def walk(value):
        if isinstance(value, dict):
            if "$ref" in value:
                found.add(value["$ref"])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(document)
    assert len(found) > 15
    assert {each.removeprefix("#/components/schemas/") for each in found} <= schemas.keys()
    assert "request" not in schemas["Accepted"]["properties"]
    assert schemas["SubmitBody"]["additionalProperties"] is False
