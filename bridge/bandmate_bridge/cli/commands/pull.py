"""`bandmate pull`."""

from __future__ import annotations

import click


@click.command()
@click.argument("model")
@click.option("--yes", is_flag=True, help="Accept the licence and download without asking.")
@click.option(
    "--most",
    "most_gb",
    type=click.FloatRange(0, 10_000, min_open=True),
    default=20.0,
    show_default=True,
    metavar="GB",
    help="Download no more than this.",
)
def pull(model: str, yes: bool, most_gb: float) -> None:
    """Download a MODEL to the server's disk. The server may run on another machine.

    \b
    bandmate pull htdemucs
    """
    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.runs.pull_model import ask_offer, fetch_model
    from bandmate_plugins._models.licence_consent import confirm_licences

    with ProgressDisplay() as display, connect_client(display) as client:
        offer = ask_offer(client, model, display)
    for line in offer.lines:
        click.echo(line)
    confirm_licences(accepted=yes)
    with ProgressDisplay() as display, connect_client(display) as client:
        for remark in fetch_model(client, model, offer, most_gb, display):
            click.echo(remark)
