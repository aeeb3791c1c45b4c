"""The Python API in a project file."""

from __future__ import annotations

from pathlib import Path

import pytest

import bandmate
from bandmate_bridge.rpp import Marker, Project, new_project
from bandmate_protocol.messages import TempoPoint


@pytest.fixture
def song(tmp_path: Path) -> Path:
    project = new_project(
        tmp_path / "song.rpp", sample_rate=48_000, tempo=[TempoPoint(position=0.0, bpm=120.0)]
    )
    project.save()
    return project.path


def track_names(song: Path) -> list[str]:
    return [track.name for track in Project.load(song).tracks]


def test_parts_come_on_tracks_and_ranges_are_repainted(band: bandmate.Session, song: Path) -> None:
    project = band.open(song)
    made = project.generate("dusty lo-fi drums", at="1.1", bars=4, seed=3)
    assert made.project == song
    assert made.seed == 3
    assert [path.exists() for path in made.files] == [True]
    (name,) = track_names(song)
    again = project.repaint("busier fill", track=name, start="3.1", end="4.1", seed=4)
    assert "A new take" in again.lines[0]
    (track,) = Project.load(song).tracks
    assert [len(item.takes) for item in track.items] == [1, 2, 1]


def test_every_task_works_in_a_project(band: bandmate.Session, song: Path) -> None:
    project = band.open(song)
    project.generate("dusty lo-fi drums", at="1.1", bars=2, seed=3)
    (name,) = track_names(song)
    parts = project.separate(track=name, mode="drums")
    assert len(parts.files) > 2
    count = len(track_names(song))
    cover = project.cover("as a string quartet", track=name, seed=1)
    assert len(track_names(song)) == count + 1
    assert cover.engine
    project.accompany("jazz trio", track=name, seed=1)
    assert len(track_names(song)) > count + 2
    report = project.analyse(track="1", mark=False)
    assert report.report["frames"] == 4 * 48_000
    assert report.lines == ()
    project.loop(track="1", seam=1, seed=1)
    project.extend(track="1", after=1, seed=1)
    assert "extended" in " ".join(track_names(song))


def test_what_is_refused_leaves_the_project_as_it_was(band: bandmate.Session, song: Path) -> None:
    project = band.open(song)
    before = song.read_bytes()
    with pytest.raises(bandmate.BandmateError) as caught:
        project.cover("as a string quartet", track="Nobody")
    assert caught.value.code == bandmate.ErrorCode.NO_SUCH_TRACK
    with pytest.raises(bandmate.BandmateError):
        project.generate("drums", at="1.1", bars=2, colour="red")
    assert song.read_bytes() == before


def test_jobs_go_on_while_a_project_is_worked_in(band: bandmate.Session, song: Path) -> None:
    job = band.generate("slow jazz trio", bars=2, bpm=120, metre="4/4", key="A minor", seed=1)
    band.open(song).generate("dusty lo-fi drums", at="1.1", bars=2, seed=3)
    assert job.stems["drums"].frames == 4 * 48_000


def test_sections_are_ranges(band: bandmate.Session, song: Path) -> None:
    saved = Project.load(song)
    bar = 96_000
    saved.insert_markers([Marker(0, "Verse", 0, 2 * bar), Marker(0, "Chorus", 2 * bar, 4 * bar)])
    saved.save()
    project = band.open(song)
    assert project.sections == (bandmate.Section("Verse", 0.0, 4.0), bandmate.Section("Chorus", 4.0, 8.0))
    project.generate("claves", section="chorus", seed=3)
    project.generate("shaker", section=["verse", "chorus"], only="verse", seed=3)
    items = [track.items[0] for track in Project.load(song).tracks]
    assert [(item.start_frame, item.frames) for item in items] == [(2 * bar, 2 * bar), (0, 4 * bar)]
    chorus = project.sections[1]
    project.repaint("busier", track="2", start=chorus.start, end=chorus.end, seed=1)
    project.repaint("busier", track="1", section="chorus", seed=1)
    assert [len(track.items) for track in Project.load(song).tracks] == [1, 2]
    with pytest.raises(bandmate.BandmateError, match="There is no section 'Bridge'"):
        project.generate("claves", section="Bridge")
    with pytest.raises(bandmate.BandmateError, match="There is no section 'Bridge'"):
        project.repaint("claves", track="1", section="Bridge")
    with pytest.raises(bandmate.BandmateError, match="not both"):
        project.generate("claves", section="chorus", at="1.1")
    with pytest.raises(bandmate.BandmateError, match="not both"):
        project.repaint("claves", section="chorus", start=1.0, end=2.0)
