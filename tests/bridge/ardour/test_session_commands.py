"""Commands with `--into song.ardour`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.outputs.save_project import save_in_place
from bandmate_bridge.projects import load_project
from bandmate_bridge.rpp import Item, Marker, Project, Track, resolve_item
from tests.bridge.ardour.sessions import RATE, SECONDS, noise, session, write_session
from tests.bridge.command_line import CommandLine


@pytest.fixture
def song(bandmate: CommandLine) -> Path:
    return write_session(bandmate.folder / "song", session())


def played(project: Project, track: Track, item: Item) -> np.ndarray:
    """What an item plays of its file."""
    heard = resolve_item(track, item, project.tempo_map)
    audio = soundfile.read(heard.file, dtype="float32", always_2d=True)[0]
    first = round(heard.take.offset_seconds * RATE)
    return audio[first : first + item.frames]


def test_generate_adds_tracks_in_the_sessions_tempo(bandmate: CommandLine, song: Path) -> None:
    before = song.read_text("utf-8").splitlines()
    done = bandmate.good("generate", "jazz trio", "--into", song, "--at", "3.1", "--bars", "2", "--midi")
    assert "song.ardour at 3.1" in done.out
    back = load_project(song)
    added = [track for track in back.tracks[1:] if track.items]
    audio = [item for track in added for item in track.items if not item.is_midi]
    assert len(audio) > 1
    assert {(item.start_frame, item.frames) for item in audio} == {(4 * RATE, 4 * RATE)}
    assert any(item.is_midi for track in added for item in track.items)
    files = {
        item.take.source.file.parent
        for item in audio
        if item.take and item.take.source and item.take.source.file
    }
    assert files == {song.parent / "interchange" / "song" / "audiofiles"}
    now = song.read_text("utf-8").splitlines()
    # The counter of ids, and sections that were empty tags.
    changed = [line for line in before if line not in now]
    assert [line.split()[0] for line in changed] == ["<Session", "<Regions/>"]
    assert song.with_name("song.ardour-bandmate-bak").read_text("utf-8").splitlines() == before


def test_repaint_is_a_new_playlist(bandmate: CommandLine, song: Path) -> None:
    bandmate.good(
        "repaint", "busier fill", "--into", song, "--track", "Guitar", "--from", "2.1", "--to", "3.1"
    )
    back = load_project(song)
    left, middle, right = back.tracks[0].items
    assert [(item.start_frame, item.end_frame) for item in (left, middle, right)] == [
        (0, 2 * RATE),
        (2 * RATE, 4 * RATE),
        (4 * RATE, 12 * RATE),
    ]
    assert sorted(take.name for take in middle.takes) == ["Riff", "busier fill"]
    for item in (left, right):
        assert (played(back, back.tracks[0], item) == noise()[item.start_frame : item.end_frame]).all()
    assert len(played(back, back.tracks[0], middle)) == 2 * RATE
    unused = song.read_text("utf-8").partition("<UnusedPlaylists>")[2]
    assert 'name="Guitar" type="audio"' in unused


def test_stems_add_up_to_their_source(bandmate: CommandLine, song: Path) -> None:
    bandmate.good("separate", "--into", song, "--track", "Guitar", "--mute-source")
    back = load_project(song)
    assert back.tracks[0].items[0].muted
    stems = [played(back, track, item) for track in back.tracks[1:] for item in track.items]
    assert len(stems) > 1
    assert np.abs(sum(stems) - noise()).max() < 1e-3


@pytest.mark.parametrize(
    "words",
    [
        ("cover", "as a string quartet", "--track", "Guitar"),
        ("accompany", "soft pads", "--track", "Guitar"),
        ("extend", "--track", "Guitar", "--after", "2"),
    ],
    ids=lambda words: words[0],
)
def test_what_is_made_of_a_region_comes_beside_it(
    bandmate: CommandLine, song: Path, words: tuple[str, ...]
) -> None:
    bandmate.good(*words, "--into", song)
    back = load_project(song)
    assert sum(len(track.items) for track in back.tracks) > 1
    (kept,) = [item for item in back.tracks[0].items if item.start_frame == 0]
    assert (played(back, back.tracks[0], kept)[: 12 * RATE] == noise()[: kept.frames]).all()


def test_a_loop_is_another_playlist(bandmate: CommandLine, song: Path) -> None:
    bandmate.good("loop", "--into", song, "--track", "Guitar")
    (item,) = load_project(song).tracks[0].items
    assert len(item.takes) == 2


def test_another_take_with_a_new_seed(bandmate: CommandLine, song: Path) -> None:
    place = ("--into", song, "--track", "Guitar", "--from", "2.1", "--to", "3.1")
    bandmate.good("repaint", "busier fill", *place)
    bandmate.good("redo")
    assert [len(item.takes) for item in load_project(song).tracks[0].items] == [1, 3, 1]


def test_an_analysis_is_marks(bandmate: CommandLine, song: Path) -> None:
    seconds = np.arange(round(SECONDS * RATE)) / RATE
    for file in song.parent.glob("interchange/*/audiofiles/*.wav"):
        chords = [
            sum(np.sin(2 * np.pi * 261.63 * 2 ** (pitch / 12) * seconds) for pitch in chord)
            for chord in ((0, 4, 7), (5, 9, 12))
        ]
        audio = np.where(seconds < 4, *chords) * np.exp(-2 * (seconds % 0.5)) / 6
        soundfile.write(file, audio, RATE, subtype="FLOAT")
    bandmate.good("analyse", "--engine", "dsp", "--into", song, "--track", "Guitar")
    names = {marker.name: marker.frame for marker in load_project(song).markers}
    assert names["C"] == 0
    assert names["F"] == 4 * RATE


@contextmanager
def an_ardour(folder: Path, holds: Path, **environ: str) -> Iterator[None]:
    """A process by the name of Ardour that holds a file open."""
    program = folder / "ardour-7.3.0~ds"
    if not program.exists():
        program.symlink_to("/bin/sleep")
    with holds.open("rb") as held, subprocess.Popen([program, "600"], stdin=held, env=environ) as process:
        try:
            # The system closes our end of the start before it names the process.
            while Path(f"/proc/{process.pid}/comm").read_text().strip() != program.name:
                time.sleep(0.001)
            yield
        finally:
            process.kill()


def test_a_session_that_ardour_has_open_is_refused(bandmate: CommandLine, song: Path, tmp_path: Path) -> None:
    words = ("generate", "jazz trio", "--into", song, "--at", "1.1", "--bars", "1")
    file = next(song.parent.glob("interchange/*/audiofiles/*"))
    with an_ardour(tmp_path, file, HOME=str(tmp_path)):
        assert "Ardour has song.ardour open" in bandmate.refused(*words)
        assert "Ardour is running" in bandmate.good(*words, "--force").out


def test_a_result_that_finds_the_session_open_becomes_a_snapshot(song: Path, tmp_path: Path) -> None:
    project = load_project(song)
    before = song.read_bytes()
    project.insert_markers([Marker(0, "Verse", RATE)])
    file = next(song.parent.glob("interchange/*/audiofiles/*"))
    with an_ardour(tmp_path, file, HOME=str(tmp_path)):
        (said,) = save_in_place(project, song, force=False)
    assert "song-bandmate.ardour" in said
    assert song.read_bytes() == before
    assert [one.name for one in load_project(song.with_name("song-bandmate.ardour")).markers] == ["Verse"]


def test_an_ardour_with_another_session_is_no_obstacle(
    bandmate: CommandLine, song: Path, tmp_path: Path
) -> None:
    other = write_session(tmp_path / "other", session())
    file = next(other.parent.glob("interchange/*/audiofiles/*"))
    with an_ardour(tmp_path, file, HOME=str(tmp_path)):
        bandmate.good("generate", "jazz trio", "--into", song, "--at", "1.1", "--bars", "1")


def test_an_empty_session_is_open_where_ardour_opened_it_last(
    bandmate: CommandLine, song: Path, tmp_path: Path
) -> None:
    settings = tmp_path / ".config" / "ardour7"
    settings.mkdir(parents=True)
    (settings / "recent").write_text(f"song\n{song.parent}\n")
    with an_ardour(tmp_path, Path("/dev/null"), HOME=str(tmp_path)):
        said = bandmate.refused("generate", "jazz trio", "--into", song, "--at", "1.1", "--bars", "1")
    assert "Ardour has song.ardour open" in said


def test_a_session_that_ardour_was_started_with_is_open(
    bandmate: CommandLine, song: Path, tmp_path: Path
) -> None:
    program = tmp_path / "ArdourGUI"
    program.symlink_to(sys.executable)
    waits = "import sys; print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [program, "-c", waits, song.name],
        cwd=song.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"HOME": str(tmp_path)},
    ) as process:
        assert process.stdout
        process.stdout.readline()
        said = bandmate.refused("generate", "jazz trio", "--into", song, "--at", "1.1", "--bars", "1")
    assert "Ardour has song.ardour open" in said


def test_a_recording_that_was_cut_short_is_recovered_first(bandmate: CommandLine, song: Path) -> None:
    song.with_suffix(".pending").write_text("<Session/>")
    said = bandmate.refused("generate", "jazz trio", "--into", song, "--at", "1.1", "--bars", "1")
    assert "song.pending" in said


def test_a_session_is_no_audio_file(bandmate: CommandLine, song: Path) -> None:
    assert "is a project, not audio" in bandmate.refused("separate", song, "-o", "stems/")


def test_a_new_session_is_left_to_ardour(bandmate: CommandLine) -> None:
    said = bandmate.refused("generate", "jazz trio", "-o", "new.ardour", "--bars", "1")
    assert "does not make new ones" in said


def test_the_folder_of_a_session_is_not_the_session(bandmate: CommandLine, song: Path) -> None:
    said = bandmate.refused("generate", "jazz trio", "--into", song.parent, "--at", "1.1", "--bars", "1")
    assert "is a folder. Give the .ardour file" in said


def test_a_path_may_be_relative(bandmate: CommandLine, song: Path) -> None:
    place = song.relative_to(bandmate.folder)
    bandmate.good("cover", "as a string quartet", "--track", "Guitar", "--into", place)
    back = load_project(song)
    made = [played(back, track, item) for track in back.tracks[1:] for item in track.items]
    assert sum(len(audio) for audio in made) >= 12 * RATE


def test_a_session_goes_over_as_a_dawproject(bandmate: CommandLine, song: Path) -> None:
    place = song.relative_to(bandmate.folder)
    done = bandmate.good("export", "--into", place, "-o", "song.dawproject")
    assert "missing" not in done.out
    back = load_project(bandmate.folder / "song.dawproject")
    (item,) = back.tracks[0].items
    assert (played(back, back.tracks[0], item) == noise()).all()
