"""The MCP server: tools, resources and prompts over standard input and output."""

from __future__ import annotations

from mcp.server.mcpserver import MCPServer

from bandmate_mcp.job_tools import add_job_tools
from bandmate_mcp.making_tools import add_making_tools
from bandmate_mcp.project_tools import add_project_tools
from bandmate_mcp.prompts import add_prompts
from bandmate_mcp.resources import add_resources
from bandmate_mcp.strict_server import StrictServer
from bandmate_mcp.writing_tools import add_writing_tools
from bandmate_protocol.version import __version__

_INSTRUCTIONS = (
    "Bandmate makes music in a DAW's tempo and key. Give `project` (a .rpp file), or neither `project` "
    "nor `file` for the project in focus in the DAW, or `file` and `output` for audio files. Results in a "
    "project are new tracks or takes; nothing that is there is replaced, and one undo step removes a "
    'result. Positions are "9.1" (bar 9, beat 1) or "12.5s". Call read_project before you choose a range, '
    "and list_tasks to see which engines are ready. A call waits for its result and reports progress; "
    "cancelling it cancels its job."
)


def build_server() -> MCPServer:
    """The server with all that it offers."""
    server = StrictServer(
        "bandmate", title="Bandmate", version=__version__, instructions=_INSTRUCTIONS, log_level="WARNING"
    )
    add_project_tools(server)
    add_making_tools(server)
    add_writing_tools(server)
    add_job_tools(server)
    add_resources(server)
    add_prompts(server)
    return server


def serve_stdio() -> None:
    """Serves one client until it closes standard input. Jobs of calls that are not answered by then are cancelled."""
    build_server().run("stdio")
