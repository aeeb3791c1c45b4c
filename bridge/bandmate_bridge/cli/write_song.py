"""`bandmate write`: asks for a song in words and shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bandmate_bridge.cli.connect import connect_client
from bandmate_bridge.cli.display import ProgressDisplay
from bandmate_bridge.cli.report import print_result
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.requests.timing import MusicLength, TempoMetreKey
from bandmate_bridge.runs.any_task import run_report
from bandmate_bridge.runs.engine_names import check_engine

_RATE = 48_000
_LABELS = {
    "prompt": "Prompt",
    "genres": "Genres",
    "bpm": "Tempo",
    "metre": "Metre",
    "key": "Key",
    "language": "Language",
}


def run_write(
    params: Mapping[str, Any], engine: str | None, seed: int | None, *, as_json: bool = False
) -> None:
    """Runs the task and prints what was written. Raises RequestError."""
    timeline = TempoMetreKey().timeline(MusicLength().or_default(), _RATE)
    with ProgressDisplay() as display, connect_client(display) as client:
        check_engine(client, engine)
        result = run_report(client, JobRequest("write", timeline, params, (), engine, seed), display)
    result.lines[:] = song_lines(result.outcomes[0].done.report)
    print_result(result, as_json=as_json)


def song_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """A written song, for people."""
    for name, label in _LABELS.items():
        value = report.get(name)
        if value and value != "unknown":
            unit = " bpm" if name == "bpm" else ""
            text = f"{value:g}" if isinstance(value, float) else str(value)
            yield f"{label:<9} {text}{unit}"
    if seconds := report.get("seconds"):
        yield f"{'Length':<9} {seconds:g} s"
    if lyrics := report.get("lyrics"):
        yield ""
        yield from str(lyrics).splitlines()
        yield ""
