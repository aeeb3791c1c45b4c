"""The documentation: commands can be typed, links and paths lead somewhere, no example overwrites another."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bandmate_plugins._app.root import bandmate as root

PAGES = Path(__file__).parents[2]
NAMES = sorted(
    one.relative_to(PAGES).as_posix()
    for found in ("*.md", "docs/**/*.md", "examples/*.md", "findings/*.md")
    for one in PAGES.glob(found)
)
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


@pytest.mark.parametrize("page", NAMES)
def test_every_command_can_be_typed_as_it_stands(page: str) -> None:
    for words in shown(PAGES / page):
        typed(words)


def test_a_command_that_cannot_be_typed_is_found() -> None:
    for words in (["generat", "x"], ["generate", "x", "--baars", "8"], ["models", "fetch", "htdemucs"]):
        with pytest.raises(click.UsageError):
            typed(words)


@pytest.mark.parametrize(("page", "least"), [("README.md", 8), ("docs/commands.md", 15)])
def test_a_page_can_be_followed_from_top_to_bottom(page: str, least: int) -> None:
    commands = shown(PAGES / page)
    assert len(commands) > least
    places = Counter(words[words.index("-o") + 1] for words in commands if "-o" in words)
    assert len(places) >= 4
    assert [place for place, count in places.items() if count > 1] == []


def test_the_readme_is_short_and_the_index_lists_every_page() -> None:
    assert len((PAGES / "README.md").read_text("utf-8").splitlines()) < 120
    for index in ("docs/README.md", "docs/measured/README.md"):
        text = (PAGES / index).read_text("utf-8")
        folder = (PAGES / index).parent
        pages = {one.name for one in folder.glob("*.md")} - {"README.md"}
        assert [name for name in sorted(pages) if f"]({name})" not in text] == [], index


LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(text: str) -> set[str]:
    """The names that GitHub gives a page's headings."""
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in HEADING.findall(text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", NAMES)
def test_every_link_leads_somewhere(page: str) -> None:
    for link in LINK.findall((PAGES / page).read_text("utf-8")):
        place, _, anchor = link.partition("#")
        target = (PAGES / page).parent / place if place else PAGES / page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text("utf-8")), link


PATH = re.compile(
    r"(?<![\w/.-])((?:protocol|plugins|server|bridge|tests|docs|examples|findings|\.ci|\.github"
    r"|bandmate_protocol|bandmate_plugins|bandmate_server|bandmate_bridge)/[\w/.-]+)"
)
MODULE = re.compile(r"python -m ((?:tests|bandmate_\w+)[\w.]*)")
ROOTS = ("", "protocol", "plugins", "server", "bridge")


def paths(page: str) -> Iterator[str]:
    """The files and folders of the repository that a page names."""
    text = re.sub(r"https?://\S+|\]\([^)]*\)", "", (PAGES / page).read_text("utf-8"))
    yield from (found.rstrip(".-/") for found in PATH.findall(text))


@pytest.mark.parametrize("page", NAMES)
def test_every_path_and_module_on_a_page_exists(page: str) -> None:
    for path in paths(page):
        assert any((PAGES / root / path).exists() for root in ROOTS), path
    for module in MODULE.findall((PAGES / page).read_text("utf-8")):
        assert importlib.util.find_spec(module), module


def test_a_path_that_does_not_exist_is_found() -> None:
    assert PATH.findall("see `bandmate_server/nowhere.py` and tests/none.") == [
        "bandmate_server/nowhere.py",
        "tests/none.",
    ]


def test_every_finding_is_listed() -> None:
    text = (PAGES / "findings" / "README.md").read_text("utf-8")
    scripts = {one.name for one in (PAGES / "findings").glob("*.sh")}
    assert set(re.findall(r"^\| \[([\w-]+\.sh)\]", text, re.MULTILINE)) == scripts
