"""`bandmate console`."""

from __future__ import annotations

import click


@click.command()
@click.option(
    "--no-browser", is_flag=True, help="Print the link instead of opening it; it works once, for a minute."
)
@click.option("--sign-out", is_flag=True, help="Sign every browser out and close its connection.")
def console(no_browser: bool, sign_out: bool) -> None:
    """Open Bandmate in a web browser, signed in.

    Starts the server if none is running. With `bandmate serve --allow-lan`, also shows a QR code for a phone.
    """
    import webbrowser

    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.client.sign_in_link import new_sign_in_links, sign_browsers_out

    if sign_out:
        with ProgressDisplay() as display, connect_client(display) as client:
            count = sign_browsers_out(client.address)
        click.echo("No browser was signed in." if count == 0 else f"Sign-ins ended: {count}.")
        return
    with ProgressDisplay() as display, connect_client(display) as client:
        links = new_sign_in_links(client.address)
    page = links.here.partition("#")[0]
    if not no_browser and webbrowser.open(links.here):
        click.echo(f"The console is open in your browser: {page}")
    else:
        click.echo(f"Open this link within a minute; it works once: {links.here}")
    if links.lan:
        _show_phone_link(*links.lan)


def _show_phone_link(link: str, *others: str) -> None:
    """A QR code, and the link in letters, for a machine without a camera."""
    from io import StringIO

    import segno

    drawn = StringIO()
    segno.make_qr(link, error="l").terminal(out=drawn, compact=True)
    click.echo("\nOn a phone in the same network, within a minute:\n")
    # The colours of the terminal may be the other way round, which not every phone reads.
    click.secho(drawn.getvalue(), fg="bright_white", bg="black")
    click.echo(f"It opens {link}")
    for other in others:
        click.echo(f"If the phone cannot reach that: {other}")
    click.echo("The code works once. The connection is not encrypted; docs/console.md says what that means.")
