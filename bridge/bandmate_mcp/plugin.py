"""`bandmate mcp` as a plugin of the command line."""

from __future__ import annotations

from importlib.util import find_spec

import click

from bandmate_plugins._platform.installation import how_to_add
from bandmate_plugins.hooks import hookimpl
from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_protocol.texts import say

_NEEDED_PACKAGES = ("mcp", "numpy", "soundfile", "soxr")


@hookimpl
def bandmate_commands(group: click.Group) -> None:
    """Adds `mcp`."""
    group.add_command(mcp)


@click.command()
def mcp() -> None:
    """Serve an assistant over MCP, on standard input and output.

    An assistant starts this command. Its configuration needs the command and nothing else; docs/mcp.md shows it.

    \b
    bandmate mcp
    """
    check_installed()
    from bandmate_mcp.server import serve_stdio

    serve_stdio()


def check_installed() -> None:
    """Raises BandmateError (`engine_unavailable`) when the packages of the extra are not installed."""
    absent = [name for name in _NEEDED_PACKAGES if find_spec(name) is None]
    if absent:
        raise BandmateError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say("`bandmate mcp` needs packages that are not installed: {names}.", names=", ".join(absent)),
            how_to_add("mcp"),
        )
