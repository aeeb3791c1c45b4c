"""A server that refuses arguments which a tool does not have; the SDK leaves them out in silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import Tool

from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.unknown_names import join_names


class StrictServer(MCPServer):
    """Its tools take the arguments of their schemas and no others."""

    async def list_tools(self) -> list[Tool]:
        """The tools; their schemas say that there are no further arguments."""
        return [
            tool.model_copy(update={"input_schema": {**tool.input_schema, "additionalProperties": False}})
            for tool in await super().list_tools()
        ]

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Context | None = None) -> Any:
        """Calls a tool. Raises ToolError for an argument that it does not have."""
        for tool in await super().list_tools():
            if tool.name == name:
                _check_names(name, arguments, tool.input_schema.get("properties", {}))
        return await super().call_tool(name, arguments, context)


def _check_names(tool: str, arguments: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    unknown = [name for name in arguments if name not in known]
    if not unknown:
        return
    further = " Parameters of a task go into `params`." if "params" in known else ""
    raise ToolError(
        f"The tool {tool} has no argument {join_names(unknown)}; nothing was done. It has "
        f"{join_names(sorted(known))}.{further} [{ErrorCode.BAD_PARAMS}]"
    )
