"""A job's output on the disk: written by a worker at full speed, read by any number of sessions at theirs."""

from bandmate_server.spool.attempt_files import JobSpool
from bandmate_server.spool.journal import (
    AudioEntry,
    DamagedJournalError,
    JournalEntry,
    JournalReader,
    MessageEntry,
)
from bandmate_server.spool.writer import SpoolWriter

__all__ = [
    "AudioEntry",
    "DamagedJournalError",
    "JobSpool",
    "JournalEntry",
    "JournalReader",
    "MessageEntry",
    "SpoolWriter",
]
