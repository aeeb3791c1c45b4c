"""Prints the sizes, names and package cycles of Bandmate's own Python, for a git revision or for the files here.

python -m tests.measure.house [REVISION ...]    without a revision: the working tree
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.metrics.code_figures import HEADINGS, HouseFigures
from tests.metrics.import_cycles import package_cycles

ROOT = Path(__file__).parents[2]
FOLDERS = ("protocol", "plugins", "server", "bridge")


def read_tree(revision: str | None) -> Iterator[tuple[str, str]]:
    """Path and text of each of the product's modules. Raises CalledProcessError for an unknown revision."""
    if revision is None:
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *FOLDERS]
    else:
        command = ["git", "ls-tree", "-r", "--name-only", revision, *FOLDERS]
    for path in _git(command[1:]).splitlines():
        if path.endswith(".py"):
            here = ROOT / path
            if revision is not None:
                yield path, _git(["show", f"{revision}:{path}"])
            elif here.exists():
                yield path, here.read_text(encoding="utf-8")


def _git(arguments: Sequence[str]) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True)
    return done.stdout.decode()


def measure_tree(revision: str | None) -> HouseFigures:
    """The figures of a revision, or of the working tree."""
    figures = HouseFigures()
    modules: dict[str, str] = {}
    for path, text in read_tree(revision):
        figures.add_file(text)
        modules[path.partition("/")[2]] = text
    figures.cycles = package_cycles(modules)
    return figures


def main() -> None:
    """Prints the table, and the packages of each cycle."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("revision", nargs="*")
    asked = parser.parse_args()
    print(f"| {' | '.join(HEADINGS)} |\n|{'---|' * len(HEADINGS)}")
    for revision in asked.revision or [None]:
        figures = measure_tree(revision)
        print(figures.row(revision or "working tree"), flush=True)
        for cycle in figures.cycles:
            print("cycle:", ", ".join(cycle), file=sys.stderr)


if __name__ == "__main__":
    main()
