"""`bandmate separate`, `analyse`, `cover` and `accompany`, in projects and on files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.rpp import Project
from tests.bridge.command_line import CommandLine, snapshot
from tests.bridge.project.samples import added_lines
from tests.bridge.recordings import RATE, SECONDS, START, audio_song, changed, file_of, items_of, recording

DRUMS = ("--track", "Drums")


@pytest.fixture
def song(bandmate: CommandLine) -> Path:
    return audio_song(bandmate.folder)


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


def test_stems_below_the_sources_track_add_up_to_it(bandmate: CommandLine, song: Path) -> None:
    before = song.read_bytes()
    done = bandmate.good("separate", "--into", song, *DRUMS)
    project = Project.load(song)
    names = [track.name for track in project.tracks]
    assert names == ["Drums", "Drums stems", "Drums 2", "Bass", "Vocals", "Other", "Empty"]
    assert [track.depth for track in project.tracks] == [0, 0, 1, 1, 1, 1, 0]
    assert added_lines(before, song.read_bytes())
    source = project.tracks[0].items[0]
    stems = [read(file_of(track.items[0])) for track in project.tracks[2:6]]
    for track, samples in zip(project.tracks[2:6], stems, strict=True):
        assert abs(track.items[0].start_frame - source.start_frame) <= 1
        assert track.items[0].frames == len(samples) == round(SECONDS * 48_000)
    mix = sum(stems)
    heard = read(bandmate.folder / "take.wav")
    middle = np.interp(np.arange(48_000) / 48_000 + 5, np.arange(len(heard)) / RATE, heard[:, 0])
    here = mix[5 * 48_000 : 6 * 48_000, 0]
    assert np.corrcoef(here, middle)[0, 1] > 0.99
    assert "keeps playing beside its stems" in done.out


def test_stems_of_the_last_track_of_a_folder_stay_in_it(bandmate: CommandLine, song: Path) -> None:
    text = song.read_text()
    first = text.index("    ISBUS 0 0")
    text = text[:first] + "    ISBUS 1 1" + text[first + 13 :]
    song.write_text(text.replace("    ISBUS 0 0", "    ISBUS 2 -1"))
    # The item moves to the last track of the folder.
    text = song.read_text()
    start = text.index("    <ITEM")
    end = text.index("\n    >\n", start) + 7
    item = text[start:end]
    text = text[:start] + text[end:]
    cut = text.rindex("  >\n>")
    song.write_text(text[:cut] + item + text[cut:])
    bandmate.good("separate", "--into", song, "--track", "Empty", "--stems", "drums,bass")
    project = Project.load(song)
    assert [(track.name, track.depth) for track in project.tracks] == [
        ("Drums", 0),
        ("Empty", 1),
        ("Empty stems", 1),
        ("Drums 2", 2),
        ("Bass", 2),
    ]


def test_a_source_is_muted_only_when_asked(bandmate: CommandLine, song: Path) -> None:
    bandmate.good(
        "separate", "--into", song, *DRUMS, "--mode", "two", "--mute-source", "--at", "5.1", "--bars", 2
    )
    project = Project.load(song)
    assert project.tracks[0].items[0].muted
    assert [track.name for track in project.tracks[2:4]] == ["Vocals", "Instrumental"]
    item = project.tracks[2].items[0]
    assert (item.start_frame, item.frames) == (8 * 48_000, 4 * 48_000)


def test_stems_of_a_file(bandmate: CommandLine) -> None:
    heard = recording(bandmate.folder / "mix.wav")
    bandmate.good("separate", "mix.wav", "-o", "stems/")
    stems = [read(path) for path in sorted((bandmate.folder / "stems").glob("*.wav"))]
    assert len(stems) == 4
    assert np.abs(sum(stems) - heard).max() < 10 ** (-90 / 20)
    bandmate.good("separate", "mix.wav", "--stems", "bass", "-o", "bass.wav", "--from", "2s", "--to", "3.5s")
    assert len(read(bandmate.folder / "bass.wav")) == 1.5 * RATE
    bandmate.good("redo")
    assert (bandmate.folder / "bass-2.wav").is_file()
    bandmate.good("separate", "bass.wav", "--mode", "drums", "-o", "kit/")
    kit = {path.name: read(path) for path in (bandmate.folder / "kit").glob("*.wav")}
    assert len(kit) == 3
    assert all(any(name in path.lower() for path in kit) for name in ("kick", "snare", "hats"))
    assert np.abs(sum(kit.values()) - read(bandmate.folder / "bass.wav")).max() < 1e-4


def test_a_summary_and_a_report_of_a_file(bandmate: CommandLine) -> None:
    recording(bandmate.folder / "mix.wav")
    done = bandmate.good("analyse", "mix.wav", "--engine", "dsp", "--json", "out.json")
    report = json.loads((bandmate.folder / "out.json").read_text())
    assert report["frames"] == round(SECONDS * RATE)
    assert [line.split()[0] for line in done.out.splitlines()[:3]] == ["Length", "Tempo", "Key"]
    assert "120" in done.out
    assert sorted(snapshot(bandmate.folder)) == ["mix.wav", "out.json"]


def test_times_of_a_range_of_a_file_are_those_of_the_file(bandmate: CommandLine) -> None:
    recording(bandmate.folder / "mix.wav")
    ranged = ("analyse", "mix.wav", "--engine", "dsp", "--from", "5s", "--to", "15s")
    done = bandmate.good(*ranged, "--json", "-")
    report = json.loads(done.out)
    first = report["sections"][0]["start_frame"]
    assert first == 5 * RATE
    assert not (bandmate.folder / "-").exists()
    said = bandmate.good(*ranged).out
    assert f"Sections  {report['sections'][0]['label']} 0:05.0 to" in said
    assert f"Chords    0:0{report['chords'][0]['position'] / RATE:.1f} " in said


def test_chords_become_markers_and_sections_regions(bandmate: CommandLine, song: Path) -> None:
    before = song.read_bytes()
    done = bandmate.good("analyse", "--into", song, *DRUMS, "--engine", "dsp", "--json", "out.json")
    report = json.loads((bandmate.folder / "out.json").read_text())
    markers = Project.load(song).markers
    chords = [marker for marker in markers if marker.end_frame is None]
    regions = [marker for marker in markers if marker.end_frame is not None]
    heard = [(each["symbol"], each["position"]) for each in report["chords"] if each["symbol"] != "N"]
    assert [(marker.name, marker.frame) for marker in chords] == heard
    assert len(chords) > 4
    parts = [(each["label"], each["start_frame"], each["end_frame"]) for each in report["sections"]]
    assert [(marker.name, marker.frame, marker.end_frame) for marker in regions] == parts != []
    assert all(marker.frame >= round(START * 48_000) - 1 for marker in markers)
    added = added_lines(before, song.read_bytes())
    assert all(line.startswith(b"  MARKER ") for line in added)
    assert f"{len(chords)} chords as markers" in done.out
    assert song.with_name("song.rpp-bandmate-bak").read_bytes() == before


def test_the_tempo_that_is_heard_becomes_the_projects_when_asked(bandmate: CommandLine, song: Path) -> None:
    changed(song, "TEMPO 120 4 4", "TEMPO 97 3 4")
    before = song.read_bytes()
    bandmate.good("analyse", "--into", song, *DRUMS, "--engine", "dsp", "--tempo-map")
    project = Project.load(song)
    at = round((START + 10) * 48_000)
    assert project.tempo_map.bpm_at(at) == pytest.approx(120, abs=0.5)
    bars = [bar.start / 48_000 for bar in project.tempo_map.bars(at, at + 8 * 48_000)]
    off = [(bar - START) % 0.5 for bar in bars]
    assert all(min(one, 0.5 - one) < 0.03 for one in off), "bars begin on beats"
    changed_lines = [line for line in before.splitlines() if line not in song.read_bytes().splitlines()]
    assert changed_lines == [b"    ACT 0 -1"]
    mapped = song.read_bytes()
    again = bandmate.good("analyse", "--into", song, *DRUMS, "--engine", "dsp", "--tempo-map")
    assert "The project's own tempo fits the recording, so its tempo map is unchanged" in again.out
    assert mapped.count(b"PT ") == song.read_bytes().count(b"PT ")
    changed(song, "PT 0 120", "PT 0 97")
    wrong = song.read_bytes()
    said = bandmate.refused(
        "analyse", "--into", song, *DRUMS, "--engine", "dsp", "--tempo", "audio", "--tempo-map"
    )
    assert "The project already has a tempo map, whose bars would no longer fit" in said
    assert song.read_bytes() == wrong


def test_a_tempo_that_is_right_already_is_left_alone(bandmate: CommandLine, song: Path) -> None:
    changed(song, f"POSITION {START}", "POSITION 2")
    before = song.read_bytes()
    done = bandmate.good("analyse", "--into", song, *DRUMS, "--engine", "dsp", "--tempo-map")
    assert "The project's own tempo fits the recording" in done.out
    assert "120.00 bpm, 4/4" in done.out
    assert all(line.startswith(b"  MARKER ") for line in added_lines(before, song.read_bytes()))


def test_a_cover_is_a_track_or_a_take(bandmate: CommandLine, song: Path) -> None:
    run = ("cover", "as a string quartet", "--into", song, *DRUMS, "--from", "5.1", "--to", "9.1")
    bandmate.good(*run, "--strength", 0.6)
    project = Project.load(song)
    assert [track.name for track in project.tracks] == ["Drums", "Empty", "as a string quartet"]
    item = project.tracks[2].items[0]
    assert (item.start_frame, item.frames) == (8 * 48_000, 8 * 48_000)
    bandmate.good("redo")
    assert len(items_of(song, 2)[0].takes) == 2
    bandmate.good(*run, "--take")
    left, middle, right = items_of(song)
    assert [len(item.takes) for item in (left, middle, right)] == [1, 2, 1]
    assert soundfile.info(file_of(middle)).frames == 8 * RATE
    bandmate.good(*run, "--stems", "--midi")
    assert "as a string quartet MIDI" in {track.name for track in Project.load(song).tracks}


def test_a_cover_of_a_file(bandmate: CommandLine) -> None:
    recording(bandmate.folder / "song.wav", seconds=8)
    bandmate.good("cover", "song.wav", "as a string quartet", "-o", "out.wav", "--bpm", 120)
    info = soundfile.info(bandmate.folder / "out.wav")
    assert (info.frames, info.samplerate) == (8 * RATE, RATE)


def test_a_backing_for_a_track_and_for_a_file(bandmate: CommandLine, song: Path) -> None:
    bandmate.good("accompany", "jazz trio", "--into", song, *DRUMS)
    project = Project.load(song)
    folder, *tracks = project.tracks[2:]
    assert folder.name == "jazz trio"
    assert len(tracks) > 1
    assert {track.items[0].frames for track in tracks} == {round(SECONDS * 48_000)}
    bandmate.good(
        "accompany", "take.wav", "add a shaker", "-o", "acc/", "--bpm", 120, "--seconds", 4, "--at", "0s"
    )
    (made,) = (bandmate.folder / "acc").glob("*.wav")
    assert soundfile.info(made).frames == 4 * RATE
