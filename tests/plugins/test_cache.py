"""The catalogue is kept until something changes, and then it is not."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from bandmate_plugins._host.loading import load_commands, read_catalogue
from tests.plugins.shelf import TASK, Shelf

LOG = """
from pathlib import Path
with Path(__file__).with_suffix(".log").open("a") as file:
    file.write("x")
"""
NOTED = LOG + TASK.format(name="noted", title="Noted")


@pytest.fixture
def noted(shelf: Shelf) -> Path:
    """A plugin that writes a letter into a file beside it each time that it is imported."""
    return shelf.install("noted", NOTED)


def scans(file: Path) -> int:
    log = file.with_suffix(".log")
    return len(log.read_text()) if log.exists() else 0


def cached(home: Path) -> list[Path]:
    return sorted((home / "cache").glob("catalogue-*.json"))


def test_a_second_reader_imports_nothing(noted: Path) -> None:
    first = read_catalogue()
    assert read_catalogue() == first
    assert scans(noted) == 1


def test_refresh_scans_again(noted: Path) -> None:
    assert read_catalogue() == read_catalogue(refresh=True)
    assert scans(noted) == 2


def test_an_edited_plugin_is_scanned_again(noted: Path) -> None:
    read_catalogue()
    noted.write_text(NOTED.replace('"noted", "Noted"', '"renamed", "Noted"'))
    assert [task.name for task in read_catalogue().tasks] == ["renamed"]
    assert scans(noted) == 2


def test_an_edited_helper_of_a_package_is_noticed(shelf: Shelf) -> None:
    package = shelf.folder / "shelf_parts"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "title.py").write_text("TITLE = 'Before'")
    (package / "plugin.py").write_text(
        "from .title import TITLE\n"
        + TASK.format(name="parts", title="Parts").replace('"Parts"\n', "TITLE\n", 1)
    )
    shelf.register("shelf-parts", "1.0", {"parts": "shelf_parts.plugin"})
    assert read_catalogue().tasks[0].title == "Before"
    (package / "title.py").write_text("TITLE = 'After it'")
    assert read_catalogue().tasks[0].title == "After it"


def test_another_version_is_noticed(shelf: Shelf, noted: Path) -> None:
    read_catalogue()
    shelf.register("shelf-noted", "2.0", {"noted": "shelf_noted"})
    found = next(plugin for plugin in read_catalogue().plugins if plugin.name == "noted")
    assert found.version == "2.0"


def test_a_new_plugin_is_noticed(shelf: Shelf, noted: Path) -> None:
    read_catalogue()
    shelf.install("fresh", TASK.format(name="fresh", title="Fresh"))
    assert {task.name for task in read_catalogue().tasks} == {"noted", "fresh"}


def test_disabling_is_noticed_and_undone(noted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_catalogue().tasks
    before = os.environ["BANDMATE_DISABLE"]
    monkeypatch.setenv("BANDMATE_DISABLE", f"{before}, noted")
    assert not read_catalogue().tasks
    assert scans(noted) == 1, "a disabled plugin was imported"
    monkeypatch.setenv("BANDMATE_DISABLE", before)
    assert read_catalogue().tasks
    assert scans(noted) == 1


def test_a_module_that_was_missing_is_noticed_when_it_comes(shelf: Shelf) -> None:
    package = shelf.folder / "shelf_late"
    package.mkdir()
    (package / "__init__.py").touch()
    shelf.register("shelf-late", "1.0", {"late": "shelf_late.plugin"})
    found = read_catalogue()
    assert not found.tasks
    assert any("`shelf_late.plugin` does not exist" in plugin.reason for plugin in found.plugins)
    (package / "plugin.py").write_text(TASK.format(name="late", title="Late"))
    assert [task.name for task in read_catalogue().tasks] == ["late"]


def test_a_failure_is_not_kept_for_long(shelf: Shelf, home: Path) -> None:
    file = shelf.install("fails", LOG + "1 / 0")
    read_catalogue()
    read_catalogue()
    assert scans(file) == 1
    (kept,) = cached(home)
    record = json.loads(kept.read_bytes())
    assert 0 < record["expires"] - time.time() <= 600
    record["expires"] = time.time() - 1
    kept.write_text(json.dumps(record))
    read_catalogue()
    assert scans(file) == 2


@pytest.mark.parametrize("damage", [b"", b"{", b'{"plugins": 3}', b"\xff\xfe"])
def test_a_damaged_cache_is_replaced(noted: Path, home: Path, damage: bytes) -> None:
    first = read_catalogue()
    (kept,) = cached(home)
    kept.write_bytes(damage)
    assert read_catalogue() == first
    assert scans(noted) == 2
    assert read_catalogue() == first
    assert scans(noted) == 2


def test_a_folder_that_cannot_be_written_costs_only_time(noted: Path, home: Path) -> None:
    home.mkdir()
    (home / "cache").write_text("a file where the folder should be")
    assert read_catalogue() == read_catalogue()
    assert scans(noted) == 2


def test_old_catalogues_go(noted: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_catalogue()
    (kept,) = cached(home)
    for number in range(12):
        other = kept.with_name(f"catalogue-{number:032}.json")
        other.write_bytes(b"{}")
        os.utime(other, (number, number))
    read_catalogue(refresh=True)
    assert len(cached(home)) == 8
    assert kept in cached(home)


def test_commands_come_from_the_cache(shelf: Shelf) -> None:
    import click

    command = (
        LOG + "import click\nfrom bandmate_plugins import hookimpl\n"
        "@hookimpl\ndef bandmate_commands(group): group.add_command(click.Command('{0}'))\n"
    )
    first = shelf.install("cmd_one", command.format("one"))
    second = shelf.install("cmd_two", command.format("two"))
    other = shelf.install("no_commands", LOG + TASK.format(name="quiet", title="Quiet"))
    assert read_catalogue().commands == {"one": "cmd_one", "two": "cmd_two"}
    group = click.Group()
    assert load_commands(group, only="cmd_two") == {}
    assert list(group.commands) == ["two"]
    assert load_commands(group) == {}
    assert sorted(group.commands) == ["one", "two"]
    assert (scans(first), scans(second), scans(other)) == (2, 2, 1)
