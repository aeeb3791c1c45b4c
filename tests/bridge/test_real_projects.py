"""What real projects hold and a tidy one does not: commands do the right thing, or say why they do not."""

from __future__ import annotations

from pathlib import Path

from bandmate_bridge.project import Project
from tests.bridge.command_line import CommandLine
from tests.bridge.project.written import RATE, WrittenItem, tone, written_project

WAVE = ["<SOURCE WAVE", '  FILE "a.wav"', ">"]
POOL = ["<SOURCE MIDIPOOL", "  POOLEDEVTS {44444444-0000-0000-0000-000000000001}", ">"]


def song_of(folder: Path, item: WrittenItem, *track: str, head: tuple[str, ...] = ()) -> Path:
    """A project of one track, Keys, with one item."""
    tone(folder / "a.wav", 220)
    path = folder / "song.rpp"
    path.write_text(written_project({"Keys": [item]}, *head, within={"Keys": list(track)}))
    return path


def test_a_pooled_midi_take_is_left_alone(bandmate: CommandLine) -> None:
    song = song_of(bandmate.folder, WrittenItem(source=[*WAVE, "TAKE", "SOFFS 0 0", *POOL]))
    asked = ("repaint", "x", "--into", song, "--track", "Keys", "--from", "2.1", "--to", "3.1")
    assert "is MIDI" in bandmate.refused(*asked)


def test_a_frozen_track_is_left_alone(bandmate: CommandLine) -> None:
    item = WrittenItem(lines=["LOCK 1", "FREEZE 0 8 0"])
    song = song_of(bandmate.folder, item, "<FREEZE 0", ">")
    for asked in (
        ("repaint", "x", "--from", "2.1", "--to", "3.1"),
        ("generate", "drums", "--at", "2.1", "--bars", 1),
        ("separate", "--mute-source"),
    ):
        assert "is frozen" in bandmate.refused(*asked, "--into", song, "--track", "Keys")


def test_times_are_those_of_the_ruler(bandmate: CommandLine) -> None:
    song = song_of(bandmate.folder, WrittenItem(), head=("PROJOFFS 3590 0 0",))
    bandmate.good("generate", "drums", "--into", song, "--at", "60:10", "--bars", 2, "--alone")
    assert Project.load(song).tracks[-1].items[0].start_frame == 20 * RATE
    bandmate.good("loop", "--into", song, "--track", "Keys", "--from", "59:52", "--to", "3594s")
    assert [item.start_frame for item in Project.load(song).tracks[0].items] == [0, 2 * RATE, 4 * RATE]
    asked = ("repaint", "x", "--into", song, "--track", "Keys", "--from", "59:50", "--to", "59:51")
    song.write_text(song.read_text().replace("LENGTH 2", "LENGTH 2\n      SOFFS -1", 1))
    assert "heard from 59:51.000 to 59:52.000" in bandmate.refused(*asked)


def test_a_locked_item_is_named(bandmate: CommandLine) -> None:
    song = song_of(bandmate.folder, WrittenItem(lines=["LOCK 1"]))
    done = bandmate.good("loop", "--into", song, "--track", "Keys", "--from", "2.1", "--to", "3.1")
    assert "The item is locked in REAPER" in done.out
    assert all(item.locked for item in Project.load(song).tracks[0].items)
