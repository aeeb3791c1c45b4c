"""Files that appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate_bridge.files import check_free, free_name, partial_path, put_in_place, write_whole
from bandmate_protocol.errors import ErrorCode, RequestError


def test_a_finished_file_gets_its_name(tmp_path: Path) -> None:
    final = tmp_path / "a.wav"
    partial = partial_path(final)
    partial.write_bytes(b"new")
    put_in_place(partial, final)
    assert final.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [final]


def test_a_name_that_was_taken_meanwhile_stays_taken(tmp_path: Path) -> None:
    final = tmp_path / "a.wav"
    partial = partial_path(final)
    partial.write_bytes(b"new")
    final.write_bytes(b"old")
    with pytest.raises(RequestError) as caught:
        put_in_place(partial, final)
    assert caught.value.code == ErrorCode.FILE_EXISTS
    assert final.read_bytes() == b"old"
    assert partial.read_bytes() == b"new"


def test_replacing_has_to_be_asked_for(tmp_path: Path) -> None:
    final = tmp_path / "a.mid"
    final.write_bytes(b"old")
    with pytest.raises(RequestError):
        write_whole(final, b"new")
    assert final.read_bytes() == b"old"
    write_whole(final, b"new", replace=True)
    assert final.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [final]


def test_what_cannot_be_made_is_said_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    with pytest.raises(RequestError, match="already exists"):
        check_free(tmp_path / "a.wav")
    with pytest.raises(RequestError, match="does not exist"):
        check_free(tmp_path / "no" / "a.wav")
    with pytest.raises(RequestError, match="is a folder"):
        check_free(tmp_path, replace=True)
    check_free(tmp_path / "a.wav", replace=True)
    check_free(tmp_path / "b.wav")


def test_free_names_count_up(tmp_path: Path) -> None:
    assert free_name(tmp_path / "a.wav") == tmp_path / "a.wav"
    (tmp_path / "a.wav").touch()
    (tmp_path / "a-2.wav").touch()
    assert free_name(tmp_path / "a.wav") == tmp_path / "a-3.wav"
