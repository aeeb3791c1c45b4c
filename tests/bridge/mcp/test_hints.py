"""What tools say of themselves: annotations that are true, and schemas that an assistant can afford to read."""

from __future__ import annotations

import asyncio
import inspect
import json

import pytest
from mcp.types import Tool, ToolAnnotations

from bandmate_mcp.hints import READS
from bandmate_mcp.schemas import short_schema
from bandmate_mcp.server import build_server
from bandmate_mcp.strict_server import StrictServer

MOST_CHARACTERS = 26_000
"""Of all tools together, as JSON; some 6 500 tokens before the first call."""
READING = {"read_project", "project_in_focus", "list_tasks", "describe_task", "list_jobs", "get_job"}


def listed() -> list[Tool]:
    return asyncio.run(build_server().list_tools())


def test_a_tool_without_annotations_cannot_be_added() -> None:
    server = StrictServer("test")

    def hum() -> str:
        """Hum."""
        return "mm"

    with pytest.raises(TypeError, match="the tool hum needs annotations: read_only_hint, destructive_hint"):
        server.add_tool(hum)
    with pytest.raises(TypeError, match="whistle needs annotations: destructive_hint"):
        server.tool(
            name="whistle",
            annotations=ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=True),
        )(hum)
    server.add_tool(hum, annotations=READS)
    assert [tool.name for tool in asyncio.run(server.list_tools())] == ["hum"]


def test_only_tools_that_read_say_so_and_those_that_ask_first_say_what_they_may_destroy() -> None:
    hints = {tool.name: tool.annotations for tool in listed()}
    assert {name for name, each in hints.items() if each and each.read_only_hint} == READING
    asking = {
        tool.name: parameter
        for tool in build_server()._tool_manager.list_tools()
        for parameter in inspect.signature(tool.fn).parameters
        if parameter in ("overwrite", "consent")
    }
    assert len(asking) >= 10
    for name, parameter in asking.items():
        each = hints[name]
        assert each is not None
        # A download is asked for because of its licence and size.
        assert each.destructive_hint != (name == "pull_model"), (name, parameter)


def test_the_tools_stay_short_enough_to_be_read_before_the_first_call() -> None:
    said = [tool.model_dump(by_alias=True, exclude_none=True, mode="json") for tool in listed()]
    assert len(json.dumps(said, separators=(",", ":"))) < MOST_CHARACTERS
    for tool in said:
        assert tool["description"] == " ".join(tool["description"].split())
        assert tool["inputSchema"]["additionalProperties"] is False


def test_a_short_schema_keeps_all_that_it_means() -> None:
    schema = {
        "title": "takesArguments",
        "type": "object",
        "additionalProperties": True,
        "properties": {
            "title": {
                "anyOf": [{"type": "string", "maxLength": 9}, {"type": "null"}],
                "default": None,
                "title": "Title",
            },
            "state": {"anyOf": [{"$ref": "#/$defs/State"}, {"type": "integer"}, {"type": "null"}]},
            "mode": {"type": "string", "default": "four", "enum": ["four", "six"]},
        },
        "$defs": {"State": {"title": "State", "enum": ["queued", "done"]}},
        "required": ["title"],
    }
    assert short_schema(schema) == {
        "type": "object",
        "properties": {
            "title": {"type": "string", "maxLength": 9},
            "state": {"anyOf": [{"$ref": "#/$defs/State"}, {"type": "integer"}]},
            "mode": {"type": "string", "default": "four", "enum": ["four", "six"]},
        },
        "$defs": {"State": {"enum": ["queued", "done"]}},
        "required": ["title"],
    }
