"""What the sessions' state machine plays with: jobs as a server has them, and a client that stores them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from bandmate_protocol.messages import (
    Audio,
    Cancelled,
    Done,
    Failed,
    HeldStem,
    Message,
    Note,
    Notes,
    Stem,
    StemEnd,
)
from bandmate_protocol.session import (
    AttemptStarted,
    ClientSession,
    JobEnded,
    NotesReceived,
    StemFinished,
    StemPiece,
    StemStarted,
)
from tests.protocol.pair import stem


@dataclass
class Source:
    """A stem as the server's spool has it."""

    stem: Stem
    data: bytes
    notes: Notes
    ended: bool = False

    @property
    def width(self) -> int:
        return 4 * self.stem.channels

    def piece(self, start: int, end: int) -> Audio:
        data = self.data[start * self.width : end * self.width]
        return Audio(
            job=self.stem.job,
            attempt=self.stem.attempt,
            revision=self.stem.revision,
            stem=self.stem.stem,
            offset=start,
            data=data,
        )

    def end(self) -> StemEnd:
        return StemEnd(
            job=self.stem.job,
            attempt=self.stem.attempt,
            revision=self.stem.revision,
            stem=self.stem.stem,
            frames=self.stem.frames,
            sha256=hashlib.sha256(self.data).hexdigest(),
        )


@dataclass
class ServerJob:
    """A job with everything it ever made, the void things too."""

    job: str
    attempt: int = 0
    sources: dict[int, Source] = field(default_factory=dict)
    void: list[Source] = field(default_factory=list)
    end: Done | Failed | Cancelled | None = None

    def announce(self, index: int, frames: int, channels: int) -> Source:
        before = self.sources.get(index)
        if before is not None:
            self.void.append(before)
            made = replace_stem(before.stem, revision=before.stem.revision + 1, frames=frames)
        else:
            made = stem(job=self.job, attempt=self.attempt, stem=index, frames=frames, channels=channels)
        seed = f"{self.job} {made.attempt} {index} {made.revision} ".encode()
        size = frames * made.channels * 4
        data = b"".join(hashlib.sha256(seed + b"%d" % count).digest() for count in range(size // 32 + 1))
        note = Note(start=0, frames=1, pitch=index, velocity=made.revision + 1)
        notes = Notes(job=self.job, attempt=made.attempt, revision=made.revision, stem=index, notes=(note,))
        self.sources[index] = Source(made, data[:size], notes)
        return self.sources[index]

    def restart(self) -> None:
        self.void += self.sources.values()
        self.sources = {}
        self.attempt += 1

    def told(self) -> list[Message]:
        """The control messages that say where the job is, for a client that attaches."""
        messages: list[Message] = []
        for source in self.sources.values():
            messages += [source.stem, source.notes]
            if source.ended:
                messages.append(source.end())
        return [*messages, self.end] if self.end else messages

    def left(self, held: tuple[HeldStem, ...]) -> dict[int, int]:
        """For each stem, the frame from which on the client needs it."""
        here = {(one.attempt, one.stem, one.revision): one.frames for one in held}
        return {
            index: here.get((source.stem.attempt, index, source.stem.revision), 0)
            for index, source in self.sources.items()
        }


def replace_stem(before: Stem, **changes: Any) -> Stem:
    return Stem(**{name: getattr(before, name) for name in before.__struct_fields__} | changes)


@dataclass
class Stored:
    stem: Stem
    data: bytearray
    written: bytearray
    notes: list[Note] = field(default_factory=list)
    finished: bool = False


@dataclass
class Store:
    """A client's driver: keeps what comes and checks that it comes as promised."""

    stems: dict[tuple[str, int], Stored] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    ends: dict[str, Message] = field(default_factory=dict)
    unstored: int = 0

    def take(self, event: Any) -> None:
        match event:
            case AttemptStarted():
                assert event.attempt > self.attempts.get(event.job, -1)
                self.attempts[event.job] = event.attempt
                self.stems = {key: stored for key, stored in self.stems.items() if key[0] != event.job}
            case StemStarted():
                self._start(event)
            case StemPiece():
                self._write(event)
            case NotesReceived():
                stored = self._of(event)
                assert not set(stored.notes) & set(event.notes)
                stored.notes += event.notes
            case StemFinished():
                stored = self._of(event)
                assert not stored.finished
                assert all(stored.written)
                assert hashlib.sha256(stored.data).hexdigest() == event.end.sha256
                stored.finished = True
            case JobEnded():
                assert event.job not in self.ends, "a job ends once"
                self.ends[event.job] = event.message

    def store(self, client: ClientSession, byte_count: int) -> None:
        taken = min(byte_count, self.unstored)
        client.confirm_stored(taken)
        self.unstored -= taken

    def _start(self, event: StemStarted) -> None:
        key = (event.job, event.stem.stem)
        assert event.replaces == (key in self.stems)
        assert event.job not in self.ends
        size = event.stem.frames * event.stem.channels * 4
        self.attempts.setdefault(event.job, event.stem.attempt)
        self.stems[key] = Stored(event.stem, bytearray(size), bytearray(event.stem.frames))

    def _write(self, event: StemPiece) -> None:
        stored = self._of(event)
        width = 4 * event.stem.channels
        count, rest = divmod(len(event.data), width)
        assert count > 0
        assert rest == 0
        assert not any(stored.written[event.offset : event.offset + count]), "a frame comes once"
        stored.written[event.offset : event.offset + count] = b"\x01" * count
        stored.data[event.offset * width : (event.offset + count) * width] = event.data
        assert len(stored.written) == event.stem.frames
        self.unstored += len(event.data)

    def _of(self, event: StemPiece | NotesReceived | StemFinished) -> Stored:
        assert event.job not in self.ends
        stored = self.stems[event.job, event.stem.stem]
        assert stored.stem == event.stem
        return stored
