"""What a command says at its end, to people or to programs."""

from __future__ import annotations

import os
from typing import Any

import click

from bandmate_bridge.jobs.job_run import FinishedJob
from bandmate_bridge.jobs.receive import ReceivedStem
from bandmate_bridge.runs.run_result import RunResult
from bandmate_plugins._platform.json_text import json_text
from bandmate_protocol.messages import Accepted


def print_result(result: RunResult, *, as_json: bool = False) -> None:
    """Where the results are, what was decided and is remarked, and what to type for another try.

    ``as_json``: all of it as one object, as docs/scripts.md describes it.
    """
    if as_json:
        click.echo(json_text(_result_fields(result)))
        return
    for line in result.lines:
        click.echo(line)
    for remark in (*result.decided, *result.remarks):
        click.echo(f"  {remark}")
    seeded = any(outcome.done.seed_used for outcome in result.outcomes)
    for accepted in result.accepted:
        seed = f", seed {accepted.seed}" if seeded else ""
        click.echo(f"  Job {accepted.job}, engine {accepted.engine}{seed}.")
    if result.again and seeded:
        click.echo(f"  Try again: {result.again}")


def _result_fields(result: RunResult) -> dict[str, Any]:
    jobs = zip(result.accepted, result.outcomes, result.received, strict=True)
    return {
        "command": click.get_current_context().info_name,
        "files": [os.path.abspath(path) for path in result.files],
        "project": os.path.abspath(result.project_file) if result.project_file else None,
        "remarks": [*result.decided, *result.remarks],
        "jobs": [
            _job_fields(accepted, outcome)
            | {"stems": [_stem_fields(each, each.path in result.files) for each in received]}
            for accepted, outcome, received in jobs
        ],
    }


def _job_fields(accepted: Accepted, outcome: FinishedJob) -> dict[str, Any]:
    return {
        "job": accepted.job,
        "task": accepted.task,
        "engine": accepted.engine,
        "reason": accepted.reason,
        "seed": accepted.seed,
        "seed_used": outcome.done.seed_used,
        "seconds": round(outcome.seconds, 3),
        "remarks": list(outcome.done.remarks),
        "report": outcome.done.report,
    }


def _stem_fields(received: ReceivedStem, stays: bool) -> dict[str, Any]:
    stem, end = received.stem, received.end
    return {
        "name": stem.name,
        "role": stem.role,
        "file": os.path.abspath(received.path) if stays else None,
        "sample_rate": stem.sample_rate,
        "channels": stem.channels,
        "frames": stem.frames,
        "start_frame": stem.start_frame,
        "sha256": end.sha256,
        "loudness_lufs": end.loudness_lufs,
        "true_peak_dbtp": end.true_peak_dbtp,
        "notes": len(received.notes),
    }
