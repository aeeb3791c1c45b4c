"""A whole new project."""

from pathlib import Path

import msgspec

from bandmate_bridge.rpp import NewStem, NewTake, Project, new_project
from bandmate_protocol.messages import TempoPoint
from tests.bridge.project.samples import independent

TEMPO = [
    TempoPoint(position=0.0, bpm=92.5),
    TempoPoint(position=96_000.0, bpm=92.5, numerator=7, denominator=8, shape="linear", starts_bar=True),
    TempoPoint(position=480_000.0, bpm=140, numerator=7, denominator=8),
]


def test_it_is_read_as_it_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "demo.rpp"
    project = new_project(path, sample_rate=48_000, tempo=TEMPO, media="Audio")
    assert project.save() is None
    again = Project.load(path)
    assert again.encode() == project.encode()
    assert (again.sample_rate, again.rate.fixed, again.tracks) == (48_000, True, ())
    assert again.tempo_map.points == (msgspec.structs.replace(TEMPO[0], starts_bar=True), *TEMPO[1:])
    assert again.media_folder() == tmp_path / "Audio"


def test_another_reader_reads_it(tmp_path: Path) -> None:
    project = new_project(tmp_path / "demo.rpp", sample_rate=44_100, tempo=TEMPO[:1])
    project.insert_stems([NewStem("Drums", 0, 44_100, [NewTake("Drums", tmp_path / "Bandmate" / "d.wav")])])
    root = independent(project.encode())
    assert root.tag == "REAPER_PROJECT"
    assert root.find("SAMPLERATE") == ["SAMPLERATE", "44100", "1", "0"]
    assert root.find("TEMPO") == ["TEMPO", "92.5", "4", "4"]
    assert root.find("TEMPOENVEX").findall("PT") == []
    assert root.find("TRACK").find("ITEM").find("SOURCE").find("FILE") == ["FILE", "Bandmate/d.wav"]


def test_points_are_written_as_reaper_writes_them(tmp_path: Path) -> None:
    project = new_project(tmp_path / "demo.rpp", sample_rate=48_000, tempo=TEMPO)
    assert independent(project.encode()).find("TEMPOENVEX").findall("PT") == [
        ["PT", "0", "92.5", "1", "262148", "0", "1"],
        ["PT", "2", "92.5", "0", "524295", "0", "5"],
        ["PT", "10", "140", "1"],
    ]
