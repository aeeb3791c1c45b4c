"""A server whose tools say what they do, in short schemas, and refuse arguments that they do not have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import Icon, Tool, ToolAnnotations

from bandmate_mcp.hints import check_hints
from bandmate_mcp.schemas import short_schema
from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.unknown_names import join_names


class StrictServer(MCPServer):
    """Its tools take the arguments of their schemas and no others; the SDK leaves these out in silence."""

    def add_tool(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        title: str | None = None,
        description: str | None = None,
        annotations: ToolAnnotations | None = None,
        icons: list[Icon] | None = None,
        meta: dict[str, Any] | None = None,
        structured_output: bool | None = None,
    ) -> None:
        """As the SDK's. Raises TypeError for a tool without annotations."""
        check_hints(name or fn.__name__, annotations)
        super().add_tool(fn, name, title, description, annotations, icons, meta, structured_output)

    async def list_tools(self) -> list[Tool]:
        """The tools; their schemas say that there are no further arguments."""
        return [_short_tool(tool) for tool in await super().list_tools()]

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Context | None = None) -> Any:
        """Calls a tool. Raises ToolError for an argument that it does not have."""
        for tool in await super().list_tools():
            if tool.name == name:
                _check_names(name, arguments, tool.input_schema.get("properties", {}))
        return await super().call_tool(name, arguments, context)


def _short_tool(tool: Tool) -> Tool:
    update: dict[str, Any] = {
        "description": " ".join((tool.description or "").split()),
        "input_schema": {**short_schema(tool.input_schema), "additionalProperties": False},
    }
    if tool.output_schema is not None:
        update["output_schema"] = short_schema(tool.output_schema)
    return tool.model_copy(update=update)


def _check_names(tool: str, arguments: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    unknown = [name for name in arguments if name not in known]
    if not unknown:
        return
    further = " Parameters of a task go into `params`." if "params" in known else ""
    raise ToolError(
        f"The tool {tool} has no argument {join_names(unknown)}; nothing was done. It has "
        f"{join_names(sorted(known))}.{further} [{ErrorCode.BAD_PARAMS}]"
    )
