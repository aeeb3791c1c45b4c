"""`bandmate osc`: the table that a person reads and a program draws from."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bridge.command_line import CommandLine


def test_the_table_has_every_task_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    bandmate = CommandLine(tmp_path / "home", tmp_path / "work")
    shown = bandmate.good("osc").out
    assert "/bandmate/v1/task/repaint" in shown
    assert "/bandmate/v1/param/cover/strength/raw" in shown
    assert "/bandmate/v1/slot/1/fire" in shown
    assert "/bandmate/v1/slot/2/fire" not in shown
    assert "/bandmate/v1/slot/64/fire" in bandmate.good("osc", "--all").out
    found = {each["path"]: each for each in json.loads(bandmate.good("osc", "--json").out)}
    assert found["/bandmate/v1/job/progress"]["pattern"] == "n"
    page = (Path(__file__).parents[3] / "docs" / "control.md").read_text(encoding="utf-8")
    named = {
        f"/bandmate/v1{path}"
        for row in page.splitlines()
        if row.startswith("| `/")
        for path in row.split("|")[1].replace("`", "").split(",")
        for path in [path.strip()]
        if path and "..." not in path
    }
    assert named <= set(found), named - set(found)


def test_a_layout_is_written_and_one_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    bandmate = CommandLine(tmp_path / "home", tmp_path / "work")
    said = bandmate.good("osc", "--layout", "bandmate.json", "--target", "127.0.0.1:7000").out
    assert "Open Stage Control" in said
    text = (tmp_path / "work" / "bandmate.json").read_text(encoding="utf-8")
    assert json.loads(text)["type"] == "session"
    assert '"127.0.0.1:7000"' in text
    assert "Cannot write" in bandmate.refused("osc", "--layout", "nowhere/bandmate.json")
