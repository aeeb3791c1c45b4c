"""The OpenAPI 3.1 document, generated from the table of operations and the Structs.

`python -m bandmate_server.rest` writes `protocol/openapi.json`, which a test compares.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from bandmate_protocol.messages import Message
from bandmate_protocol.reference.sources import one_paragraph
from bandmate_protocol.reference.struct_schema import schema_definitions, type_schema
from bandmate_protocol.version import __version__
from bandmate_server.rest.operation import OCTETS, Operation, StructType
from bandmate_server.rest.reading import HIDDEN_FIELDS, visible_fields
from bandmate_server.rest.table import OPERATIONS, TAGS
from bandmate_server.web.problem import PROBLEM_MEDIA_TYPE, Problem

_COMPONENTS = "#/components/schemas/"
_ABOUT = (
    "Bandmate's REST interface. Every request shows the server's token (`Authorization: Bearer TOKEN`), which lies in "
    "the file `token` of the settings folder. Fields at their default are left out of answers. Errors are problem "
    "details with a `code`, a `sentence` and a `remedy`."
)
_COMMON_PROBLEMS = (400, 401, 403, 408, 413, 415)
_TITLES = {
    200: "The answer.",
    201: "Accepted; `Location` has the address.",
    202: "It is under way.",
    204: "There is nothing more.",
    206: "The part that `Range` asks for.",
    416: "The range lies outside the file.",
}


def openapi_document() -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"/api/v1{operation.path}", {})[operation.method.lower()] = _operation_item(
            operation
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bandmate",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


@cache
def document_bytes() -> bytes:
    """The document as it is served and checked in."""
    return (json.dumps(openapi_document(), indent=1, ensure_ascii=False) + "\n").encode()


def _operation_item(operation: Operation) -> dict[str, Any]:
    text = one_paragraph(operation.handler.__doc__ or "")
    item: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": text.partition(". ")[0].rstrip("."),
        "description": text,
        "responses": _responses(operation),
    }
    if parameters := [*_path_parameters(operation), *_query_parameters(operation), *_headers(operation)]:
        item["parameters"] = parameters
    if operation.body:
        required = bool(_request_schema(operation.body, operation.path_types).get("required"))
        schema = {"$ref": _COMPONENTS + _request_name(operation)}
        item["requestBody"] = {"required": required, "content": {"application/json": {"schema": schema}}}
    elif operation.takes_octets:
        item["requestBody"] = {"required": True, "content": {OCTETS: {}}}
    return item


def _responses(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, answer in operation.answers.items():
        found[str(status)] = {"description": _TITLES[status]}
        if isinstance(answer, tuple):
            found[str(status)]["content"] = {media_type: {} for media_type in answer}
        elif answer is not None:
            schema = {"$ref": _COMPONENTS + answer.__name__}
            found[str(status)]["content"] = {"application/json": {"schema": schema}}
    problem = {"schema": {"$ref": f"{_COMPONENTS}Problem"}}
    not_found = (404,) if operation.path_types else ()
    for status in sorted({*_COMMON_PROBLEMS, 422, *not_found, *operation.problems}):
        found[str(status)] = {
            "description": "Why it was refused.",
            "content": {PROBLEM_MEDIA_TYPE: problem},
        }
    found["default"] = {"description": "Why it failed.", "content": {PROBLEM_MEDIA_TYPE: problem}}
    return found


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": type_schema(kind)}
        for name, kind in operation.path_types.items()
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = _definition(operation.query)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": schema["properties"][name].get("description", ""),
            "schema": _without_null(schema["properties"][name]),
        }
        for name in visible_fields(operation.query, {})
    ]


def _headers(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in operation.headers.items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query leaves out what the wire says with null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    plain = {key: value for key, value in schema.items() if key not in ("anyOf", "description")}
    if plain.get("default", 0) is None:
        del plain["default"]
    if len(kinds) == 1:
        return {**plain, **kinds[0]}
    return {**plain, "anyOf": kinds} if kinds else plain


def _schemas() -> dict[str, Any]:
    answers = [
        kind for operation in OPERATIONS for kind in operation.answers.values() if isinstance(kind, type)
    ]
    bodies = dict.fromkeys(operation.body for operation in OPERATIONS if operation.body)
    found = schema_definitions(bodies, _COMPONENTS)
    for kind in bodies:
        del found[kind.__name__]
    found |= schema_definitions(dict.fromkeys((*answers, Problem)), _COMPONENTS)
    for name, schema in found.items():
        _hide_fields(schema, {"request"} if name in _message_names(answers) else set())
    for operation in OPERATIONS:
        if operation.body:
            found[_request_name(operation)] = _request_schema(operation.body, operation.path_types)
    _open_maps(found)
    return dict(sorted(found.items()))


def _open_maps(value: Any) -> None:
    """Says of maps of any values what generators of clients do not take for granted: that they may have some."""
    if isinstance(value, list):
        for item in value:
            _open_maps(item)
    elif isinstance(value, dict):
        if value.get("type") == "object" and "properties" not in value:
            value.setdefault("additionalProperties", True)
        for item in value.values():
            _open_maps(item)


def _message_names(kinds: list[StructType]) -> set[str]:
    return {kind.__name__ for kind in kinds if issubclass(kind, Message)}


def _request_name(operation: Operation) -> str:
    assert operation.body is not None, "of an operation with a body"
    return f"{operation.body.__name__}Body"


def _request_schema(kind: StructType, path_types: Any) -> dict[str, Any]:
    schema = _definition(kind)
    hidden = {*path_types, *(HIDDEN_FIELDS if issubclass(kind, Message) else ())}
    _hide_fields(schema, hidden)
    return {**schema, "title": f"{kind.__name__}Body", "additionalProperties": False}


def _hide_fields(schema: dict[str, Any], names: set[str] | frozenset[str]) -> None:
    for name in names:
        schema.get("properties", {}).pop(name, None)
    if "required" in schema:
        schema["required"] = [name for name in schema["required"] if name not in names]


def _definition(kind: StructType) -> dict[str, Any]:
    found: dict[str, Any] = schema_definitions((kind,), _COMPONENTS)[kind.__name__]
    return found
