"""A track of several items: commands hear them in their places, with silence between, or say why not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.client import Client
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.rpp import Item, Marker, Project
from bandmate_bridge.watch.invoked import prepare_audio_job
from bandmate_protocol.messages import Invoke
from tests.bridge.command_line import CommandLine
from tests.bridge.project.written import RATE, WrittenItem, written_project
from tests.bridge.recordings import file_of
from tests.running import RunningServer

KEYS = ("--track", "Keys")
ANALYSE = ("analyse", "--engine", "dsp")


@pytest.fixture
def noise(bandmate: CommandLine) -> np.ndarray:
    """Eight seconds of `a.wav`, at the project's rate."""
    samples = (np.random.default_rng(0).standard_normal((8 * RATE, 2)) * 0.05).astype(np.float32)
    soundfile.write(bandmate.folder / "a.wav", samples, RATE, subtype="FLOAT")
    return samples


def song_of(folder: Path, *items: WrittenItem, within: list[str] | None = None) -> Path:
    path = folder / "song.rpp"
    path.write_text(written_project({"Keys": list(items)}, within={"Keys": within or []}))
    return path


def stems_of(song: Path) -> tuple[Item, np.ndarray]:
    """One of the stems, and the sum of all of them."""
    items = [track.items[0] for track in Project.load(song).tracks if track.depth]
    stems = [soundfile.read(file_of(item), dtype="float32", always_2d=True)[0] for item in items]
    return items[0], np.sum(stems, axis=0)


def same(made: np.ndarray, expected: np.ndarray) -> bool:
    return made.shape == expected.shape and float(np.abs(made - expected).max()) < 1e-5


def separate(bandmate: CommandLine, song: Path, *options: object) -> str:
    return bandmate.good("separate", "--into", song, *KEYS, "--mode", "two", *options).out


def test_the_whole_track_with_silence_between(bandmate: CommandLine, noise: np.ndarray) -> None:
    song = song_of(
        bandmate.folder,
        WrittenItem(position=1, length=2, lines=["VOLPAN 0.5 0 2 -1"]),
        WrittenItem(position=4, length=3, lines=["SOFFS 2", "VOLPAN 1 0 -0.5 -1", "FADEIN 0 0.5 0"]),
        WrittenItem(position=5, length=1, lines=["MUTE 1"]),
        WrittenItem(position=8, length=0.05, lines=["CHANMODE 2"]),
    )
    separate(bandmate, song, "--mute-source")
    item, heard = stems_of(song)
    expected = np.zeros((round(7.05 * RATE), 2), np.float32)
    expected[: 2 * RATE] = noise[: 2 * RATE]
    second = -0.5 * noise[2 * RATE : 5 * RATE]
    second[: RATE // 2] *= (np.arange(RATE // 2) / (RATE // 2))[:, None]
    expected[3 * RATE : 6 * RATE] = second
    expected[7 * RATE :] = noise[: round(0.05 * RATE)].mean(axis=1, keepdims=True)
    assert (item.start_frame, item.frames) == (RATE, len(expected))
    assert same(heard, expected)
    assert all(one.muted for one in Project.load(song).tracks[0].items)


def test_a_range_over_crossfaded_items(bandmate: CommandLine, noise: np.ndarray) -> None:
    song = song_of(
        bandmate.folder,
        WrittenItem(position=0, length=4, lines=["FADEOUT 2 0 1"]),
        WrittenItem(position=3, length=4, lines=["SOFFS 3", "FADEIN 2 0 1"]),
    )
    separate(bandmate, song, "--from", "2s", "--to", "6s")
    item, heard = stems_of(song)
    expected = noise[2 * RATE : 6 * RATE].copy()
    rise = (np.arange(RATE) / RATE) ** 2
    expected[RATE : 2 * RATE] *= (rise + rise[::-1])[:, None]
    assert item.start_frame == 2 * RATE
    assert float(np.abs(heard - expected).max()) < 1e-4


def test_passes_of_a_loop(bandmate: CommandLine, noise: np.ndarray) -> None:
    song = song_of(
        bandmate.folder,
        WrittenItem(position=0, length=20, lines=["LOOP 1", "SOFFS 6"]),
        WrittenItem(position=20, length=1),
    )
    separate(bandmate, song)
    _, heard = stems_of(song)
    assert same(heard, np.concatenate([noise[6 * RATE :], noise, noise, noise[: 2 * RATE], noise[:RATE]]))


def test_pieces_of_one_recording_are_one_slice(bandmate: CommandLine, noise: np.ndarray) -> None:
    """So that no filter meets an end in the middle of it."""
    song = song_of(
        bandmate.folder,
        WrittenItem(position=0, length=2),
        WrittenItem(position=2, length=2, lines=["SOFFS 2"]),
        WrittenItem(position=4, length=2, lines=["SOFFS 4", "VOLPAN 0.5 0 1 -1"]),
    )
    bandmate.good(*ANALYSE, "--into", song, *KEYS)
    (job, *_) = json.loads(bandmate.good("jobs", "--json", "--most", 1).out)
    assert [(one.get("start_frame", 0), one["frames"], one.get("joins", False)) for one in job["inputs"]] == [
        (0, 4 * RATE, False),
        (4 * RATE, 2 * RATE, True),
    ]
    assert len(noise) == 8 * RATE


def test_a_track_with_takes_of_ours_goes_on(bandmate: CommandLine, noise: np.ndarray) -> None:
    song = song_of(bandmate.folder, WrittenItem())
    bandmate.good("repaint", "drums", "--into", song, *KEYS, "--from", "2.1", "--to", "3.1")
    pieces = Project.load(song).tracks[0].items
    assert len(pieces) == 3
    done = bandmate.good("extend", "--into", song, *KEYS, "--after", 1)
    assert "The source items are muted." in done.out
    project = Project.load(song)
    assert all(item.muted for item in project.tracks[0].items)
    longer = project.tracks[1].items[0]
    assert (longer.start_frame, longer.frames) == (0, 10 * RATE)
    made = soundfile.read(file_of(longer), dtype="float32", always_2d=True)[0]
    take = soundfile.read(file_of(pieces[1]), dtype="float32", always_2d=True)[0]
    assert same(made[: 2 * RATE], noise[: 2 * RATE])
    assert same(made[2 * RATE : 4 * RATE], take)
    assert same(made[4 * RATE : 7 * RATE], noise[4 * RATE : 7 * RATE])


def test_a_range_over_two_items_is_repainted_in_each(bandmate: CommandLine, noise: np.ndarray) -> None:
    """What lies between the items stays silent, and each keeps its old take."""
    song = song_of(
        bandmate.folder, WrittenItem(length=4), WrittenItem(position=6, length=8, lines=["SOFFS 0"])
    )
    project = Project.load(song)
    project.insert_markers([Marker(0, "Chorus", 2 * RATE, 8 * RATE), Marker(0, "Out", 10 * RATE, 12 * RATE)])
    project.save()
    done = bandmate.good(
        "repaint", "drums", "--into", song, *KEYS, "--section", "chorus", "--section", "out", "--alone"
    )
    assert "The range crosses 2 items; each is changed by itself." in done.out
    takes = [item for item in Project.load(song).tracks[0].items if len(item.takes) == 2]
    assert [(item.start_frame, item.frames) for item in takes] == [
        (2 * RATE, 2 * RATE), (6 * RATE, 2 * RATE), (10 * RATE, 2 * RATE)
    ]  # fmt: skip
    assert {len(soundfile.read(file_of(item))[0]) for item in takes} == {2 * RATE}
    described = json.loads(
        bandmate.good("repaint", "--into", song, *KEYS, "--from", "2s", "--to", "7s", "--alone", "--json").out
    )
    assert len(described["jobs"]) == 2
    assert len(noise) == 8 * RATE


def test_a_range_in_one_item_and_beyond_is_still_refused(bandmate: CommandLine, noise: np.ndarray) -> None:
    song = song_of(bandmate.folder, WrittenItem(length=4), WrittenItem(position=6, length=2))
    said = bandmate.refused("repaint", "x", "--into", song, *KEYS, "--from", "2s", "--to", "5s")
    assert "The range extends beyond the item on the track Keys." in " ".join(said.split())
    assert len(noise) == 8 * RATE


def test_the_time_selection_is_not_the_part_that_is_extended(
    bandmate: CommandLine, noise: np.ndarray
) -> None:
    """It says which item is meant, and the whole of it goes on."""
    items = [WrittenItem(length=4), WrittenItem(position=6, length=4)]
    song = bandmate.folder / "song.rpp"
    song.write_text(written_project({"Keys": items}, "SELECTION 7 8"))
    assert Project.load(song).time_selection is not None
    bandmate.good("extend", "--into", song, *KEYS, "--after", 1)
    longer = Project.load(song).tracks[1].items[0]
    assert (longer.start_frame, longer.frames) == (6 * RATE, 6 * RATE)
    song.write_text(written_project({"Keys": items}, "SELECTION 7 8"))
    said = bandmate.refused("extend", "--into", song, *KEYS, "--from", "7s", "--to", "8s")
    assert "continues a whole item" in " ".join(said.split())
    assert len(noise) == 8 * RATE


def test_selected_items_are_meant(bandmate: CommandLine, noise: np.ndarray) -> None:
    song = song_of(
        bandmate.folder,
        WrittenItem(position=0, length=2),
        WrittenItem(position=2, length=2, lines=["SEL 1"]),
        WrittenItem(position=6, length=1, lines=["SEL 1"]),
    )
    separate(bandmate, song)
    item, heard = stems_of(song)
    assert (item.start_frame, item.frames) == (2 * RATE, 5 * RATE)
    assert same(heard[: 2 * RATE], noise[: 2 * RATE])


def test_the_one_that_sounds_is_meant(bandmate: CommandLine, noise: np.ndarray) -> None:
    song = song_of(
        bandmate.folder,
        WrittenItem(position=0, length=2, lines=["MUTE 1"]),
        WrittenItem(position=0, length=2, lines=["SOFFS 4"]),
        WrittenItem(position=4, length=1, lines=["NAME note"], source=[""]),
    )
    separate(bandmate, song)
    item, heard = stems_of(song)
    assert (item.start_frame, item.frames) == (0, 2 * RATE)
    assert same(heard, noise[4 * RATE : 6 * RATE])


def test_what_cannot_be_heard_is_named(bandmate: CommandLine, noise: np.ndarray) -> None:
    assert len(noise)
    one = WrittenItem(position=0, length=2)
    song = song_of(bandmate.folder, one, WrittenItem("gone.wav", position=4, length=2))
    assert "The item on Keys at 3.1 plays" in bandmate.refused(*ANALYSE, "--into", song, *KEYS)
    song = song_of(bandmate.folder, one, WrittenItem(position=4, length=2), within=["FREEMODE 2"])
    assert "fixed item lanes" in bandmate.refused(*ANALYSE, "--into", song, *KEYS)
    bandmate.good(*ANALYSE, "--into", song, *KEYS, "--from", "1.1", "--to", "2.1")
    many = [WrittenItem(position=at / 4, length=0.1) for at in range(201)]
    song = song_of(bandmate.folder, *many)
    assert "201 pieces of audio play in the range" in bandmate.refused(*ANALYSE, "--into", song, *KEYS)
    song = song_of(bandmate.folder, one, WrittenItem(position=4, length=2, lines=["VOLPAN 1 0.5 1 -1"]))
    done = bandmate.good(*ANALYSE, "--into", song, *KEYS)
    assert "Pan, envelopes and effects of 1 of the items are ignored." in done.out


def test_a_cover_and_a_backing(bandmate: CommandLine, noise: np.ndarray) -> None:
    assert len(noise)
    song = song_of(bandmate.folder, WrittenItem(position=0, length=3), WrittenItem(position=4, length=4))
    for asked in (("cover", "as a string quartet"), ("accompany", "piano")):
        bandmate.good(*asked, "--into", song, *KEYS)
        assert Project.load(song).tracks[-1].items[0].frames == 8 * RATE


STRETCHED = ["PLAYRATE 1.25 1 0 -1 0 0.0025"]


def bursts(path: Path, every: float) -> np.ndarray:
    """Noise that dies away on each beat, for sixteen seconds."""
    time = np.arange(16 * RATE) / RATE
    dice = np.random.default_rng(1)
    samples = 0.3 * np.exp(-(time % every) * 40) * dice.uniform(-1, 1, len(time))
    soundfile.write(path, np.repeat(samples[:, None], 2, axis=1), RATE, subtype="FLOAT")
    return samples


def onset(samples: np.ndarray, near: float) -> float:
    """Where it first is as loud as a third of the loudest within 50 ms, in seconds from there."""
    level = np.abs(samples[round((near - 0.05) * RATE) : round((near + 0.05) * RATE)])
    level = np.convolve(level, np.ones(8) / 8, "same")
    return int(np.argmax(level > 0.3 * level.max())) / RATE - 0.05


def test_stretched_items_are_heard_stretched(bandmate: CommandLine) -> None:
    """Its beats lie where REAPER plays them: at 120, of a recording at 96."""
    source = bursts(bandmate.folder / "a.wav", 60 / 96)
    song = song_of(bandmate.folder, WrittenItem(length=12.8, lines=STRETCHED))
    said = separate(bandmate, song)
    assert "The item on Keys at 1.1 is stretched to 1.25 times its speed" in said
    assert "Bandmate reads it like that" in said
    item, heard = stems_of(song)
    assert item.frames == round(12.8 * RATE)
    for beat in range(2, 24):
        assert abs(onset(heard[:, 0], beat * 60 / 120) - onset(source, beat * 60 / 96)) < 0.002, beat
    assert "1.25 times its speed, at its own pitch" in bandmate.good(*ANALYSE, "--into", song, *KEYS).out
    asked = ("--into", song, *KEYS, "--from", "2.1", "--to", "3.1")
    for command in (("repaint", "x"), ("loop",), ("cover", "x", "--take")):
        assert "at its own pitch. Glue" in bandmate.refused(*command, *asked)
    for command in (("cover", "strings"), ("accompany", "piano")):
        assert "Bandmate reads it like that" in bandmate.good(*command, *asked).out


def test_items_beside_are_heard_stretched_too(bandmate: CommandLine) -> None:
    bursts(bandmate.folder / "a.wav", 60 / 96)
    song = song_of(bandmate.folder, WrittenItem(length=12.8, lines=["PLAYRATE 1.25 1 -2 -1 0 0.0025"]))
    done = bandmate.good("generate", "piano", "--into", song, "--at", "2.1", "--bars", 2)
    assert "can be heard" not in done.out
    (job, *_) = json.loads(bandmate.good("jobs", "--json", "--most", 1).out)
    (heard,) = job["inputs"]
    assert (heard["play_rate"], heard["preserve_pitch"], heard["pitch_semitones"]) == (1.25, True, -2)


def test_a_press_hears_all_of_a_track(
    bandmate: CommandLine, server: RunningServer, noise: np.ndarray
) -> None:
    assert len(noise)
    song = song_of(
        bandmate.folder, WrittenItem(length=2), WrittenItem(position=4, length=2), within=["SEL 1"]
    )
    with Client.connect(server.address, token=server.token) as client:
        tasks = {task.name: task for task in client.describe().tasks}
        press = Invoke(request="press", task="separate", params={})
        project = Project.load(song)
        asked = prepare_audio_job(client, project, tasks["separate"], press, GivenRanges(), force=False)
    assert [given.joins for given in asked.order.inputs] == [False, True]
    timeline = asked.order.timeline
    assert (timeline.start_frame, timeline.end_frame) == (0, 6 * RATE)
