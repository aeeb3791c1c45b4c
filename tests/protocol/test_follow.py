"""One job as its client sees it: pieces in any order, revisions, attempts, ends, mistakes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_protocol.messages import (
    Attached,
    Cancelled,
    Done,
    Failed,
    HeldStem,
    Note,
    Notes,
    Progress,
)
from bandmate_protocol.session import (
    AttemptStarted,
    JobEnded,
    JobFollower,
    JobProgress,
    NotesReceived,
    StemFinished,
    StemPiece,
    StemStarted,
)
from bandmate_protocol.session._ranges import FrameRanges
from tests.protocol.pair import JOB, audio, fault_of, follow_of, offsets, stem, stem_end

DONE = Done(job=JOB, attempt=0)
FAILED = Failed(job=JOB, attempt=0, code="engine_failed", sentence="It broke.")
CANCELLED = Cancelled(job=JOB, attempt=0)


class TestPieces:
    def test_a_stem_from_start_to_end(self) -> None:
        follow = JobFollower(JOB)
        assert follow.receive(stem()) == [StemStarted(stem(), replaces=False)]
        assert follow.receive(audio(0, 6)) == [StemPiece(stem(), 0, audio(0, 6).data)]
        assert follow.receive(audio(6, 4)) == [StemPiece(stem(), 6, audio(6, 4).data)]
        assert follow.receive(stem_end()) == [StemFinished(stem(), stem_end())]
        assert follow.receive(DONE) == [JobEnded(DONE)]
        assert follow.ended

    def test_only_what_is_new_comes_out(self) -> None:
        follow = follow_of(stem(), audio(2, 2), audio(6, 2))
        events = follow.receive(audio(1, 8))
        assert offsets(events) == [(1, 2), (4, 6), (8, 9)]
        for event in events:
            assert isinstance(event, StemPiece)
            assert event.data == audio(event.offset, len(event.data) // 4).data
        assert follow.receive(audio(1, 8)) == []

    def test_the_end_may_come_before_the_last_piece(self) -> None:
        follow = follow_of(stem(), stem_end(), DONE, audio(5, 5))
        assert follow.receive(audio(0, 5))[1:] == [StemFinished(stem(), stem_end()), JobEnded(DONE)]

    def test_an_empty_stem_is_finished_by_its_end(self) -> None:
        follow = follow_of(stem(frames=0))
        end = stem_end(frames=0)
        assert follow.receive(end) == [StemFinished(stem(frames=0), end)]

    def test_an_empty_piece_brings_nothing(self) -> None:
        assert follow_of(stem()).receive(audio(3, 0)) == []

    @given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=30))
    def test_any_pieces_bring_each_frame_once(self, spans: list[tuple[int, int]]) -> None:
        follow = follow_of(stem(frames=40))
        had: set[int] = set()
        for low, high in spans:
            start, end = min(low, high), max(low, high)
            came: list[int] = []
            for first, last in offsets(follow.receive(audio(start, end - start))):
                came += range(first, last)
            assert len(came) == len(set(came))
            assert set(came) == set(range(start, end)) - had
            had |= set(came)
        [held] = follow.held_stems()
        assert held.frames == next(number for number in range(41) if number not in had)

    @given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=40))
    def test_ranges_are_a_set_of_numbers(self, spans: list[tuple[int, int]]) -> None:
        ranges, model = FrameRanges(), set[int]()
        for start, end in spans:
            missing = [
                number for low, high in ranges.missing_ranges(start, end) for number in range(low, high)
            ]
            assert missing == [number for number in range(start, end) if number not in model]
            ranges.add(start, end)
            model.update(range(start, end))
            runs = sum(1 for number in model if number - 1 not in model)
            assert len(ranges) == runs


def test_what_is_missing_of_a_stereo_piece_is_cut_at_whole_frames() -> None:
    follow = follow_of(stem(channels=2))
    piece = audio(0, 1, data=bytes(range(8)) * 4)
    assert follow.receive(piece) == [StemPiece(stem(channels=2), 0, piece.data)]
    late = audio(3, 1, data=bytes(range(60, 76)))
    assert follow.receive(late) == [StemPiece(stem(channels=2), 4, bytes(range(68, 76)))]


class TestRevisions:
    def test_a_higher_revision_replaces_the_pieces(self) -> None:
        follow = follow_of(stem(), audio(0, 10), stem_end())
        fitted = stem(revision=1)
        assert follow.receive(fitted) == [StemStarted(fitted, replaces=True)]
        assert follow.held_stems() == (HeldStem(stem=0, attempt=0, revision=1, frames=0),)
        assert follow.receive(audio(0, 3)) == []
        assert follow.receive(stem_end(sha256="cd" * 32)) == []
        assert follow.receive(DONE) == []
        assert offsets(follow.receive(audio(0, 10, revision=1))) == [(0, 10)]
        end = stem_end(revision=1)
        assert follow.receive(end) == [StemFinished(fitted, end), JobEnded(DONE)]

    def test_a_lower_revision_is_dropped(self) -> None:
        follow = follow_of(stem(revision=2))
        assert follow.receive(stem(revision=1)) == []
        assert follow.stems[0].revision == 2

    def test_a_revision_has_to_be_announced(self) -> None:
        follow = follow_of(stem())
        assert "announced" in fault_of(follow, audio(0, 1, revision=1)).sentence
        assert offsets(follow.receive(audio(0, 1))) == [(0, 1)]


class TestAttempts:
    @pytest.mark.parametrize(
        "message",
        [
            stem(attempt=1),
            audio(0, 1, attempt=1),
            Progress(job=JOB, attempt=1, stage="Again", step=0, steps=9),
            Attached(request="r", job=JOB, state="running", attempt=1),
            Failed(job=JOB, attempt=1, code="worker_died", sentence="It died."),
        ],
    )
    def test_a_higher_attempt_in_any_message_voids_everything(self, message: Any) -> None:
        follow = follow_of(stem(), audio(0, 10), stem_end(), stem(stem=1), DONE)
        assert follow.receive(message)[0] == AttemptStarted(JOB, 1)
        assert follow.attempt == 1
        assert all(held.attempt == 1 for held in follow.held_stems())
        assert 1 not in follow.stems

    def test_a_lower_attempt_is_dropped(self) -> None:
        follow = follow_of(stem(attempt=1))
        for message in (stem(), audio(0, 10), stem_end(), DONE, FAILED, CANCELLED, stem(stem=9)):
            assert follow.receive(message) == []

    def test_the_first_attempt_seen_starts_nothing_anew(self) -> None:
        assert follow_of().receive(stem(attempt=5)) == [StemStarted(stem(attempt=5), replaces=False)]

    def test_an_end_that_was_held_back_is_void_with_its_attempt(self) -> None:
        follow = follow_of(stem(), DONE, stem(attempt=1), audio(0, 10, attempt=1), stem_end(attempt=1))
        assert not follow.ended
        again = Done(job=JOB, attempt=1)
        assert follow.receive(again) == [JobEnded(again)]


class TestEnds:
    def test_done_waits_for_every_stem(self) -> None:
        follow = follow_of(stem(), stem(stem=1), audio(0, 10), stem_end(), DONE, audio(0, 10, stem=1))
        assert follow.receive(stem_end(stem=1))[-1] == JobEnded(DONE)

    def test_failed_waits_for_the_stems_that_were_ended(self) -> None:
        follow = follow_of(stem(), stem(stem=1), stem_end(), FAILED)
        assert not follow.ended
        assert follow.receive(audio(0, 10))[1:] == [StemFinished(stem(), stem_end()), JobEnded(FAILED)]

    def test_cancelled_waits_for_nothing(self) -> None:
        follow = follow_of(stem(), stem_end())
        assert follow.receive(CANCELLED) == [JobEnded(CANCELLED)]

    def test_the_first_end_counts(self) -> None:
        follow = follow_of(stem(), stem_end(), DONE, FAILED)
        assert follow.receive(audio(0, 10))[-1] == JobEnded(DONE)

    def test_after_the_end_nothing_comes_out(self) -> None:
        follow = follow_of(stem(), CANCELLED)
        for message in (
            stem(stem=1),
            audio(0, 1),
            stem_end(),
            DONE,
            CANCELLED,
            stem(attempt=4),
            audio(50, 50),
        ):
            assert follow.receive(message) == []


class TestNotes:
    def test_notes_that_come_again_are_dropped(self) -> None:
        first, second = (Note(start=start, frames=5, pitch=60, velocity=90) for start in (0, 5))
        follow = follow_of(stem())
        assert follow.receive(notes(first)) == [NotesReceived(stem(), (first,))]
        assert follow.receive(notes(first, second, second)) == [NotesReceived(stem(), (second,))]
        assert follow.receive(notes(first, second)) == []
        follow.receive(stem(revision=1))
        assert follow.receive(notes(first, revision=1)) == [NotesReceived(stem(revision=1), (first,))]

    def test_progress_comes_out(self) -> None:
        progress = Progress(job=JOB, attempt=0, stage="Drums", step=3, steps=8)
        assert follow_of().receive(progress) == [JobProgress(progress)]


def notes(*given: Note, revision: int = 0) -> Notes:
    return Notes(job=JOB, attempt=0, revision=revision, stem=0, notes=given)
