"""What `/query_result` says of a task: upstream's status numbers, and its list of items as JSON text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from bandmate_protocol.messages import Cancelled, Done, Failed, JobStem, Progress
from bandmate_server.compat.acestep.audio_names import AudioName
from bandmate_server.compat.acestep.task_store import TaskRecord
from bandmate_server.jobs.job import Job

RUNNING, SUCCEEDED, FAILED = 0, 1, 2
_METAS = ("bpm", "duration", "genres", "keyscale", "timesignature")


@dataclass(frozen=True)
class JobState:
    """One job of a task as it is now."""

    job: Job
    progress: Progress | None
    end: Done | Failed | Cancelled | None
    stems: Sequence[JobStem]


@dataclass(frozen=True)
class Address:
    """Where audio is fetched: `http://127.0.0.1:8001`, and the secret that seals its names."""

    base: str
    token: str


def unknown_task(task_id: str) -> dict[str, Any]:
    """An id that is not known, or no longer. Upstream says 0, so that clients wait for ever."""
    sentence = "There is no task of this id; results are kept for seven days."
    return _entry(task_id, FAILED, [_failed_item(None, sentence)], sentence)


def describe_task(record: TaskRecord, jobs: Sequence[JobState], address: Address) -> dict[str, Any]:
    """One entry of the answer."""
    if not jobs:
        if record.error:
            return _entry(record.id, FAILED, [_failed_item(record, record.error)], record.error)
        return _entry(record.id, RUNNING, [_running_item(record, 0.0, record.stage)], record.stage)
    failed = next((each for each in jobs if each.end is not None and not isinstance(each.end, Done)), None)
    if failed is not None or any(each.job.state == "interrupted" for each in jobs):
        sentence = _failure_text(failed)
        return _entry(record.id, FAILED, [_failed_item(record, sentence)], sentence)
    if all(isinstance(each.end, Done) for each in jobs):
        items = [item for each in jobs for item in _done_items(record, each, address)]
        return _entry(record.id, SUCCEEDED, items, "succeeded")
    stage = next((_stage_text(each) for each in jobs if each.end is None), "")
    share = sum(map(_done_share, jobs)) / len(jobs)
    return _entry(record.id, RUNNING, [_running_item(record, share, stage)], stage)


def _entry(task_id: str, status: int, items: list[dict[str, Any]], text: str) -> dict[str, Any]:
    result = msgspec.json.encode(items).decode()
    return {"task_id": task_id, "status": status, "result": result, "progress_text": text}


def _done_share(state: JobState) -> float:
    """How much of a job is done: of its stage, since no one knows the length of those to come."""
    if state.end is not None:
        return 1.0
    progress = state.progress
    return min(progress.step / progress.steps, 1.0) if progress is not None and progress.steps else 0.0


def _stage_text(state: JobState) -> str:
    if state.job.state == "queued" or state.progress is None:
        return "queued" if state.job.state == "queued" else "running"
    progress = state.progress
    return f"{progress.stage} ({progress.step}/{progress.steps})" if progress.steps else progress.stage


def _failure_text(failed: JobState | None) -> str:
    if failed is None:
        return "The server stopped while the task ran. Send it again."
    if isinstance(failed.end, Failed):
        return f"{failed.end.sentence} {failed.end.remedy}".strip()
    return "Cancelled."


def _plain_item(record: TaskRecord | None, status: int) -> dict[str, Any]:
    """What every item has."""
    metas = dict(record.metas) if record is not None else {}
    return {
        "file": "",
        "wave": "",
        "status": status,
        "create_time": int(record.created_s) if record is not None else 0,
        "env": "development",
        "prompt": (record.caption or record.prompt) if record is not None else "",
        "lyrics": (record.sung or record.lyrics) if record is not None else "",
        "metas": {name: metas.get(name, "N/A") for name in _METAS}
        | {
            "prompt": record.prompt if record is not None else "",
            "lyrics": record.lyrics if record is not None else "",
        },
    }


def _running_item(record: TaskRecord, share: float, stage: str) -> dict[str, Any]:
    return {**_plain_item(record, RUNNING), "progress": share, "stage": stage}


def _failed_item(record: TaskRecord | None, sentence: str) -> dict[str, Any]:
    return {**_plain_item(record, FAILED), "progress": 0.0, "stage": "failed", "error": sentence}


def _done_items(record: TaskRecord, state: JobState, address: Address) -> list[dict[str, Any]]:
    assert isinstance(state.end, Done), "the task is done"
    shared = {
        **_plain_item(record, SUCCEEDED),
        "generation_info": "\n".join([state.job.reason, *state.end.remarks]).strip(),
        "seed_value": str(state.job.seed),
        "lm_model": str(state.end.report.get("planner") or ""),
        "dit_model": state.job.engine,
        "progress": 1.0,
        "stage": "succeeded",
        "job": state.job.id,
    }
    if not state.stems:
        return [{**shared, "metas": {**shared["metas"], **_found_metas(state.end)}}]
    return [
        {
            **shared,
            **_audio_fields(AudioName(state.job.id, stem.stem, record.audio_format), address),
            "stem": stem.name,
        }
        for stem in sorted(state.stems, key=lambda stem: stem.stem)
    ]


def _audio_fields(name: AudioName, address: Address) -> dict[str, str]:
    file = f"/v1/audio?path={quote(name.sealed(address.token), safe='')}"
    return {"file": file, "url": address.base + file}


def _found_metas(end: Done) -> dict[str, Any]:
    """What `analyse` found, in upstream's words."""
    report = end.report
    rate, frames = report.get("sample_rate"), report.get("frames")
    return {
        "bpm": round(float(report.get("median_bpm") or 0.0), 2) or "N/A",
        "keyscale": report.get("key") or "N/A",
        "timesignature": str(report.get("metre") or "N/A").removesuffix("/4").replace("6/8", "6"),
        "duration": round(frames / rate, 3) if rate and frames else "N/A",
    }
