"""A score that new music follows: its melody, its chords or both, in one place on one range."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from bandmate_bridge.requests.given_notes import NotesSource, file_notes
from bandmate_bridge.requests.given_score import (
    other_metre_remark,
    placed_chart,
    read_score_file,
    score_chart,
    score_quarters,
    score_tempo,
)
from bandmate_plugins._score.read_score import ReadScore
from bandmate_plugins._tasks.follow import follows_chords
from bandmate_plugins._theory.chord_chart import read_chord_chart
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.texts import say


@dataclass(frozen=True)
class FollowedScore:
    """A score, and what of it is followed. Notes and chords alike keep their beats, whatever the bars of the range."""

    file: Path
    score: ReadScore
    has_melody: bool
    has_chords: bool

    def source(self) -> NotesSource:
        """Its tempo, its metre and its length, with its notes where they are followed. Raises RequestError."""
        ends = float(score_quarters(self.score))
        if self.has_melody:
            return replace(file_notes(self.file), ends=ends)
        remarks = tuple(self.score.remarks)
        return NotesSource(self.file.name, (), score_tempo(self.score), remarks, ends=ends)

    def chart(self, timeline: Timeline, tempo: TempoMap, origin: float) -> str:
        """Its chords on the bars of a range, or nothing. Arguments and errors are those of `placed_chart`."""
        return placed_chart(self.score, self.file.name, timeline, tempo, origin) if self.has_chords else ""

    def remarks(self, timeline: Timeline, tempo: TempoMap, origin: float) -> list[str]:
        """What is said of it on a range."""
        said = other_metre_remark(self.score, self.file.name, timeline, tempo, origin)
        return [said] if said else []


def followed_score(file: Path, follow: str, *, has_chart: bool) -> FollowedScore:
    """What of a score is followed, as the parameter `follow` says; `has_chart`: other chords are given.

    Raises RequestError: `file_unusable`, and `bad_params` for chords that cannot be read, and for a score without what
    is to be followed.
    """
    score = read_score_file(file)
    has_chords = bool(score.chords) and follows_chords(follow) and not has_chart
    has_melody = bool(score.parts) and follow in ("auto", "melody")
    if has_chords:
        read_chord_chart(score_chart(score, file.name))
    if not has_chords and not has_melody and not has_chart:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("{name} has nothing that --follow {follow} uses.", name=file.name, follow=follow),
            "Leave out --score, or follow its chords or melody.",
        )
    return FollowedScore(file, score, has_melody, has_chords)
