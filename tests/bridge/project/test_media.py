"""Names and places of new audio."""

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_bridge.rpp import Project, media_path, new_project
from bandmate_bridge.rpp.media_files import file_slug, media_folder
from bandmate_protocol.errors import ErrorCode, RequestError


def test_files_are_numbered_and_never_taken_twice(tmp_path: Path) -> None:
    paths = [media_path(tmp_path / "Bandmate", "dusty lo-fi drums", "Drums") for _ in range(3)]
    assert [path.name for path in paths] == [
        f"dusty lo-fi drums-Drums-00{number}.wav" for number in (1, 2, 3)
    ]
    assert all(path.read_bytes() == b"" for path in paths)


def test_audio_that_is_there_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "a-b-001.wav").write_bytes(b"precious")
    assert media_path(tmp_path, "a", "b").name == "a-b-002.wav"
    assert (tmp_path / "a-b-001.wav").read_bytes() == b"precious"


def test_many_at_once_get_a_file_each(tmp_path: Path) -> None:
    paths: list[Path] = []
    threads = [
        threading.Thread(target=lambda: paths.extend(media_path(tmp_path, "a", "b") for _ in range(20)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(paths)) == 80


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("warm bass, brushed", "warm bass, brushed"),
        ("drums: 4/4 <loud>?", "drums 4 4 loud"),
        ("..\\..\\etc", "etc"),
        ("Größe 日本 🥁", "Größe 日本 🥁"),
        ("con", "_con"),
        ("LPT1", "_LPT1"),
        ("COM¹", "_COM¹"),
        ("CON.txt", "CON txt"),
        (" -rf ", "rf"),
        ("trailing. . ", "trailing"),
        ("a\nb\tc\x00", "a b c"),
        ("", ""),
        ("x" * 300, "x" * 40),
        ("\udcff\ud800", ""),
    ],
)
def test_names_that_every_system_takes(text: str, expected: str) -> None:
    assert file_slug(text, 40) == expected


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_prompt_gives_a_name_for_every_system(prompt: str, part: str) -> None:
    for text in (file_slug(prompt, 40), file_slug(part, 40)):
        assert not set(text) & set('<>:"/\\|?*.')
        assert text == text.strip(" .")
        assert all(char.isprintable() or ord(char) > 127 for char in text)
        assert len(text.encode()) <= 101
    name = f"{file_slug(prompt, 40)}-{file_slug(part, 40)}-001.wav"
    assert len(name.encode()) < 255


def test_a_prompt_without_a_usable_letter_has_a_name(tmp_path: Path) -> None:
    assert media_path(tmp_path, "???", "").name == "audio-001.wav"


def test_the_projects_media_folder_is_used(song: Path) -> None:
    assert Project.load(song).media_path("a", "b") == song.parent / "Audio files" / "a-b-001.wav"
    assert new_project(song.parent / "new.rpp").media_folder() == song.parent / "Bandmate"
    assert new_project(song.parent / "new.rpp", media="Media").media_folder() == song.parent / "Media"


@pytest.mark.skipif(os.name == "nt", reason="a drive is at home there")
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", "Bandmate"),
        ("Media\\takes", "Media/takes"),
        ("D:\\Audio", "Bandmate"),
        ("\\\\server\\share\\x", "Bandmate"),
        ("$project", "Bandmate"),
        ("/mnt/audio", "/mnt/audio"),
    ],
)
def test_media_folders_as_projects_have_them(written: str, expected: str) -> None:
    assert media_folder(Path("/home/me/song.rpp"), written) == Path("/home/me") / expected


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RequestError, match="Cannot write audio to") as caught:
        media_path(tmp_path / "file" / "Bandmate", "a", "b")
    assert caught.value.code is ErrorCode.FILE_UNUSABLE
