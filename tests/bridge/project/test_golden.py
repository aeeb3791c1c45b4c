"""Whole projects as they have to be written, line by line; ids are numbered in the order they come."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bandmate_bridge.rpp import Marker, NewPart, NewStem, NewTake, Project, map_item, resolve_item
from tests.bridge.project.test_split import EXTRA, project_with

GOLDEN = Path(__file__).parent / "golden"
GUID = re.compile(r"\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}")


def repainted(project: Project) -> None:
    (track,) = project.tracks
    on = map_item(resolve_item(track, track.items[0], project.tempo_map), 48_000, 10**9, (3, 5))
    first, last = 48_000 * 3, 48_000 * 5
    edges = (on.grid.time_of(first), on.grid.time_of(last))
    project.insert_parts(
        on.heard, [NewPart(*edges, [NewTake("busier fill", project.path.parent / "new.wav")])]
    )


def marked(project: Project) -> None:
    project.insert_markers([Marker(0, "Am", 44_100), Marker(0, "A", 0, 88_200, "#5b9bd5")])


def separated(project: Project) -> None:
    stems = [
        NewStem(name, 44_100, 8 * 44_100, [NewTake(name, project.path.parent / f"{name}.wav")], colour=colour)
        for name, colour in (("Drums", "#d9534f"), ("Bass", "#7e57c2"))
    ]
    (track,) = project.tracks
    project.insert_stems(stems, folder="Drums stems", below=track)


@pytest.mark.parametrize("change", [repainted, marked, separated])
def test_a_project_is_written_as_it_was_agreed(tmp_path: Path, change) -> None:
    project = project_with(tmp_path, fade_in=0.5, fade_out=0.25, extra=EXTRA)
    change(project)
    expected = (GOLDEN / f"{change.__name__}.rpp").read_text(encoding="utf-8")
    assert numbered(project.encode().decode()) == expected


def numbered(text: str) -> str:
    known: dict[str, str] = {}
    return GUID.sub(lambda found: known.setdefault(found[0], f"{{{len(known) + 1}}}"), text)
