"""Where a job for REAPER goes: its audio into files, and what happens as messages to the scripts."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bandmate_bridge.audiofiles.wav import WavFile
from bandmate_bridge.client import Event
from bandmate_bridge.jobs.receive import check_arrived
from bandmate_bridge.outputs.into_item import ItemSpot
from bandmate_bridge.outputs.ledger import LedgerEntry, PlacedStem, remember_result
from bandmate_bridge.path_text import path_text
from bandmate_bridge.reaper.agent.growing_files import open_stem_file
from bandmate_bridge.reaper.agent.marks import analysis_marks, report_note
from bandmate_bridge.reaper.mailbox_messages import (
    AgentMessage,
    FilesGrown,
    JobCancelled,
    JobDone,
    JobMoved,
    NoteFact,
    NotesWritten,
    StemPlace,
    StemsStarted,
    StemWritten,
    WorkFailed,
)
from bandmate_bridge.rpp import FrameGrid
from bandmate_protocol.messages import Cancelled, Done, Note, Stem
from bandmate_protocol.session import (
    AttemptStarted,
    JobEnded,
    JobProgress,
    NotesReceived,
    StemFinished,
    StemPiece,
    StemStarted,
)

PROGRESS_SECONDS = 0.1
GROWN_SECONDS = 0.3
GATHER_SECONDS = 0.3
"""How long announced stems wait for audio, or for others, so that all of them come in one undo step."""
QUIET_SECONDS = 0.03
"""So long after the last one was announced, with audio there, all of them are taken to be there."""


@dataclass
class _GrowingStem:
    stem: Stem
    file: WavFile
    told: bool = False
    notes: list[Note] = field(default_factory=list)


class ReaperSink:
    """Takes the events of one job and sends messages to the scripts. Its files stay, as REAPER plays them."""

    def __init__(
        self,
        job: str,
        folder: Path,
        title: str,
        send: Callable[[AgentMessage], None],
        *,
        spot: ItemSpot | None = None,
        files: Mapping[int, str] | None = None,
        rate: int = 48_000,
        notes: bool = False,
        expected: int = 1,
        remarks: Sequence[str] = (),
    ) -> None:
        """``expected``: how many stems come at least; none is told before, so that one undo step has all.

        ``remarks``: what was seen before the job ran; they are told at its end with the engine's own.
        """
        self._send = send
        self._remarks = tuple(remarks)
        self._expected = expected
        self._wants_notes = notes
        self.job = job
        self._folder = folder
        self._title = title
        self._spot = spot
        self._known = dict(files or {})
        self._rate = rate
        self._stems: dict[int, _GrowingStem] = {}
        self._progress: JobMoved | None = None
        self._said_progress = 0.0
        self._said_grown = 0.0
        self._gathering: float | None = None
        self._is_grown = False

    def take(self, event: Event) -> None:
        """Takes one event.

        Raises BandmateError: `disk_full`, `file_unusable`, and `internal` for audio that arrived damaged.
        """
        for message in self._messages_of(event):
            self._send(message)

    def _messages_of(self, event: Event) -> list[AgentMessage]:
        match event:
            case AttemptStarted():
                for growing in self._stems.values():
                    growing.file.restart()
            case StemStarted():
                self._start_stem(event.stem)
            case StemPiece():
                self._stems[event.stem.stem].file.write(event.offset, event.data)
                self._is_grown = True
            case StemFinished():
                return [self._finished_message(event)]
            case NotesReceived():
                self._stems[event.stem.stem].notes.extend(event.notes)
            case JobProgress():
                message = event.message
                self._progress = JobMoved(
                    job=self.job,
                    stage=message.stage,
                    step=message.step,
                    steps=message.steps,
                    seconds_left=message.seconds_left,
                )
            case JobEnded():
                return [
                    *self._announce_stems(all_there=True),
                    *self._notes_messages(event),
                    self._end_message(event),
                ]
        return []

    def send_due(self) -> None:
        """Sends what is due though no event came: the latest progress, and how far the files are."""
        for message in self._due_messages():
            self._send(message)

    def _due_messages(self) -> list[AgentMessage]:
        now = time.monotonic()
        waited = now - self._gathering if self._gathering else 0.0
        is_due = waited > (QUIET_SECONDS if self._is_grown else GATHER_SECONDS)
        messages: list[AgentMessage] = [*self._announce_stems()] if is_due else []
        if self._progress and now - self._said_progress > PROGRESS_SECONDS:
            reached = self._reached_seconds()
            messages.append(msgspec.structs.replace(self._progress, reached_seconds=reached))
            self._progress, self._said_progress = None, now
        if self._is_grown and not self._gathering and now - self._said_grown > GROWN_SECONDS:
            filled = {str(index): growing.file.filled_frames for index, growing in self._stems.items()}
            reached = self._reached_seconds()
            messages.append(FilesGrown(job=self.job, filled_frames=filled, reached_seconds=reached))
            self._is_grown, self._said_grown = False, now
        return messages

    def _reached_seconds(self) -> float | None:
        """Up to where, in seconds of the project, the parts that are being filled are there; None before."""
        ends = [
            (growing.stem.start_frame + growing.file.filled_frames) / growing.stem.sample_rate
            for growing in self._stems.values()
            if 0 < growing.file.filled_frames < growing.stem.frames
        ]
        return min(ends) if ends else None

    def abandon(self) -> None:
        """Lets go of the files, which stay."""
        for growing in self._stems.values():
            growing.file.release()

    def _start_stem(self, stem: Stem) -> None:
        """A stem begins, perhaps again: one of the same shape goes into the same file."""
        before = self._stems.get(stem.stem)
        if before is not None and _stem_shape(before.stem) == _stem_shape(stem):
            before.file.restart()
            before.stem = stem
            before.notes.clear()
            return
        if before is not None:
            before.file.release()
        file = open_stem_file(self._known.pop(stem.stem, None), self._folder, self._title, stem)
        self._stems[stem.stem] = _GrowingStem(stem, file)
        self._gathering = time.monotonic()

    def _announce_stems(self, *, all_there: bool = False) -> list[StemsStarted]:
        """Announces the stems that have come since the last time."""
        if len(self._stems) < self._expected and not all_there:
            return []
        fresh = [growing for _, growing in sorted(self._stems.items()) if not growing.told]
        self._gathering = None
        if not fresh:
            return []
        for growing in fresh:
            growing.told = True
        return [StemsStarted(job=self.job, stems=tuple(self._stem_place(one) for one in fresh))]

    def _stem_place(self, growing: _GrowingStem) -> StemPlace:
        stem = growing.stem
        place = StemPlace(
            stem=stem.stem,
            name=stem.name,
            role=stem.role,
            colour=stem.colour or "",
            file=str(growing.file.path),
            position_seconds=stem.start_frame / stem.sample_rate,
            length_seconds=stem.frames / stem.sample_rate,
            frames=stem.frames,
        )
        return place if self._spot is None else _cut_place(place, stem, self._spot)

    def _finished_message(self, event: StemFinished) -> AgentMessage:
        growing = self._stems[event.stem.stem]
        check_arrived(growing.file, event)
        return StemWritten(job=self.job, stem=event.stem.stem, lufs=event.end.loudness_lufs)

    def _notes_messages(self, event: JobEnded) -> list[NotesWritten]:
        if not self._wants_notes or not isinstance(event.message, Done):
            return []
        return [
            NotesWritten(
                job=self.job,
                stem=index,
                notes=tuple(
                    _note_fact(note, growing.stem) for note in sorted(growing.notes, key=_note_start)
                ),
            )
            for index, growing in sorted(self._stems.items())
            if growing.notes
        ]

    def _remember_files(self) -> None:
        """Notes which job made the files, so that a repaint of them later knows their notes."""
        placed = tuple(_placed_stem(growing) for _, growing in sorted(self._stems.items()))
        with contextlib.suppress(OSError):
            if placed:
                remember_result(self.job, LedgerEntry(project="", placed=placed))

    def _end_message(self, event: JobEnded) -> AgentMessage:
        message = event.message
        self.abandon()
        if isinstance(message, Done):
            self._remember_files()
            return JobDone(
                job=self.job,
                seconds=message.seconds,
                remarks=(*self._remarks, *message.remarks),
                models=message.models,
                marks=analysis_marks(message.report, self._rate),
                note="" if self._stems else report_note(message.report),
            )
        if isinstance(message, Cancelled):
            return JobCancelled(job=self.job)
        return WorkFailed(
            job=self.job,
            code=message.code,
            sentence=message.sentence,
            remedy=message.remedy,
            models=message.models,
        )


def _cut_place(place: StemPlace, stem: Stem, spot: ItemSpot) -> StemPlace:
    """As the project-file bridge places a part: the item is cut where the job's own frames lie."""
    grid = FrameGrid(stem.sample_rate, spot.phase)
    starts = grid.time_of(stem.start_frame)
    begin = max(starts, spot.place.position)
    item_end = spot.place.position + spot.place.length
    return msgspec.structs.replace(
        place,
        part=str(stem.start_frame),
        begin_seconds=begin,
        end_seconds=min(grid.time_of(stem.start_frame + stem.frames), item_end),
        offset_seconds=max(begin - starts, 0.0),
    )


def _placed_stem(growing: _GrowingStem) -> PlacedStem:
    return PlacedStem(name=growing.stem.name, item="", file=path_text(growing.file.path))


def _stem_shape(stem: Stem) -> tuple[object, ...]:
    return stem.name, stem.sample_rate, stem.channels, stem.frames, stem.start_frame


def _note_start(note: Note) -> int:
    return note.start


def _note_fact(note: Note, stem: Stem) -> NoteFact:
    return NoteFact(
        start_seconds=(stem.start_frame + note.start) / stem.sample_rate,
        length_seconds=note.frames / stem.sample_rate,
        pitch=note.pitch,
        velocity=note.velocity,
        channel=note.channel,
    )
