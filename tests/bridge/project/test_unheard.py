"""Items that cannot be heard, or not be changed: each by the sentence that says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate_bridge.outputs.into_project import ProjectOutput, TrackLayout
from bandmate_bridge.rpp import NewStem, NewTake, PlayableItem, Project, check_splittable, resolve_item
from bandmate_bridge.rpp.unplayable_items import UnplayableItemError, UnplayableReason
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.bridge.project.written import WrittenItem, written_project

WAVE = ["<SOURCE WAVE", '  FILE "a.wav"', ">"]
GONE = ["<SOURCE WAVE", '  FILE "gone.wav"', ">"]
POOL = ["<SOURCE MIDIPOOL", "  POOLEDEVTS {44444444-0000-0000-0000-000000000001}", ">"]
STRETCHED = "PLAYRATE 1.25 1 0 -1 0 0.0025"


def project_of(folder: Path, item: WrittenItem, *track: str) -> Project:
    (folder / "a.wav").touch()
    path = folder / "song.rpp"
    path.write_text(written_project({"Keys": [item]}, within={"Keys": list(track)}))
    return Project.load(path)


def heard(project: Project) -> PlayableItem:
    (track,) = project.tracks
    return resolve_item(track, track.items[0], project.tempo_map)


def source(kind: str, file: str = "") -> WrittenItem:
    return WrittenItem(source=[f"<SOURCE {kind}", *([f'  FILE "{file}"'] if file else []), ">"])


@pytest.mark.parametrize(
    ("item", "reason", "words"),
    [
        (WrittenItem(source=POOL), UnplayableReason.MIDI, "is MIDI"),
        (source("MIDI"), UnplayableReason.MIDI, "is MIDI"),
        (source("CLICK"), UnplayableReason.KIND, "is a click source"),
        (source("RPP_PROJECT", "a.wav"), UnplayableReason.KIND, "is a subproject"),
        (source("VIDEO", "a.wav"), UnplayableReason.KIND, "plays a.wav, which Bandmate cannot read"),
        (source("WAVPACK", "a.wav"), UnplayableReason.KIND, "plays a.wav, which Bandmate cannot read"),
        (source("WAVE", "gone.wav"), UnplayableReason.MISSING, "gone.wav, which is missing"),
        (source("VIDEO", "gone.m4a"), UnplayableReason.MISSING, "gone.m4a, which is missing"),
        (
            source("WAVE", "D:\\x\\y.mp3"),
            UnplayableReason.MISSING,
            r"plays D:\x\y.mp3, a file on a Windows machine",
        ),
        (source("_OFFLINE_WAVE", "a.wav"), UnplayableReason.MISSING, "is offline"),
        (
            WrittenItem(lines=[STRETCHED], source=GONE),
            UnplayableReason.MISSING,
            "gone.wav, which is missing",
        ),
        (WrittenItem(lines=["NAME note", "NOTES 0"], source=[""]), UnplayableReason.EMPTY, "is empty"),
        (WrittenItem(source=[*WAVE, "TAKE NULL SEL"]), UnplayableReason.EMPTY, "has no active take"),
        (
            WrittenItem(lines=["ALLTAKES 1"], source=[*WAVE, "TAKE", *WAVE]),
            UnplayableReason.CHANGED,
            "plays all of its takes at once",
        ),
    ],
)
def test_what_an_item_is(tmp_path: Path, item: WrittenItem, reason: UnplayableReason, words: str) -> None:
    with pytest.raises(UnplayableItemError) as caught:
        heard(project_of(tmp_path, item))
    assert words in str(caught.value)
    assert caught.value.reason is reason
    missing = reason is UnplayableReason.MISSING
    assert caught.value.code == (ErrorCode.FILE_UNUSABLE if missing else ErrorCode.INPUT_UNUSABLE)


def test_an_item_that_would_play_all_takes_and_has_one(tmp_path: Path) -> None:
    item = WrittenItem(lines=["ALLTAKES 1"], source=[*WAVE, "TAKE NULL"])
    assert heard(project_of(tmp_path, item)).file == tmp_path / "a.wav"


def test_a_pooled_midi_take_is_not_split(tmp_path: Path) -> None:
    """Its offset is in quarters, and its notes are those of another item."""
    item = WrittenItem(source=[*WAVE, "TAKE", "SOFFS 0 0", *POOL])
    project = project_of(tmp_path, item)
    with pytest.raises(RequestError, match="has a MIDI take, which Bandmate cannot split"):
        check_splittable(heard(project), project.tempo_map)


def test_nothing_goes_onto_a_frozen_track(tmp_path: Path) -> None:
    item = WrittenItem(lines=["LOCK 1", "FREEZE 0 8 0"])
    project = project_of(tmp_path, item, "<FREEZE 0", "  AAAA", ">")
    with pytest.raises(RequestError, match=r"is frozen.*Unfreeze it"):
        check_splittable(heard(project), project.tempo_map)
    place = project.item_place(project.tracks[0], project.tracks[0].items[0])
    for layout in (TrackLayout("drums", track="Keys"), TrackLayout("stems", mute=(place,))):
        with pytest.raises(RequestError, match="is frozen"):
            ProjectOutput(project, layout).check(1)
    ProjectOutput(project, TrackLayout("Keys stems", below=project.tracks[0].guid)).check(1)


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "\0"), ("", "\r\n\0"), ("@noindex\n", ""), ("@description My template\n\n@noindex\n", "\n")],
)
def test_what_stands_around_a_project_stays(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "song.rpp"
    inside = written_project({"Keys": [WrittenItem()]}).rstrip("\n")
    path.write_bytes((before + inside + "\n" + after).encode())
    project = Project.load(path)
    assert project.encode() == path.read_bytes()
    project.insert_stems([NewStem("Drums", 0, 100, [NewTake("drums", tmp_path / "d.wav")])])
    project.save()
    text = path.read_bytes().decode()
    assert text.startswith(before + "<REAPER_PROJECT")
    assert text.endswith(">\n" + after)
    assert [track.name for track in Project.load(path).tracks] == ["Keys", "Drums"]


@pytest.mark.parametrize("text", ["", "@noindex\n", "hello\n<REAPER_PROJECT 0.1\n>\n", "<RPP\n>\n"])
def test_what_is_no_project(tmp_path: Path, text: str) -> None:
    path = tmp_path / "song.rpp"
    path.write_text(text)
    with pytest.raises(RequestError, match="does not begin with"):
        Project.load(path)
