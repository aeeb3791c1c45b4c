"""`bandmate serve`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import click

from bandmate_plugins._platform.environment import absolute_paths
from bandmate_server.installed import check_installed


def _port_option(
    name: str, usual: int, programs: str
) -> Callable[[click.decorators.FC], click.decorators.FC]:
    """The option that opens a compatible API on its usual port, or on another."""
    return click.option(
        name,
        type=click.IntRange(0, 65_535),
        is_flag=False,
        flag_value=usual,
        metavar="[PORT]",
        help=f"Serve programs that {programs}, on port {usual} or PORT.",
    )


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on; 0 takes a free one.")
@click.option("--host", help="Address to listen on.")
@click.option(
    "--allow-lan", is_flag=True, default=None, help="Allow other machines to connect; they need the token."
)
@click.option("--idle-exit", type=float, metavar="SECONDS", help="Shut down after this long without work.")
@click.option("--osc", is_flag=True, default=None, help="Accept surfaces over OSC.")
@click.option("--osc-port", type=click.IntRange(0, 65_535), help="UDP port for OSC.  [default: 7894]")
@click.option(
    "--osc-feedback",
    multiple=True,
    default=None,
    metavar="HOST:PORT",
    help="Always send feedback to this address, for a surface that cannot subscribe.",
)
@click.option("--midi", is_flag=True, default=None, help="Listen to MIDI controllers.")
@_port_option("--acestep-api", 8001, "were written for ACE-Step's API")
@_port_option("--acestep-cpp-api", 8080, "were written for acestep.cpp's server")
@_port_option("--chat-api", 8002, "speak OpenAI's chat completions")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]))
def serve(
    port: int | None,
    host: str | None,
    allow_lan: bool | None,
    idle_exit: float | None,
    osc: bool | None,
    osc_port: int | None,
    osc_feedback: tuple[str, ...],
    midi: bool | None,
    acestep_api: int | None,
    acestep_cpp_api: int | None,
    chat_api: int | None,
    log_level: str | None,
) -> None:
    """Run the server until Ctrl-C. Other commands start it automatically when they need it."""
    check_installed()
    # Workers and settings go by it, wherever they are.
    os.environ.update(absolute_paths(os.environ))
    from bandmate_server.app import run_server as run
    from bandmate_server.config import load_settings
    from bandmate_server.restart import make_switch, restart_process

    options: dict[str, object] = {
        "port": port,
        "host": host,
        "allow_lan": allow_lan,
        "idle_exit_seconds": idle_exit,
        "osc": osc,
        "osc_port": osc_port,
        "osc_feedback": osc_feedback or None,
        "midi": midi,
        "acestep_api": acestep_api,
        "acestep_cpp_api": acestep_cpp_api,
        "chat_api": chat_api,
        "log_level": log_level,
    }
    settings = load_settings(**options)
    switch = make_switch()
    ports: list[int] = []

    def ready(port: int) -> None:
        ports.append(port)
        _say_ready(settings.host, port)
        _say_apis_ready()

    asyncio.run(run(settings, ready, options, switch))
    if switch is not None and switch.is_wanted:
        click.echo("Bandmate starts again with its new settings.")
        restart_process(ports[0] if settings.port == 0 else None)


def _say_apis_ready() -> None:
    from bandmate_plugins._platform import home
    from bandmate_server.compat import APIS

    here = home.read_running()
    for api in APIS:
        if here is not None and api.setting in here.apis:
            click.echo(f"The {api.title} is on 127.0.0.1:{here.apis[api.setting]}.")


def _say_ready(host: str, port: int) -> None:
    click.echo(f"Bandmate listens on {host}:{port}. Ctrl-C ends it.")
    click.echo("`bandmate console` opens it in a browser.")
