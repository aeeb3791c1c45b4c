"""Follows one job through pieces, revisions, attempts and cuts, and tells what is new in each message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.messages import (
    Attached,
    Audio,
    Cancelled,
    Done,
    Failed,
    HeldStem,
    Note,
    Notes,
    Progress,
    Stem,
    StemEnd,
)
from bandmate_protocol.session._ranges import FrameRanges
from bandmate_protocol.session.events import (
    AttemptStarted,
    FollowEvent,
    JobEnded,
    JobProgress,
    NotesReceived,
    RemoteFault,
    StemFinished,
    StemPiece,
    StemStarted,
)

JobMessage = Progress | Attached | Stem | Audio | StemEnd | Notes | Done | Failed | Cancelled
"""Every message of a server that belongs to one job and attempt."""

MAX_STEMS: Final = 1024
"""Stems of one job, as many as `attach` can name."""

MAX_NOTES: Final = 1 << 18
"""Notes of one stem."""

MAX_GAPS: Final = 4096
"""Stretches of a stem that may be missing between others at one time."""

_SAMPLE_BYTES: Final = 4
"""One 32-bit float."""


class _IncomingStem:
    """One stem, in one revision, on its way."""

    __slots__ = ("end", "finished", "had", "notes", "stem")

    def __init__(self, stem: Stem) -> None:
        self.stem = stem
        self.had = FrameRanges()
        self.notes: set[Note] = set()
        self.end: StemEnd | None = None
        self.finished = False

    @property
    def is_complete(self) -> bool:
        return self.end is not None and self.had.covers(self.stem.frames)


class JobFollower:
    """The state of one job as its client sees it.

    Outlives the connection: hand it to the next `ClientSession`, whose `attach` asks for the rest.

    - A higher attempt, in whatever message, voids everything; messages of a lower one are dropped.
    - A higher revision of a stem voids that stem's pieces; messages of a lower one are dropped.
    - Pieces may come in any order, more than once and overlapping; only what is new comes out.
    - `done` waits for every stem, `failed` for every stem that was ended; `cancelled` waits for nothing.
    """

    def __init__(self, job: str) -> None:
        self.job = job
        self.attempt: int | None = None
        """None until the first message says."""
        self.ended = False
        """`JobEnded` was told; what comes now is dropped."""
        self._stems: dict[int, _IncomingStem] = {}
        self._end: Done | Failed | Cancelled | None = None

    @property
    def stems(self) -> Mapping[int, Stem]:
        """The stems announced in this attempt, in their latest revision."""
        return {index: coming.stem for index, coming in self._stems.items()}

    def held_stems(self) -> tuple[HeldStem, ...]:
        """What `attach` says is here already, for every stem without a gap from its start."""
        return tuple(
            HeldStem(
                stem=index,
                attempt=coming.stem.attempt,
                revision=coming.stem.revision,
                frames=coming.had.gapless_length,
            )
            for index, coming in sorted(self._stems.items())
        )

    def reopen(self) -> None:
        """Follows an ended job again; it will end once more."""
        self.ended = False
        self._end = None

    def receive(self, message: JobMessage) -> list[FollowEvent]:
        """What a message of this job brings that is new; a mistake in it comes out as `RemoteFault`."""
        if self.ended or (self.attempt is not None and message.attempt < self.attempt):
            return []
        events: list[FollowEvent] = []
        if message.attempt != self.attempt:
            if self.attempt is not None:
                events.append(AttemptStarted(self.job, message.attempt))
            self.attempt = message.attempt
            self._stems.clear()
            self._end = None
        events += self._handle_message(message)
        if self._can_end():
            assert self._end is not None
            self.ended = True
            events.append(JobEnded(self._end))
        return events

    def _handle_message(self, message: JobMessage) -> list[FollowEvent]:
        match message:
            case Audio() | StemEnd() | Notes():
                return self._handle_stem_part(message)
            case Stem():
                return self._announce_stem(message)
            case Progress():
                return [JobProgress(message)]
            case Done() | Failed() | Cancelled():
                self._end = self._end or message
        return []

    def _can_end(self) -> bool:
        match self._end:
            case None:
                return False
            case Cancelled():
                return True
            case Failed():
                return all(coming.is_complete for coming in self._stems.values() if coming.end)
            case Done():
                return all(coming.is_complete for coming in self._stems.values())

    def _announce_stem(self, stem: Stem) -> list[FollowEvent]:
        before = self._stems.get(stem.stem)
        if before is not None and stem.revision <= before.stem.revision:
            if stem.revision == before.stem.revision and stem != before.stem:
                return [
                    _bad_message_fault(
                        f"Stem {stem.stem} of job {self.job} was announced twice, differently."
                    )
                ]
            return []
        if before is None and len(self._stems) >= MAX_STEMS:
            return [_bad_message_fault(f"Job {self.job} has more than {MAX_STEMS} stems.")]
        self._stems[stem.stem] = _IncomingStem(stem)
        return [StemStarted(stem, replaces=before is not None)]

    def _handle_stem_part(self, message: Audio | StemEnd | Notes) -> list[FollowEvent]:
        coming = self._stems.get(message.stem)
        if coming is None or message.revision > coming.stem.revision:
            return [_bad_message_fault(f"Stem {message.stem} of job {self.job} was not announced.")]
        if message.revision < coming.stem.revision:
            return []
        match message:
            case Audio():
                events = _add_audio(coming, message)
            case StemEnd():
                events = _set_end(coming, message)
            case Notes():
                events = _add_notes(coming, message)
        if coming.is_complete and not coming.finished:
            assert coming.end is not None
            coming.finished = True
            events.append(StemFinished(coming.stem, coming.end))
        return events


def _add_audio(coming: _IncomingStem, audio: Audio) -> list[FollowEvent]:
    stem = coming.stem
    width = _SAMPLE_BYTES * stem.channels
    frames, rest = divmod(len(audio.data), width)
    if rest:
        return [
            _bad_message_fault(
                f"A piece of stem {stem.stem} is not whole frames of {stem.channels} channels."
            )
        ]
    end = audio.offset + frames
    if end > stem.frames:
        return [
            _bad_message_fault(
                f"A piece of stem {stem.stem} ends at frame {end}; the stem has {stem.frames}."
            )
        ]
    missing = coming.had.missing_ranges(audio.offset, end)
    if not missing:
        return []
    if len(coming.had) >= MAX_GAPS and audio.offset > coming.had.gapless_length:
        return [_bad_message_fault(f"Stem {stem.stem} has more than {MAX_GAPS} gaps.")]
    coming.had.add(audio.offset, end)
    if missing == [(audio.offset, end)]:
        return [StemPiece(stem, audio.offset, audio.data)]
    return [
        StemPiece(stem, a, audio.data[(a - audio.offset) * width : (b - audio.offset) * width])
        for a, b in missing
    ]


def _set_end(coming: _IncomingStem, end: StemEnd) -> list[FollowEvent]:
    stem = coming.stem
    if end.frames != stem.frames:
        return [
            _bad_message_fault(
                f"Stem {stem.stem} was announced with {stem.frames} frames and ended with {end.frames}."
            )
        ]
    if coming.end is not None and coming.end.sha256 != end.sha256:
        return [_bad_message_fault(f"Stem {stem.stem} was ended twice, with different hashes.")]
    coming.end = coming.end or end
    return []


def _add_notes(coming: _IncomingStem, message: Notes) -> list[FollowEvent]:
    new = tuple(note for note in dict.fromkeys(message.notes) if note not in coming.notes)
    if len(coming.notes) + len(new) > MAX_NOTES:
        return [_bad_message_fault(f"Stem {coming.stem.stem} has more than {MAX_NOTES} notes.")]
    coming.notes.update(new)
    return [NotesReceived(coming.stem, new)] if new else []


def _bad_message_fault(sentence: str) -> RemoteFault:
    return RemoteFault(ErrorCode.BAD_MESSAGE, sentence)
