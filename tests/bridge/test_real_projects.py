"""What real projects hold and a tidy one does not: commands do the right thing, or say why they do not."""

from __future__ import annotations

from pathlib import Path

from bandmate_bridge.rpp import Item, Project
from bandmate_bridge.rpp.items import chosen_part
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
    assert "has a MIDI take" in bandmate.refused(*asked)


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
    assert "plays from 59:51.000 to 59:52.000" in bandmate.refused(*asked)


def test_a_locked_item_is_named(bandmate: CommandLine) -> None:
    song = song_of(bandmate.folder, WrittenItem(lines=["LOCK 1"]))
    done = bandmate.good("loop", "--into", song, "--track", "Keys", "--from", "2.1", "--to", "3.1")
    assert "The item is locked in REAPER" in done.out
    assert all(item.locked for item in Project.load(song).tracks[0].items)


def test_what_was_taken_for_granted_is_told(bandmate: CommandLine) -> None:
    song = bandmate.folder / "song.rpp"
    tracks = {
        "Keys": [WrittenItem("gone.wav"), WrittenItem(position=8, source=POOL)],
        "Voice": [WrittenItem("D:\\lost\\voice.wav")],
    }
    song.write_text(written_project(tracks).replace("SAMPLERATE 44100 1", "SAMPLERATE 44100 0"))
    run = ("generate", "drums", "--into", song, "--bars", 1)
    done = bandmate.good(*run, "--at", "200.1")
    assert done.out.count("leaves its sample rate to the audio device; Bandmate assumes 44100 Hz") == 1
    assert "Bar 200 is beyond the last item of the project, which ends at 9.1." in done.out
    assert "can be read" not in done.out
    assert "Not read there" not in done.out
    done = bandmate.good(*run, "--at", "2.1")
    missing = "2 items whose files are missing (gone.wav, voice.wav)"
    assert f"Nothing that plays there can be read: {missing}." in done.out
    assert "beyond" not in done.out
    tone(bandmate.folder / "a.wav", 220)
    song.write_text(written_project(tracks | {"Bass": [WrittenItem(), WrittenItem(position=8, source=POOL)]}))
    done = bandmate.good(*run, "--at", "4.1", "--bars", 2)
    assert f"Not read there: 2 MIDI items and {missing}." in done.out
    assert "sample rate" not in done.out


def test_what_is_heard_and_the_new_track_are_named(bandmate: CommandLine) -> None:
    song = song_of(bandmate.folder, WrittenItem())
    done = bandmate.good("cover", "as a string quartet", "--into", song, "--track", "Keys")
    assert "song.rpp at 1.1, on a new track: as a string quartet." in done.out


SHAPED = [
    "FADEIN 1 0.25 0 1 0 0 0",
    "FADEOUT 1 0.01 0.5 1 0 0 0",
    "VOLPAN 0.5 0.25 0.7 -1",
    "CHANMODE 2",
    "<VOLENV",
    "  EGUID {33333333-0000-0000-0000-000000000001}",
    "  PT 0 1 0",
    "  PT 4 0.5 0",
    ">",
]


def shape(item: Item) -> tuple[object, ...]:
    """What REAPER does to the sounding take of an item after it has read its file."""
    part = chosen_part(item.chunk)
    envelope = part.chunk("VOLENV")
    points = [line[:2] for line in envelope.lines("PT")] if envelope else []
    volume = part.line("TAKEVOLPAN") or part.line("VOLPAN")[1:]
    fades = item.fade_in_seconds, item.fade_out_seconds
    return item.chunk.word("VOLPAN"), volume, part.integer("CHANMODE"), points, fades


def test_stems_are_played_as_the_item_is(bandmate: CommandLine) -> None:
    """So they add up to what the item plays: all of that acts on each as on their sum."""
    song = song_of(bandmate.folder, WrittenItem(position=1, lines=SHAPED))
    bandmate.good("separate", "--into", song, "--track", "Keys", "--mode", "two")
    project = Project.load(song)
    volume = ["0.25", "0.7", "-1"]
    whole = ("0.5", volume, 2, [["0", "1"], ["4", "0.5"]], (0.25, 0.5))
    assert shape(project.tracks[0].items[0]) == whole
    assert [shape(track.items[0]) for track in project.tracks[2:]] == [whole] * 2
    bandmate.good("redo")
    redone = [track.items[0] for track in Project.load(song).tracks[2:]]
    assert [(len(item.takes), shape(item)) for item in redone] == [(2, whole)] * 2
    bandmate.good(
        "separate", "--into", song, "--track", "Keys", "--stems", "bass", "--at", "3s", "--seconds", 2
    )
    part = Project.load(song).tracks[1].items[0]
    assert shape(part) == ("0.5", volume, 2, [["-2", "1"], ["2", "0.5"]], (0, 0))


def test_a_longer_recording_is_played_as_the_item_was(bandmate: CommandLine) -> None:
    song = song_of(bandmate.folder, WrittenItem(position=0, lines=SHAPED))
    bandmate.good("extend", "--into", song, "--track", "Keys", "--after", 1)
    longer = Project.load(song).tracks[1].items[0]
    assert shape(longer) == ("0.5", ["0.25", "0.7", "-1"], 2, [["0", "1"], ["4", "0.5"]], (0.25, 0))
