"""Archives that are damaged, hostile, or of another kind: a sentence with a remedy, and nothing is lost."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from bandmate_bridge.dawproject import archive as archives
from bandmate_bridge.projects import load_project
from bandmate_bridge.rpp import resolve_item
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.bridge.dawproject.archives import archive, audio, project

CLIP = f'<Clip time="0" duration="4" contentTimeUnit="seconds">{audio()}</Clip>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def refused(path: Path, says: str, code: ErrorCode = ErrorCode.NOT_A_PROJECT) -> None:
    before = path.read_bytes() if path.exists() else b""
    with pytest.raises(RequestError) as error:
        load_project(path)
    assert error.value.code == code
    assert says in error.value.sentence
    assert error.value.remedy
    assert not path.exists() or path.read_bytes() == before


@pytest.mark.parametrize(
    ("xml", "says"),
    [
        ("<Project version='1.0'><Application", "cannot be read"),
        ("", "cannot be read"),
        (LAUGHS + "<Project version='1.0'>&b;</Project>", "DOCTYPE"),
        (FILE + "<Project version='1.0'>&a;</Project>", "DOCTYPE"),
        ("<?xml version='1.0' encoding='UTF-16'?><Project/>", "UTF-16"),
        ("<?xml version='1.0' encoding='latin-1'?><Project version='1.0'/>", "latin-1"),
        ("<Ableton/>", "begins with <Ableton>"),
        ("<Project version='2.0'/>", "version 2.0"),
        ("<Lanes>" * 500 + "</Lanes>" * 500, "more elements"),
        (project(tempo="5000"), "a tempo of 5000"),
    ],
)
def test_texts_that_are_no_project(tmp_path: Path, xml: str, says: str) -> None:
    refused(archive(tmp_path / "song.dawproject", xml), says)


def test_files_that_are_no_archive(tmp_path: Path) -> None:
    refused(tmp_path / "none.dawproject", "does not exist", ErrorCode.FILE_UNUSABLE)
    path = tmp_path / "song.dawproject"
    for data in (b"", b"RIFF", b"<REAPER_PROJECT"):
        path.write_bytes(data)
        refused(path, "not a complete ZIP archive")
    whole = archive(tmp_path / "whole.dawproject", project(CLIP)).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, "not a complete ZIP archive")


def test_an_archive_without_a_project(tmp_path: Path) -> None:
    path = tmp_path / "song.zip"
    with zipfile.ZipFile(path, "w") as written:
        written.writestr("readme.txt", "hello")
    refused(path, "contains no project.xml")


def test_a_damaged_entry(tmp_path: Path) -> None:
    path = archive(tmp_path / "song.dawproject", project(CLIP))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as opened:
        info = opened.getinfo("audio/a.wav")
    at = info.header_offset + info.compress_size // 2
    data[at : at + 64] = bytes(64)
    path.write_bytes(data)
    refused(path, "audio/a.wav cannot be unpacked")


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path / "song.dawproject", project(CLIP), more={"x.bin": b""})
    monkeypatch.setattr(archives, "_MAX_XML_BYTES", 100)
    refused(path, "a project.xml of")
    monkeypatch.undo()
    # A header that promises less than is there: only what was promised is unpacked.
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("project.xml", project(CLIP))
        written.writestr("audio/a.wav", bytes(1 << 20))
    data = packed.getvalue().replace((1 << 20).to_bytes(4, "little"), (1 << 10).to_bytes(4, "little"))
    path.write_bytes(data)
    refused(path, "audio/a.wav cannot be unpacked")
    monkeypatch.setattr(archives, "_MAX_RATIO", 10)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("project.xml", project(CLIP))
        written.writestr("audio/a.wav", bytes(2 << 20))
    path.write_bytes(packed.getvalue())
    refused(path, "times its size")


def test_two_entries_of_one_name(tmp_path: Path) -> None:
    path = archive(tmp_path / "song.dawproject", project(CLIP))
    with zipfile.ZipFile(path, "a") as written, pytest.warns(UserWarning, match="Duplicate"):
        written.writestr("project.xml", project())
    refused(path, "two entries of one name")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "C:/x.wav", "..\\x.wav", "audio/none.wav"]
)
def test_paths_that_lead_out_of_the_archive_are_missing_files(tmp_path: Path, name: str) -> None:
    clip = f'<Clip time="0" duration="4" contentTimeUnit="seconds">{audio(name)}</Clip>'
    song = load_project(archive(tmp_path / "song.dawproject", project(clip), more={"../../etc/passwd": b"x"}))
    track = song.tracks[0]
    with pytest.raises(RequestError) as error:
        resolve_item(track, track.items[0], song.tempo_map)
    assert error.value.code == ErrorCode.FILE_UNUSABLE
    assert "missing" in error.value.sentence


def test_numbers_that_are_none(tmp_path: Path) -> None:
    clips = "".join(
        f'<Clip time="{time}" duration="{length}" contentTimeUnit="seconds">{audio()}</Clip>'
        for time, length in (("nan", 1), ("inf", 1), ("1e300", 1), ("x", 1), (0, -1), (0, 0), (1, "nan"))
    )
    song = load_project(archive(tmp_path / "song.dawproject", project(clips)))
    assert [(item.start_frame, item.frames) for item in song.tracks[0].items] == [(24_000, 8 * 48_000)]


def test_a_clip_that_links_to_itself(tmp_path: Path) -> None:
    clip = (
        '<Clip time="0" duration="4"><Clips id="c"><Clip time="0" duration="4" reference="c"/></Clips></Clip>'
    )
    song = load_project(archive(tmp_path / "song.dawproject", project(clip)))
    assert "nested too deeply" in song.rate.remark
