"""`bandmate mcp` as a plugin of the command line."""

from __future__ import annotations

from importlib.util import find_spec

import click

from bandmate_plugins._platform.installation import how_to_add
from bandmate_plugins.hooks import hookimpl
from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_protocol.texts import say

_DEFAULT_PORT = 7895
_NEEDED_PACKAGES = ("mcp", "numpy", "soundfile", "soxr")


@hookimpl
def bandmate_commands(group: click.Group) -> None:
    """Adds `mcp`."""
    group.add_command(mcp)


@click.command()
@click.option(
    "--http",
    "port",
    is_flag=False,
    flag_value=_DEFAULT_PORT,
    type=click.IntRange(0, 65_535),
    metavar="[PORT]",
    help=f"Serve over HTTP on this port instead, for programs on this machine; 0 takes a free one.  [{_DEFAULT_PORT}]",
)
def mcp(port: int | None) -> None:
    """Serve an assistant over MCP, on standard input or HTTP.

    An assistant starts this command. Its configuration needs the command and nothing else; docs/mcp.md shows it.
    With --http, the command runs until Ctrl-C, and assistants reach it by its address and the server's token.

    \b
    bandmate mcp
    bandmate mcp --http
    """
    check_installed()
    if port is not None:
        _serve_http(port)
        return
    from bandmate_mcp.server import serve_stdio

    serve_stdio()


def _serve_http(port: int) -> None:
    from bandmate_plugins._platform import home
    from bandmate_server.installed import check_installed as check_server_installed

    check_server_installed()
    from bandmate_mcp.http_door import serve_http

    def say_ready(address: str) -> None:
        click.echo(f"Assistants reach Bandmate at {address}. Ctrl-C ends it.")
        click.echo(f"They have to show the token in {home.config_dir() / 'token'}.")

    serve_http(port, say_ready)


def check_installed() -> None:
    """Raises BandmateError (`engine_unavailable`) when the packages of the extra are not installed."""
    absent = [name for name in _NEEDED_PACKAGES if find_spec(name) is None]
    if absent:
        raise BandmateError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say("`bandmate mcp` needs packages that are not installed: {names}.", names=", ".join(absent)),
            how_to_add("mcp"),
        )
