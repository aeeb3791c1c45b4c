"""`bandmate listen`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("examples", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER|FILE.json]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("listen"),
    show_default=True,
    help="Folder for the page and its audio.",
)
@click.option("--force", is_flag=True, help="Replace an existing page.")
def listen(examples: tuple[Path, ...], output: Path, force: bool) -> None:
    """Render examples, and write a web page that plays and shows them.

    Examples are JSON files with a prompt and its parameters, or ACE-Step's own. Without FILES, Bandmate's own
    are used.

    \b
    bandmate listen -o page/
    bandmate listen my-prompts/ trap.json -o page/
    """
    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.listen_page.examples import example_folder, read_examples
    from bandmate_bridge.listen_page.write import PAGE, check_folder, write_page

    found = read_examples(list(examples) or [example_folder()])
    check_folder(output, replace=force)
    with ProgressDisplay() as display, connect_client(display) as client:
        shown = write_page(client, found, output, display, replace=force)
    failed = [one for one in shown if one.failure]
    for one in failed:
        click.echo(f"{one.example.title}: {one.failure}", err=True)
    click.echo(f"Open {output / PAGE} in a browser: {len(shown) - len(failed)} of {len(shown)} examples.")
    if failed:
        raise SystemExit(1)
