"""An assistant's program: the SDK's own client with `bandmate mcp`, over stdio or HTTP."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from tests.patience import PATIENCE_SECONDS
from tests.running import server_environ


@asynccontextmanager
async def assistant(home: Path, **options: Any) -> AsyncIterator[Client]:
    """A connected client; `bandmate mcp` finds the server of that home."""
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "bandmate_plugins", "mcp"], env=server_environ(home)
    )
    async with Client(stdio_client(command), **options) as client:
        yield client


@asynccontextmanager
async def assistant_over_http(address: str, token: str, **options: Any) -> AsyncIterator[Client]:
    """A connected client of `bandmate mcp --http`."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=PATIENCE_SECONDS) as http,
        Client(streamable_http_client(address, http_client=http), **options) as client,
    ):
        yield client


async def good(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Calls a tool that has to work; returns what it says."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    assert result.structured_content is not None
    return result.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """Calls a tool that has to refuse; returns its sentence."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, text_of(result)
    return text_of(result)


def text_of(result: CallToolResult) -> str:
    return " ".join(part.text for part in result.content if part.type == "text")
