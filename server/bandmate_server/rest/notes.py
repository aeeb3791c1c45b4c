"""The notes of jobs, as JSON and as Standard MIDI Files."""

from __future__ import annotations

import asyncio

import msgspec
from starlette.responses import Response

from bandmate_plugins._platform.midi_file import MidiPart, midi_bytes
from bandmate_protocol.codec import SERVER_FRAMES
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Note, Notes, Stem
from bandmate_protocol.texts import say
from bandmate_protocol.units import Index, JobId, Label
from bandmate_server.jobs import Job
from bandmate_server.rest.answers import json_answer
from bandmate_server.rest.operation import Call, Operation
from bandmate_server.spool import DamagedJournalError, JobSpool, JournalReader, MessageEntry

_MIDI = "audio/midi"


class StemNotes(msgspec.Struct, frozen=True, kw_only=True):
    """The notes of one stem."""

    stem: Index
    name: Label
    start_frame: int
    """Where in the project the stem starts."""
    notes: tuple[Note, ...] = ()
    """Placed in frames from the stem's start."""


class JobNotes(msgspec.Struct, frozen=True, kw_only=True):
    """The notes of a job, so far as it has come."""

    stems: tuple[StemNotes, ...] = ()
    """Those that have any."""


class NotesQuery(msgspec.Struct, frozen=True):
    """Which notes are wanted."""

    stem: Index | None = None
    """All stems if omitted."""


async def get_notes(call: Call) -> Response:
    """The notes that the engine knows, so far as the job has come."""
    return json_answer(JobNotes(stems=tuple(await _wanted_notes(call))))


async def get_midi(call: Call) -> Response:
    """The notes as a MIDI file in the project's tempo and metre, with a track for each stem."""
    job = call.services.desk.events_of(call.path["job"]).job
    parts = [MidiPart(stem.name, stem.start_frame, stem.notes) for stem in await _wanted_notes(call)]
    if not parts:
        raise RequestError(
            ErrorCode.INPUT_MISSING,
            say("Job {job} has no notes.", job=job.id),
            "The engine knows none, or the job has not come that far.",
        )
    data = await asyncio.to_thread(midi_bytes, parts, job.submit.timeline)
    headers = {"Content-Disposition": f'attachment; filename="{job.id}.mid"', "Cache-Control": "no-store"}
    return Response(data, headers=headers, media_type=_MIDI)


async def _wanted_notes(call: Call) -> list[StemNotes]:
    job = call.services.desk.events_of(call.path["job"]).job
    query: NotesQuery = call.query
    found = await asyncio.to_thread(_read_notes, call.services.desk.spool_of(job), job)
    return [stem for stem in found if query.stem in (None, stem.stem)]


def _read_notes(spool: JobSpool, job: Job) -> list[StemNotes]:
    """The notes of every stem's latest revision. Blocks; raises RequestError (`file_unusable`), OSError."""
    stems: dict[int, Stem] = {}
    notes: dict[tuple[int, int], list[Note]] = {}
    for message in _journal_messages(spool, job):
        if isinstance(message, Stem):
            stems[message.stem] = message
        elif isinstance(message, Notes):
            notes.setdefault((message.stem, message.revision), []).extend(message.notes)
    return [
        StemNotes(
            stem=stem.stem,
            name=stem.name,
            start_frame=stem.start_frame,
            notes=tuple(notes[stem.stem, stem.revision]),
        )
        for stem in stems.values()
        if notes.get((stem.stem, stem.revision))
    ]


def _journal_messages(spool: JobSpool, job: Job) -> list[object]:
    reader = JournalReader(spool.journal_path(job.attempt))
    found: list[object] = []
    try:
        while entries := reader.read():
            found += [
                SERVER_FRAMES.decode(entry.frame) for entry in entries if isinstance(entry, MessageEntry)
            ]
    except DamagedJournalError as error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("The output of job {job} is damaged.", job=job.id),
            "Run the job again with the same seed.",
        ) from error
    finally:
        reader.close()
    return found


OPERATIONS = (
    Operation("GET", "/jobs/{job}/notes", get_notes, "stems", {200: JobNotes}, {"job": JobId}, NotesQuery),
    Operation("GET", "/jobs/{job}/notes.mid", get_midi, "stems", {200: (_MIDI,)}, {"job": JobId}, NotesQuery),
)
