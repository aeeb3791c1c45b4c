"""Has the server fetch a model: what it is first, then, once that is accepted, the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bandmate_bridge.client import Client
from bandmate_bridge.display import Display
from bandmate_bridge.work.music import Feel, Length
from bandmate_bridge.work.run import Outcome, run_job
from bandmate_plugins.models.room import size_text

_RATE = 48_000
"""No audio comes of it, but every job has a range."""


@dataclass(frozen=True)
class Offer:
    """What the hub says of a model, as the server was told."""

    licence: str
    lines: list[str]
    """What is fetched, for people."""


def ask(client: Client, model: str, display: Display) -> Offer:
    """Fetches nothing. Raises RequestError: no such model, the hub out of reach, ..."""
    report = _run(client, {"model": model, "only_ask": True}, display).done.report
    lines: list[str] = []
    for each in report["models"]:
        missing = size_text(each["missing_bytes"]) if each["missing_bytes"] else "nothing"
        lines.append(
            f"{each['name']} ({each['hub_id']} at {each['commit'][:8]}): {size_text(each['size_bytes'])}, "
            f"{missing} of it to fetch, licence: {each['licence']}."
        )
        if each["known_of_licence"] != each["licence"]:
            lines.append(f"  What is known here of its licence: {each['known_of_licence']}.")
    return Offer(report["licence"], lines)


def fetch(client: Client, model: str, offer: Offer, most_gb: float, display: Display) -> tuple[str, ...]:
    """Fetches a model, its licence accepted; returns the remarks. Raises RequestError."""
    params = {"model": model, "licence": offer.licence, "most_gb": most_gb}
    return _run(client, params, display).done.remarks


def _run(client: Client, params: Mapping[str, Any], display: Display) -> Outcome:
    accepted = client.submit("pull", Feel().timeline(Length(seconds=1), _RATE), dict(params))
    return run_job(client, accepted, None, display)
