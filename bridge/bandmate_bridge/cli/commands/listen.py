"""`bandmate listen`."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bandmate_bridge.listen_page.examples import PageExample


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
@click.option(
    "--compare",
    nargs=2,
    metavar="WAY WAY",
    help="Make pairs for a blind choice between two ways to sound: own, soundfont, a change such as seed=2, or a "
    "folder of WAV files or examples.",
)
@click.option("--seed", type=click.IntRange(0), help="Which side of each pair is A; random if not given.")
@click.option("--force", is_flag=True, help="Replace an existing page.")
def listen(
    examples: tuple[Path, ...], output: Path, compare: tuple[str, str] | None, seed: int | None, force: bool
) -> None:
    """Render examples, and write a web page that plays them.

    Examples are JSON files with a prompt and its parameters, or ACE-Step's own. Without FILES, Bandmate's own
    are used.

    \b
    bandmate listen -o page/
    bandmate listen my-prompts/ trap.json -o page/
    bandmate listen --compare own soundfont -o pairs/
    """
    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.listen_page.examples import example_folder, read_examples
    from bandmate_bridge.listen_page.write import PAGE, check_folder, write_page

    if compare is not None and any(way.startswith("-") for way in compare):
        raise click.UsageError("--compare takes two ways, such as --compare own soundfont.")
    found = read_examples(list(examples) or [example_folder()])
    if compare is not None:
        _compare_ways(found, compare, output, seed, force)
        return
    check_folder(output, replace=force)
    with ProgressDisplay() as display, connect_client(display) as client:
        shown = write_page(client, found, output, display, replace=force)
    _tell_outcome([(one.example.title, one.failure) for one in shown], output / PAGE, "examples")


def _compare_ways(
    examples: list[tuple[str, PageExample]],
    ways: tuple[str, str],
    output: Path,
    seed: int | None,
    force: bool,
) -> None:
    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.listen_page.pairs import write_pair_page
    from bandmate_bridge.listen_page.ways import read_pairs
    from bandmate_bridge.listen_page.write import PAGE, check_folder
    from bandmate_bridge.runs.analyse import measure_loudness

    pairs = read_pairs(ways, examples)
    check_folder(output, replace=force)
    order = secrets.randbelow(2**32) if seed is None else seed
    with ProgressDisplay() as display, connect_client(display) as client:
        made = write_pair_page(
            client, pairs, output, display, seed=order, replace=force,
            measure=lambda file: measure_loudness(client, file, display),
        )  # fmt: skip
    _tell_outcome([(pair.title, pair.failure) for pair in made], output / PAGE, "pairs")


def _tell_outcome(shown: list[tuple[str, str]], page: Path, what: str) -> None:
    """Says where the page is, and which of its parts failed; then the command fails too."""
    failed = [(title, failure) for title, failure in shown if failure]
    for title, failure in failed:
        click.echo(f"{title}: {failure}", err=True)
    click.echo(f"Open {page} in a browser: {len(shown) - len(failed)} of {len(shown)} {what}.")
    if failed:
        raise SystemExit(1)
