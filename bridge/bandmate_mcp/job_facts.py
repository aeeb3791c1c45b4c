"""Jobs as an assistant reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bandmate_bridge.history.job_list import result_place
from bandmate_bridge.jobs.job_origin import HelperOrigin, ReaperOrigin, origin_of
from bandmate_protocol.messages import JobSummary


def job_line(job: JobSummary) -> dict[str, Any]:
    """A job in short."""
    facts: dict[str, Any] = {
        "job": job.job,
        "state": job.state,
        "task": job.task,
        "prompt": str(job.params.get("prompt", "")),
        "created": datetime.fromtimestamp(job.created_ms / 1000, UTC).isoformat(timespec="seconds"),
    }
    if place := result_place(job):
        facts["where"] = place
    return facts | {name: value for name, value in _said(job).items() if value}


def job_facts(job: JobSummary) -> dict[str, Any]:
    """All of it."""
    return job_line(job) | {
        "engine": job.engine,
        "seed": job.seed,
        "params": job.params,
        "options": job.options,
        "disk_bytes": job.disk_bytes,
        "stems": [
            {
                "name": stem.name,
                "seconds": round(stem.frames / stem.sample_rate, 3),
                "loudness_lufs": stem.loudness_lufs,
                "on_disk": stem.stem not in job.removed_stems,
                "preview": f"bandmate://jobs/{job.job}/stems/{stem.stem}",
            }
            for stem in job.stems
        ],
    }


def is_placed_here(job: JobSummary) -> bool:
    """Whether its result has a place on this machine: a file, or a project file."""
    origin = origin_of(job)
    return origin is not None and not isinstance(origin, ReaperOrigin | HelperOrigin)


def _said(job: JobSummary) -> dict[str, Any]:
    return {"why": job.sentence, "rating": job.rating, "note": job.note, "kept": job.kept}
