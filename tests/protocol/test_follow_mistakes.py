"""A job's messages that break the protocol, as its follow sees them."""

from __future__ import annotations

from typing import Any

import pytest

from bandmate_protocol.messages import (
    Note,
    Notes,
)
from bandmate_protocol.session import follow as follow_module
from tests.protocol.pair import JOB, audio, fault_of, follow_of, offsets, stem, stem_end


class TestMistakes:
    @pytest.mark.parametrize(
        "message", [audio(0, 1, stem=3), stem_end(stem=3), Notes(job=JOB, attempt=0, stem=3, notes=())]
    )
    def test_a_stem_has_to_be_announced(self, message: Any) -> None:
        assert "not announced" in fault_of(follow_of(stem()), message).sentence

    @pytest.mark.parametrize(("offset", "frames"), [(0, 11), (10, 1), (5, 6), (2**53, 1)])
    def test_a_piece_lies_within_its_stem(self, offset: int, frames: int) -> None:
        piece = audio(offset, 0, data=bytes(4 * frames))
        assert "the stem has 10" in fault_of(follow_of(stem()), piece).sentence

    @pytest.mark.parametrize("size", [1, 3, 4, 7, 9])
    def test_a_piece_is_of_whole_frames(self, size: int) -> None:
        follow = follow_of(stem(channels=2))
        assert "whole frames" in fault_of(follow, audio(0, 0, data=bytes(size))).sentence

    def test_an_end_has_the_frames_that_were_announced(self) -> None:
        assert "10 frames" in fault_of(follow_of(stem()), stem_end(frames=9)).sentence

    def test_an_end_has_one_hash(self) -> None:
        follow = follow_of(stem(), stem_end())
        assert follow.receive(stem_end()) == []
        assert "hash" in fault_of(follow, stem_end(sha256="cd" * 32)).sentence

    def test_a_stem_is_announced_in_one_way(self) -> None:
        follow = follow_of(stem())
        assert follow.receive(stem()) == []
        assert "was announced twice, differently" in fault_of(follow, stem(frames=11)).sentence

    def test_stems_gaps_and_notes_have_a_most(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(follow_module, "MAX_STEMS", 2)
        monkeypatch.setattr(follow_module, "MAX_GAPS", 2)
        monkeypatch.setattr(follow_module, "MAX_NOTES", 2)
        follow = follow_of(stem(), stem(stem=1), audio(2, 1), audio(4, 1))
        assert "stems" in fault_of(follow, stem(stem=2)).sentence
        assert "gaps" in fault_of(follow, audio(6, 1)).sentence
        # What fills the first gap is always taken, so that a stem can go on.
        assert offsets(follow.receive(audio(0, 2))) == [(0, 2)]
        three = [Note(start=start, frames=1, pitch=60, velocity=90) for start in range(3)]
        assert "notes" in fault_of(follow, Notes(job=JOB, attempt=0, stem=0, notes=tuple(three))).sentence
