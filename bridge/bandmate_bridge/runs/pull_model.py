"""Has the server fetch a model: what it is first, then, once that is accepted, the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bandmate_bridge.client import Client
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.jobs.job_run import FinishedJob, ReportSink, run_job
from bandmate_bridge.progress import ProgressCallback
from bandmate_bridge.requests.timing import MusicLength, TempoMetreKey
from bandmate_plugins._models.licence_consent import known_licence_lines
from bandmate_plugins._models.room import size_text

TASK = "pull"

_RATE = 48_000
"""No audio comes of it, but every job has a range."""


@dataclass(frozen=True)
class PullOffer:
    """What the hub says of a model, as the server was told."""

    licence: str
    """What is accepted, word for word."""
    missing_bytes: int
    """What of it still has to come."""
    lines: list[str]
    """What is fetched, for people."""

    @classmethod
    def from_report(cls, report: Mapping[str, Any]) -> PullOffer:
        """From the report of the task `pull`."""
        lines: list[str] = []
        for each in report["models"]:
            missing = size_text(each["missing_bytes"]) if each["missing_bytes"] else "nothing"
            where = f"{each['name']} ({each['hub_id']} at {each['commit'][:8]})"
            size = f"{size_text(each['size_bytes'])}, {missing} of it to download"
            lines.append(f"{where}: {size}, licence: {each['licence']}.")
            lines += known_licence_lines(each["known_of_licence"], each["licence"])
        return cls(report["licence"], sum(each["missing_bytes"] for each in report["models"]), lines)


def ask_params(model: str) -> dict[str, Any]:
    """The parameters by which nothing is fetched, and the end reports what it would be."""
    return {"model": model, "only_ask": True}


def fetch_params(model: str, licence: str, most_gb: float) -> dict[str, Any]:
    """The parameters by which it is fetched, its licence accepted, unless it has become larger than that."""
    return {"model": model, "licence": licence, "most_gb": most_gb}


def pull_request(params: Mapping[str, Any]) -> JobRequest:
    """A job of the task `pull`."""
    return JobRequest(TASK, TempoMetreKey().timeline(MusicLength(seconds=1), _RATE), params)


def ask_offer(client: Client, model: str, progress: ProgressCallback) -> PullOffer:
    """Fetches nothing. Raises RequestError: no such model, the hub out of reach, ..."""
    return PullOffer.from_report(_run_pull(client, ask_params(model), progress).done.report)


def fetch_model(
    client: Client, model: str, offer: PullOffer, most_gb: float, progress: ProgressCallback
) -> tuple[str, ...]:
    """Fetches a model, its licence accepted; returns the remarks. Raises RequestError."""
    return _run_pull(client, fetch_params(model, offer.licence, most_gb), progress).done.remarks


def _run_pull(client: Client, params: Mapping[str, Any], progress: ProgressCallback) -> FinishedJob:
    return run_job(client, pull_request(params), ReportSink(), progress)[1]
