"""`bandmate osc`: the addresses that a surface can use here."""

from __future__ import annotations

import click

from bandmate_server.commands.serve import check_installed


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs that draw a layout.")
@click.option("--all", "everything", is_flag=True, help="Every slot and stem, not only the first.")
def osc(as_json: bool, everything: bool) -> None:
    """List the OSC addresses of `bandmate serve --osc`, with the tasks that are installed here."""
    check_installed()
    from bandmate_plugins.loading import read_catalogue
    from bandmate_server.control.model import ControlModel
    from bandmate_server.osc.addresses import Address, table

    found = list(table(ControlModel.of(read_catalogue())))
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return

    def is_first(address: Address) -> bool:
        kind, _, rest = address.control.partition("/")
        number = rest.split("/")[0]
        return kind not in ("slot", "stem") or not number.isdigit() or number == "1"

    for address in found:
        if everything or is_first(address):
            click.echo(f"{address.path:<48} {address.pattern}  {address.direction:<4}  {address.title}")
