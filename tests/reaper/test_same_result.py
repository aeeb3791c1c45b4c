"""The same request gives the same tracks, items and audio bytes in REAPER and in a project file."""

import hashlib
import shutil
from pathlib import Path

import pytest

from bandmate_bridge.client import Client
from bandmate_bridge.rpp import Project, new_project
from bandmate_protocol.messages import TempoPoint
from tests.bridge.command_line import CommandLine
from tests.reaper import rpp_file

RATE = 44_100


@pytest.fixture(scope="module")
def song(server, tmp_path_factory) -> Path:
    """Drums and bass in 7/8 that become 4/4, at 44.1 kHz, both in one folder."""
    folder = tmp_path_factory.mktemp("song")
    project = new_project(
        folder / "song.rpp",
        sample_rate=RATE,
        tempo=[
            TempoPoint(position=0.0, bpm=132.0, numerator=7, denominator=8),
            TempoPoint(position=4 * 3.5 * 60 / 132 * RATE, bpm=104.0, starts_bar=True),
        ],
    )
    project.save()
    line = CommandLine(server.home, folder)
    line.good(
        "generate",
        "funk drums, electric bass",
        "--into",
        "song.rpp",
        "--at",
        "3.1",
        "--bars",
        "4",
        "--seed",
        5,
    )
    return folder


def seen(project: Project) -> list[tuple]:
    """What a musician sees and hears of a project."""
    found = []
    for track in project.tracks:
        items = []
        for item in track.items:
            takes = [(take.name, take.offset_seconds, audio(take)) for take in item.takes]
            items.append(
                (
                    item.start_frame,
                    item.frames,
                    item.fade_in_seconds,
                    item.fade_out_seconds,
                    item.muted,
                    takes,
                    item.take.name,
                )
            )
        found.append((track.name, track.depth, track.is_folder, track.colour, items))
    marks = sorted((mark.frame, mark.name, mark.end_frame) for mark in project.markers)
    return [found, marks]


def audio(take) -> str:
    data = Path(take.source.file).read_bytes()
    return hashlib.sha256(data[data.find(b"data") :]).hexdigest()


CASES = {
    "generate": (
        {"prompt": "slow jazz trio"},
        ["generate", "slow jazz trio", "--at", "9.1", "--bars", "8"],
        None,
    ),
    "repaint": (
        {"prompt": "busier fill"},
        ["repaint", "busier fill", "--track", "Drums", "--from", "4.1", "--to", "6.1"],
        (4, 6),
    ),
    "cover": (
        {"prompt": "as a string quartet"},
        [
            "cover",
            "as a string quartet",
            "--track",
            "Electric bass",
            "--from",
            "4.1",
            "--to",
            "6.1",
            "--take",
        ],
        (4, 6),
    ),
    "accompany": ({"prompt": "piano"}, ["accompany", "piano", "--track", "Electric bass"], None),
    "separate": ({}, ["separate", "--track", "Drums"], None),
    "analyse": ({}, ["analyse", "--track", "Drums"], None),
}


@pytest.mark.parametrize("task", CASES)
def test_both_bridges_give_the_same(stage, server, song, task, tmp_path):
    params, command, bars = CASES[task]
    for folder in ("there", "here"):
        shutil.copytree(song, tmp_path / folder)
    project = stage.open(tmp_path / "here" / "song.rpp")
    project.folder = tmp_path / "here" / "Bandmate"
    tempo = Project.load(project.file).tempo_map
    project.cursor = tempo.position_of(9) / RATE
    if bars:
        project.selection = tuple(tempo.position_of(bar) / RATE for bar in bars)
    if "--track" in command:
        name = command[command.index("--track") + 1]
        next(track for track in project.tracks if track.name == name).items[0].selected = True
    stage.ask(task, **params)
    before = len(project.done)
    stage.reaper.run_until(lambda: len(project.done) > before)
    stage.reaper.run_until(lambda: stage.reaper.kept.get(("bandmate", "jobs")) == "[]")
    assert not stage.reaper.console, stage.reaper.console
    assert len(project.done) == 1, stage.undone()
    with Client.connect(server.address, token=server.token) as client:
        job = client.jobs(1)[0]
    seed = [] if task == "analyse" else ["--seed", job.seed]
    CommandLine(server.home, tmp_path / "there").good(*command, "--into", "song.rpp", *seed)
    here = rpp_file.save(project, tmp_path / "here" / "song.rpp")
    there = Project.load(tmp_path / "there" / "song.rpp")
    mine, theirs = seen(here), seen(there)
    for one, other in zip(mine[0], theirs[0], strict=True):
        assert one == other, f"\n{one}\n{other}"
    assert mine == theirs
