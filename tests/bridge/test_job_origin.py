"""Where a job's result belongs, as it is kept with the job: both ways, and as earlier versions kept it.

`older_origins.json` has maps as the last commit wrote them that had `yes` and `no` in them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from bandmate_bridge.jobs.job_origin import (
    FileOrigin,
    FolderOrigin,
    HelperOrigin,
    ItemOrigin,
    JobOrigin,
    PatchOrigin,
    ProjectOrigin,
    ReaperOrigin,
    origin_values,
    read_origin,
)
from bandmate_bridge.rpp import ItemPlace

OLDER = json.loads((Path(__file__).parent / "older_origins.json").read_text(encoding="utf-8"))

SONG = "/home/ida/Märchen/song.rpp"
PLACE = ItemPlace("{B1}", 4.0, 2.5, "{A1}", "Loop", 3, 1)

MEANT: dict[str, JobOrigin] = {
    "project": ProjectOrigin(
        project=SONG,
        title="drums, bass",
        flat=True,
        midi=True,
        below="{A1}",
        like=(PLACE,),
        mute=(PLACE, PLACE),
    ),
    "project_plain": ProjectOrigin(project=SONG, title="drums", track="Voice", number=2),
    "item": ItemOrigin(
        project=SONG,
        title="busier",
        mixed=True,
        item="{B1}",
        position=4.0,
        length=2.5,
        phase=-1e-05,
        on="{A1}",
        on_name="Loop",
        on_number=3,
        index=1,
    ),
    "item_plain": ItemOrigin(
        project=SONG, title="busier", item="", position=0.0, length=8.0, phase=0.0, on="{A1}"
    ),
    "file": FileOrigin(output="/home/ida/out.flac", midi=True, format="flac", bits=24, number=3),
    "file_plain": FileOrigin(output="/home/ida/out.wav"),
    "folder": FolderOrigin(output="/home/ida/out", midi=True, format="wav", bits=16),
    "patch": PatchOrigin(output="/home/ida/new.wav", source="/home/ida/old.wav"),
    "reaper": ReaperOrigin(ask="{3B0C}", index=1, title="busier"),
    "helper": HelperOrigin(purpose="tempo and key"),
}


def test_there_is_one_of_every_kind() -> None:
    assert {type(origin) for origin in MEANT.values()} == set(get_args(JobOrigin))
    assert OLDER.keys() == MEANT.keys()


@pytest.mark.parametrize("name", MEANT)
def test_an_origin_comes_back(name: str) -> None:
    values = origin_values(MEANT[name])
    assert all(isinstance(value, str) for value in values.values())
    assert not {"yes", "no"} & set(values.values())
    assert read_origin(values) == MEANT[name]
    assert read_origin(values | {"mark": "0011", "newer": "field"}) == MEANT[name]


@pytest.mark.parametrize("name", OLDER)
def test_an_origin_of_an_earlier_version_is_read(name: str) -> None:
    assert read_origin(OLDER[name]) == MEANT[name]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"project": "song.rpp"},
        {"to": "mars", "project": "song.rpp"},
        {"to": "file"},
        {"to": "item", "project": "song.rpp", "title": "x", "item": "{1}", "position": "4.0"},
        {"to": "project", "project": "song.rpp", "like": "no JSON"},
        {"to": "project", "project": "song.rpp", "mute": '[{"guid": 7}]'},
        {"to": "file", "output": "x.wav", "bits": "many"},
    ],
)
def test_what_says_no_place_is_none(values: dict[str, str]) -> None:
    assert read_origin(values) is None


def test_an_empty_list_of_places_may_be_empty_text() -> None:
    origin = read_origin({"to": "project", "project": "song.rpp", "like": "", "mute": ""})
    assert origin == ProjectOrigin(project="song.rpp")
