"""The notes of MIDI items, by their time in the project: looped, trimmed, pooled, muted, from files."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest

from bandmate_bridge.rpp import Project
from bandmate_bridge.rpp.unplayable_items import UnplayableItemError, UnplayableReason
from tests.bridge.project.written import WrittenItem, written_project

POOL = "{44444444-0000-0000-0000-000000000001}"
TWO = ["E 0 90 3c 60", "E 960 80 3c 00", "E 0 90 40 50", "E 960 80 40 00", "E 1920 b0 7b 00"]
"""A quarter of C4, one of E4, and two of rest: a bar."""

Found = list[tuple[float, float, int]]


def midi(*events: str, head: str = "HASDATA 1 960 QN", tail: tuple[str, ...] = ()) -> list[str]:
    return [
        "<SOURCE MIDI",
        f"  {head}",
        *(f"  {event}" for event in events),
        *(f"  {one}" for one in tail),
        ">",
    ]


def project_of(folder: Path, *items: WrittenItem, head: tuple[str, ...] = ()) -> Project:
    path = folder / "song.rpp"
    path.write_text(written_project({"Keys": list(items)}, *head))
    return Project.load(path)


def notes(project: Project, number: int = 0) -> Found:
    (track,) = project.tracks
    found = project.played_notes(track, track.items[number])
    return [(round(note.start, 4), round(note.end, 4), note.pitch) for note in found]


def one(folder: Path, item: WrittenItem, *head: str) -> Found:
    return notes(project_of(folder, item, head=head))


def item(*lines: str, position: float = 2, length: float = 2, source: list[str] | None = None) -> WrittenItem:
    return WrittenItem(position=position, length=length, lines=list(lines), source=source or midi(*TWO))


def test_notes_stand_where_the_item_does(tmp_path: Path) -> None:
    assert one(tmp_path, item()) == [(4, 5, 60), (5, 6, 64)]


def test_a_looped_item_plays_its_source_again_and_cuts_the_last_round(tmp_path: Path) -> None:
    found = one(tmp_path, item("LOOP 1", length=4.75))
    assert found == [(4, 5, 60), (5, 6, 64), (8, 9, 60), (9, 10, 64), (12, 13, 60), (13, 13.5, 64)]
    assert one(tmp_path, item("LOOP 0", length=4.75)) == [(4, 5, 60), (5, 6, 64)]


def test_a_trimmed_item_begins_within_its_source(tmp_path: Path) -> None:
    """The second number of SOFFS is in quarters; without it the first is in seconds."""
    assert one(tmp_path, item("SOFFS 0.25 0.5", length=0.5)) == [(4, 4.5, 60), (4.5, 5, 64)]
    assert one(tmp_path, item("SOFFS 0.25", length=0.5)) == [(4, 4.5, 60), (4.5, 5, 64)]
    looped = one(tmp_path, item("LOOP 1", "SOFFS 0.5 1", length=2))
    assert looped == [(4, 5, 64), (7, 8, 60)]


def test_a_play_rate_and_a_pitch_are_applied(tmp_path: Path) -> None:
    assert one(tmp_path, item("PLAYRATE 2 1 0 -1")) == [(4, 4.5, 60), (4.5, 5, 64)]
    assert one(tmp_path, item("PLAYRATE 1 1 -3 -1")) == [(4, 5, 57), (5, 6, 61)]


def test_ticks_run_through_changes_of_tempo(tmp_path: Path) -> None:
    head = ("<TEMPOENVEX", "  PT 0 120 1", "  PT 2.5 60 1", ">")
    found = one(tmp_path, item(length=4), *head)
    assert found == [(4, 5, 60), (5, 6, 64)]


def test_a_source_with_its_own_tempo_keeps_it(tmp_path: Path) -> None:
    own = midi(*TWO, tail=("IGNTEMPO 1 60 4 4",))
    assert one(tmp_path, item(length=4, source=own)) == [(4, 6, 60), (6, 8, 64)]
    follows = midi(*TWO, tail=("IGNTEMPO 0 60 4 4",))
    assert one(tmp_path, item(length=4, source=follows)) == [(4, 5, 60), (5, 6, 64)]


def test_muted_and_selected_notes(tmp_path: Path) -> None:
    events = ["Em 0 90 3c 60", "em 960 80 3c 00", "e 0 90 40 50", "E 960 80 40 00", "E 0 b0 7b 00"]
    assert one(tmp_path, item(source=midi(*events))) == [(5, 6, 64)]


def test_other_messages_count_only_by_their_ticks(tmp_path: Path) -> None:
    events = [
        "E 480 b0 01 40", "<X 480 0", "  /wNBQkM=", ">", "E 0 90 3c 60", "E 480 e0 00 40", "E 480 90 3c 00",
        "E 0 b0 7b 00",
    ]  # fmt: skip
    assert one(tmp_path, item(source=midi(*events))) == [(5, 6, 60)]


def test_two_of_one_pitch_and_one_that_never_ends(tmp_path: Path) -> None:
    events = ["E 0 90 3c 60", "E 480 90 3c 60", "E 480 80 3c 00", "E 960 b0 7b 00"]
    assert one(tmp_path, item(source=midi(*events))) == [(4, 5, 60), (4.5, 6, 60)]


def test_other_resolutions(tmp_path: Path) -> None:
    events = ["E 0 90 3c 60", "E 120 80 3c 00", "E 0 b0 7b 00"]
    assert one(tmp_path, item(source=midi(*events, head="HASDATA 1 120 QN"))) == [(4, 5, 60)]


def test_a_pooled_take_plays_the_notes_of_its_pool(tmp_path: Path) -> None:
    owner = item(source=midi(f"POOLEDEVTS {POOL}", *TWO))
    pooled = item(position=6, source=["<SOURCE MIDIPOOL", f"  POOLEDEVTS {POOL}", ">"])
    project = project_of(tmp_path, owner, pooled)
    assert notes(project, 1) == [(12, 13, 60), (13, 14, 64)]
    alone = project_of(tmp_path, pooled)
    with pytest.raises(UnplayableItemError, match="not in the project") as caught:
        notes(alone)
    assert caught.value.reason is UnplayableReason.MIDI


def test_notes_of_a_midi_file(tmp_path: Path) -> None:
    file = mido.MidiFile(ticks_per_beat=480)
    for pitch in (60, 64):
        track = mido.MidiTrack()
        track.append(mido.Message("note_on", note=pitch, velocity=90, time=480 if pitch == 64 else 0))
        track.append(mido.Message("note_off", note=pitch, time=480))
        file.tracks.append(track)
    file.save(tmp_path / "part.mid")
    source = ["<SOURCE MIDI", '  FILE "part.mid"', ">"]
    assert one(tmp_path, item(source=source)) == [(4, 5, 60), (5, 6, 64)]
    (tmp_path / "part.mid").write_bytes((tmp_path / "part.mid").read_bytes()[:30])
    with pytest.raises(UnplayableItemError) as caught:
        one(tmp_path, item(source=source))
    assert caught.value.reason is UnplayableReason.KIND
    (tmp_path / "part.mid").unlink()
    with pytest.raises(UnplayableItemError) as caught:
        one(tmp_path, item(source=source))
    assert (caught.value.reason, caught.value.file) == (UnplayableReason.MISSING, "part.mid")


@pytest.mark.parametrize(
    "events",
    [
        [], ["E"], ["E 0"], ["E x 90 3c 60"], ["E 0 zz 3c 60"], ["E 0 90"], ["E -5 90 3c 60", "E 9 80 3c 00"],
        ["E 99999999999999999999 90 3c 60"], ["E 0 90 3c 60"], ["HASDATA"],
    ],
)  # fmt: skip
def test_damaged_events_upset_nothing(tmp_path: Path, events: list[str]) -> None:
    assert all(0 <= pitch < 128 for _, _, pitch in one(tmp_path, item("LOOP 1", source=midi(*events))))


def test_an_endless_number_of_rounds_comes_to_an_end(tmp_path: Path) -> None:
    events = ["E 0 90 3c 60", "E 1 80 3c 00", "E 0 b0 7b 00"]
    found = one(tmp_path, item("LOOP 1", length=80_000, source=midi(*events)))
    assert 0 < len(found) <= 200_001


def test_an_item_of_audio_has_no_notes(tmp_path: Path) -> None:
    assert one(tmp_path, WrittenItem()) == []
