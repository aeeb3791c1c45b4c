"""`bandmate osc`: the addresses that a surface can use here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.installed import check_installed

if TYPE_CHECKING:
    from bandmate_server.surfaces.control.model import ControlModel

_DEFAULT_OSC_PORT = 7894


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs that draw a layout.")
@click.option("--all", "everything", is_flag=True, help="List every slot and stem, not only the first.")
@click.option(
    "--layout",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="Write a layout for Open Stage Control instead.",
)
@click.option(
    "--target",
    default=f"127.0.0.1:{_DEFAULT_OSC_PORT}",
    metavar="HOST:PORT",
    help="Address that the layout sends to.",
)
def osc(as_json: bool, everything: bool, layout: Path | None, target: str) -> None:
    """List the OSC addresses of `bandmate serve --osc`."""
    check_installed()
    from bandmate_plugins._host.loading import read_catalogue
    from bandmate_server.surfaces.control.model import ControlModel
    from bandmate_server.surfaces.osc.addresses import OscAddress, address_table

    model = ControlModel.from_plugins(read_catalogue())
    if layout is not None:
        _write_layout(model, layout, target)
        return
    found = list(address_table(model))
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return

    def is_first(address: OscAddress) -> bool:
        kind, _, rest = address.control.partition("/")
        number = rest.split("/")[0]
        return kind not in ("slot", "stem") or not number.isdigit() or number == "1"

    for address in found:
        if everything or is_first(address):
            click.echo(f"{address.path:<48} {address.pattern}  {address.direction:<4}  {address.title}")


def _write_layout(model: ControlModel, path: Path, target: str) -> None:
    import msgspec

    from bandmate_server.surfaces.osc.layout import layout_session

    content = msgspec.json.format(msgspec.json.encode(layout_session(model, target)))
    try:
        path.write_bytes(content + b"\n")
    except OSError as error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("Cannot write {path}: {strerror}.", path=path, strerror=error.strerror),
            "Choose another file.",
        ) from error
    click.echo(f"{path} is a session for Open Stage Control. docs/control.md explains how to open it.")
