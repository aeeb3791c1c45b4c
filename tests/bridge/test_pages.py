"""The commands that pages show: each can be typed as it stands, and none writes over what another wrote."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from pathlib import Path

import click
import pytest

from bandmate_plugins._app.root import bandmate as root

PAGES = Path(__file__).parents[2]
SHOWN = re.compile(r"^(?:    )?(?:uv run --extra server )?bandmate (.+)$", re.MULTILINE)
BLOCK = re.compile(r"^```(?:sh|console|)\n(.*?)^```$|((?:^    .+\n)+)", re.MULTILINE | re.DOTALL)


def shown(page: Path) -> list[list[str]]:
    """The words of each command in the page's blocks."""
    found = []
    for fenced, indented in BLOCK.findall(page.read_text("utf-8")):
        found += [shlex.split(line, comments=True) for line in SHOWN.findall(fenced or indented)]
    return found


def typed(words: list[str]) -> click.Context:
    """As click takes it, short of running it. Raises click.UsageError."""
    context, group = click.Context(root, info_name="bandmate"), root
    while isinstance(group, click.Group):
        name, command, words = group.resolve_command(context, words)
        assert command is not None
        if isinstance(command, click.Group) and not words:
            break
        group = command  # type: ignore[assignment]
        if not isinstance(command, click.Group):
            return command.make_context(name, list(words), parent=context)
    return context


@pytest.mark.parametrize(
    "page", ["README.md", *sorted(f"docs/{one.name}" for one in PAGES.glob("docs/*.md"))]
)
def test_every_command_can_be_typed_as_it_stands(page: str) -> None:
    for words in shown(PAGES / page):
        typed(words)


def test_a_command_that_cannot_be_typed_is_found() -> None:
    for words in (["generat", "x"], ["generate", "x", "--baars", "8"], ["models", "fetch", "htdemucs"]):
        with pytest.raises(click.UsageError):
            typed(words)


def test_the_readme_can_be_followed_from_top_to_bottom() -> None:
    commands = shown(PAGES / "README.md")
    assert len(commands) > 20
    places = Counter(words[words.index("-o") + 1] for words in commands if "-o" in words)
    assert len(places) > 5
    assert [place for place, count in places.items() if count > 1] == []
