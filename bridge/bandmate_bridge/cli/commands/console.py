"""`bandmate console`."""

from __future__ import annotations

import click


@click.command()
@click.option(
    "--no-browser", is_flag=True, help="Print the link instead of opening it; it works once, for a minute."
)
def console(no_browser: bool) -> None:
    """Open Bandmate in a web browser, signed in.

    Starts the server if none is running. The page talks to this machine only.
    """
    import webbrowser

    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.client.sign_in_link import new_sign_in_link

    with ProgressDisplay() as display, connect_client(display) as client:
        link = new_sign_in_link(client.address)
    page = link.partition("#")[0]
    if not no_browser and webbrowser.open(link):
        click.echo(f"The console is open in your browser: {page}")
    else:
        click.echo(f"Open this link within a minute; it works once: {link}")
