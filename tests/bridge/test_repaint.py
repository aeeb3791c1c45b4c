"""`bandmate repaint`: a further take on a range of an item, or the file with the range in it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.rpp import Project
from tests.bridge.command_line import CommandLine, snapshot
from tests.bridge.project.playing import items
from tests.bridge.recordings import RATE, START, audio_song, changed, file_of, items_of, recording

BARS = ("--from", "5.1", "--to", "7.1")


@pytest.fixture
def song(bandmate: CommandLine) -> Path:
    return audio_song(bandmate.folder)


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


def test_the_range_gets_a_take_of_the_sources_own_frames(bandmate: CommandLine, song: Path) -> None:
    before = song.read_bytes()
    done = bandmate.good("repaint", "busier fill", "--into", song, "--track", "drums", *BARS)
    left, middle, right = items_of(song)
    assert [len(item.takes) for item in (left, middle, right)] == [1, 2, 1]
    samples, rate = soundfile.read(file_of(middle))
    assert rate == RATE, "the source's rate, not the project's"
    assert len(samples) == 4 * RATE
    assert middle.frames == 4 * 48_000
    assert middle.take is not None
    assert middle.take.name == "busier fill"
    assert [(item.fade_in_seconds, item.fade_out_seconds) for item in (left, middle, right)] == [(0, 0)] * 3
    assert song.with_name("song.rpp-bandmate-bak").read_bytes() == before
    assert "nothing around it changed" in done.out
    assert len(Project.load(song).tracks) == 2


def test_what_plays_outside_the_range_is_the_same_to_the_bit(bandmate: CommandLine, song: Path) -> None:
    before = items(song.read_bytes())
    bandmate.good(
        "repaint", "busier fill", "--into", song, "--track", "1", *BARS, "--from", "9.1", "--to", "9.3"
    )
    after = items(song.read_bytes())
    files = {name: read(song.parent / name) for name in {item.file for item in after}}

    def rendered(sounding: list, frames: range) -> np.ndarray:
        """The nearest frame of the file for each frame of the project, as a renderer without a filter."""
        out = np.zeros((len(frames), 2), np.float32)
        for index, frame in enumerate(frames):
            for item in sounding:
                heard = item.at(frame, 48_000, RATE)
                if heard is not None:
                    out[index] += files[heard.file][heard.frame] * np.float32(heard.gain)
        return out

    second = 48_000
    for edge in (8 * second, 12 * second, 16 * second, 17 * second):
        near = range(edge - 300, edge + 300)
        inside = (8 * second, 12 * second) if edge <= 12 * second else (16 * second, 17 * second)
        same = np.all(rendered(before, near) == rendered(after, near), axis=1)
        outside = np.array([not inside[0] <= frame < inside[1] for frame in near])
        # The cut lies on the source's frame that is nearest to the edge.
        assert same[outside][np.abs(np.array(near)[outside] - edge) > 1].all()
    assert len(after) == 5
    assert len(files) == 3


def test_several_ranges_in_one_job_and_a_redo(bandmate: CommandLine, song: Path) -> None:
    ranges = ("--from", "9.1", "--to", "10.1", "--from", "5.1", "--to", "6.1")
    bandmate.good("repaint", "busier", "--into", song, "--track", "Drums", *ranges, "--seed", 1)
    assert [len(item.takes) for item in items_of(song)] == [1, 2, 1, 2, 1]
    bandmate.good("redo")
    pieces = items_of(song)
    assert [len(item.takes) for item in pieces] == [1, 3, 1, 3, 1]
    for piece in pieces[1::2]:
        assert [take.chosen for take in piece.takes] == [False, False, True]
        first, second = (take.source for take in piece.takes[1:])
        assert first is not None
        assert second is not None
        assert first.file.read_bytes() != second.file.read_bytes()


def test_a_redo_after_the_split_was_undone_splits_again(bandmate: CommandLine, song: Path) -> None:
    before = song.read_bytes()
    bandmate.good("repaint", "busier", "--into", song, "--track", "Drums", *BARS)
    song.write_bytes(before)
    bandmate.good("redo")
    assert [len(item.takes) for item in items_of(song)] == [1, 2, 1]
    song.write_bytes(before)
    changed(song, f"POSITION {START}", "POSITION 2.5")
    assert "has changed or is gone" in bandmate.refused("redo")


def test_the_time_selection_is_the_range(bandmate: CommandLine, song: Path) -> None:
    changed(song, "SELECTION 0 0", "SELECTION 8 10")
    bandmate.good("repaint", "busier", "--into", song)
    assert [item.start_frame for item in items_of(song)][1:] == [8 * 48_000, 10 * 48_000]


def test_a_range_over_all_of_an_item_only_adds_a_take(bandmate: CommandLine, song: Path) -> None:
    bandmate.good(
        "repaint",
        "busier",
        "--into",
        song,
        "--track",
        "Drums",
        "--from",
        f"{START}s",
        "--to",
        f"{START + 24}s",
    )
    (item,) = items_of(song)
    assert len(item.takes) == 2
    assert soundfile.info(file_of(item)).frames in (24 * RATE, 24 * RATE + 1)


def test_the_same_range_again_is_fitted_to_the_recording_around_it(bandmate: CommandLine, song: Path) -> None:
    run = ("repaint", "busier", "--into", song, "--track", "Drums", *BARS)
    bandmate.good(*run)
    bandmate.good(*run)
    assert [len(item.takes) for item in items_of(song)] == [1, 3, 1]
    second, first = json.loads(bandmate.good("jobs", "--json", "--most", 2).out)
    assert second["inputs"] == first["inputs"]
    assert second["timeline"] == first["timeline"]
    assert second["timeline"]["context_before_frames"] == 6 * RATE - round((START - 2) * RATE)
    assert second["timeline"]["context_after_frames"] == 8 * RATE


def test_a_neighbour_that_is_crossfaded_is_not_in_the_way(bandmate: CommandLine, song: Path) -> None:
    text = song.read_text()
    start = text.index("    <ITEM")
    end = text.index("\n  >\n", start) + 1
    other = text[start:end].replace(f"POSITION {START}", "POSITION 11.99").replace("IID 1", "IID 2")
    other = other.replace("FADEIN 1 0 0", "FADEIN 1 0 0.02")
    text = text[:end] + other + text[end:]
    song.write_text(
        text.replace("LENGTH 24", "LENGTH 10.01", 1).replace("FADEOUT 1 0 0", "FADEOUT 1 0 0.02", 1)
    )
    run = ("repaint", "busier", "--into", song, "--track", "Drums", "--from", "5.1", "--to")
    bandmate.good(*run, "6.4")
    assert [len(item.takes) for item in items_of(song)] == [1, 2, 1, 1]
    song.write_bytes(song.with_name("song.rpp-bandmate-bak").read_bytes())
    bandmate.good(*run, "7.1")
    pieces = items_of(song)
    assert [len(item.takes) for item in pieces] == [1, 2, 1]
    assert [item.fade_out_seconds for item in pieces] == [0, 0.02, 0]
    assert pieces[1].end_frame == round((START + 10.01) * 48_000), "the crossfade is still what it was"


def test_what_was_made_here_is_repainted_from_its_notes(bandmate: CommandLine) -> None:
    bandmate.good("generate", "funk band", "-o", "band/", "--bpm", 100, "--bars", 4, "--seed", 1)
    drums = "band/Drums.wav"
    done = bandmate.good("repaint", drums, "busier", "--from", "2.1", "--to", "3.1", "-o", "out.wav")
    assert "Detecting the tempo" not in done.err
    assert "from its own notes" in done.out
    (job, *_) = json.loads(bandmate.good("jobs", "--json").out)
    assert (job["timeline"]["start_frame"], job["timeline"]["end_frame"]) == (115_200, 230_400)


def test_the_other_tracks_are_heard(bandmate: CommandLine, song: Path) -> None:
    text = song.read_text()
    start = text.index("    <ITEM")
    end = text.index("\n    >\n", start) + 7
    other = text[start:end].replace(f"POSITION {START}", "POSITION 9")
    cut = text.rindex("  >\n>")
    song.write_text(text[:cut] + other + text[cut:])
    run = ("repaint", "busier", "--into", song, "--track", "Drums", *BARS)
    bandmate.good(*run)
    song.write_bytes(song.with_name("song.rpp-bandmate-bak").read_bytes())
    bandmate.good(*run, "--alone")
    alone, listening = json.loads(bandmate.good("jobs", "--json", "--most", 2).out)
    assert [each["role"] for each in alone["inputs"]] == ["source"]
    assert [each["role"] for each in listening["inputs"]] == ["source", "context"]
    heard = listening["inputs"][1]
    assert (heard["at_frame"], heard["frames"]) == (9 * RATE, (12 + 8 - 9) * RATE)


def test_a_part_of_a_loop(bandmate: CommandLine, song: Path) -> None:
    changed(song, "LENGTH 24", "LENGTH 60")
    changed(song, "LOOP 0\n      ALLTAKES", "LOOP 1\n      ALLTAKES")
    bandmate.good("repaint", "busier", "--into", song, "--track", "Drums", "--from", "15.1", "--to", "16.1")
    assert [len(item.takes) for item in items_of(song)] == [1, 2, 1]
    song.write_bytes(song.with_name("song.rpp-bandmate-bak").read_bytes())
    said = bandmate.refused(
        "repaint", "x", "--into", song, "--track", "Drums", "--from", "13.1", "--to", "15.1"
    )
    assert "is a loop that repeats inside the range" in said


@pytest.mark.parametrize("mode", [1, 3, 4, 2])
def test_channel_modes(bandmate: CommandLine, song: Path, mode: int) -> None:
    changed(song, "CHANMODE 0", f"CHANMODE {mode}")
    bandmate.good("repaint", "busier", "--into", song, "--track", "Drums", *BARS)
    take = items_of(song)[1].take
    assert take is not None
    assert take.channel_mode == (2 if mode == 2 else 0)


def test_an_item_that_plays_faster_as_tape_does(bandmate: CommandLine, song: Path) -> None:
    changed(song, "PLAYRATE 1 1 0", "PLAYRATE 1.25 0 0")
    changed(song, "LENGTH 24", "LENGTH 19")
    bandmate.good("repaint", "busier", "--into", song, "--track", "Drums", *BARS)
    left, middle, _ = items_of(song)
    assert soundfile.info(file_of(middle)).samplerate == 48_000
    assert soundfile.info(file_of(middle)).frames == middle.frames == 4 * 48_000
    assert middle.start_frame == left.end_frame
    assert middle.take is not None
    assert middle.take.play_rate == 1


def test_a_file_with_the_range_in_it(bandmate: CommandLine) -> None:
    recording(bandmate.folder / "take.wav")
    source = (bandmate.folder / "take.wav").read_bytes()
    bandmate.good(
        "repaint", "take.wav", "busier fill", "--from", "4s", "--to", "8s", "-o", "out.wav", "--bpm", 120
    )
    out = (bandmate.folder / "out.wav").read_bytes()
    assert len(out) == len(source)
    data = 44
    first, last = data + 4 * RATE * 4, data + 8 * RATE * 4
    assert out[:first] == source[:first]
    assert out[last:] == source[last:]
    changed_bytes = sum(a != b for a, b in zip(out[first:last], source[first:last], strict=True))
    assert changed_bytes > (last - first) / 4
    bandmate.good("redo")
    assert (bandmate.folder / "out-2.wav").read_bytes()[:first] == source[:first]
    assert sorted(snapshot(bandmate.folder)) == ["out-2.wav", "out.wav", "take.wav"]
    (bandmate.folder / "take.wav").write_bytes(source[:-4] + b"abcd")
    assert "has changed since job" in bandmate.refused("redo")


def test_the_ranges_alone_in_a_folder(bandmate: CommandLine) -> None:
    samples = recording(bandmate.folder / "take.wav")
    soundfile.write(bandmate.folder / "take.flac", samples, RATE)
    run = ("repaint", "take.flac", "busier", "--from", "5.1", "--to", "6.1", "--bpm", 120, "-o")
    assert "-o ranges/" in bandmate.refused(*run, "out.wav")
    bandmate.good(*run, "ranges/")
    (made,) = (bandmate.folder / "ranges").glob("*.wav")
    assert soundfile.info(made).frames == 2 * RATE
