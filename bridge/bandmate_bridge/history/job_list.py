"""The jobs that a person may want to look up, and where their results are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bandmate_bridge.client import Client
from bandmate_bridge.files import numbered_path
from bandmate_bridge.jobs.job_origin import (
    FileOrigin,
    FolderOrigin,
    HelperOrigin,
    ItemOrigin,
    PatchOrigin,
    ProjectOrigin,
    ReaperOrigin,
    origin_of,
)
from bandmate_bridge.outputs import ledger
from bandmate_bridge.path_text import text_path
from bandmate_protocol.messages import JobSummary

_MAX_JOBS_READ = 1000
"""As many as the protocol lets a client ask for at once."""

_UNMARKED_HELPERS = ("suggest",)
"""Tasks whose jobs older clients did not mark; such jobs may still be in the server's table."""


def visible_jobs(client: Client, most: int, **filters: Any) -> list[JobSummary]:
    """The newest jobs that fit, newest first, without those that only served another job; so many, if there are.

    ``filters`` are fields of `list_jobs`.
    """
    asked = most
    while True:
        asked = min(2 * asked, _MAX_JOBS_READ)
        found = client.jobs(asked, **filters)
        shown = [job for job in found if not _is_hidden(job)]
        if len(shown) >= most or len(found) < asked or asked == _MAX_JOBS_READ:
            return shown[:most]


def _is_hidden(job: JobSummary) -> bool:
    """Whether it only served another job, as clients note in its origin when they ask for it."""
    return isinstance(origin_of(job), HelperOrigin) or job.task in _UNMARKED_HELPERS


def requested_place(job: JobSummary) -> Path | None:
    """The file, folder or project that a job's result was asked for; None where that is not known here."""
    match origin_of(job):
        case (ProjectOrigin() | ItemOrigin()) as origin:
            # An edit may have gone to a copy beside the project.
            entry = ledger.recall_result(job.job)
            return text_path(entry.project if entry else origin.project)
        case FileOrigin() as origin:
            return numbered_path(text_path(origin.output), origin.number)
        case (FolderOrigin() | PatchOrigin()) as origin:
            return text_path(origin.output)
    return None


def result_place(job: JobSummary) -> str:
    """Where a finished job's result is, for people; empty where it is not."""
    if isinstance(origin_of(job), ReaperOrigin):
        return "in REAPER"
    place = requested_place(job)
    return str(place) if place is not None and job.state == "done" and place.exists() else ""
