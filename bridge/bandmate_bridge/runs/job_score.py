"""The score of a job: its timeline, its chords, and the notes of its stems."""

from __future__ import annotations

from bandmate_bridge.client import Client
from bandmate_bridge.progress import ProgressCallback
from bandmate_bridge.requests.score_timeline import job_score
from bandmate_bridge.runs.fetch import job_to_fetch
from bandmate_bridge.runs.job_notes import job_notes
from bandmate_protocol.messages import Timeline


def job_timeline(
    client: Client, prefix: str | None, stem: str | None, progress: ProgressCallback
) -> tuple[Timeline, str]:
    """A job's timeline with its notes, and its prompt as a title; waits for a job that runs.

    ``stem`` leaves only the notes of that stem or player; no ``prefix`` means the last job. Raises RequestError.
    """
    job = job_to_fetch(client, prefix)
    notes = job_notes(client, job.job, progress)
    return job_score(job, notes.stems, notes.report, stem), str(job.params.get("prompt") or "Score")
