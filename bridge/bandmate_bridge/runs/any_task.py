"""Any task that the server has, whichever plugin brought it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bandmate_bridge.analysis.report import report_lines
from bandmate_bridge.client import Client
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.jobs.job_run import ReportSink, run_job
from bandmate_bridge.progress import ProgressCallback
from bandmate_bridge.runs.run_result import RunResult
from bandmate_plugins._platform.json_text import typed_value
from bandmate_protocol.forms import option_schemas, task_schemas
from bandmate_protocol.messages import Catalogue, EngineInfo, TaskInfo
from bandmate_protocol.unknown_names import unknown_task_error


def find_server_task(catalogue: Catalogue, name: str) -> TaskInfo:
    """The task of that name. Raises RequestError (`no_such_task`) that says which there are."""
    tasks = {task.name: task for task in catalogue.tasks}
    if name in tasks:
        return tasks[name]
    raise unknown_task_error(name, sorted(tasks))


def typed_values(task: TaskInfo, engines: Sequence[EngineInfo], texts: Mapping[str, str]) -> dict[str, Any]:
    """Parameters and options as they were typed, each of the kind that its form has.

    Names and bounds are the server's to check.
    """
    forms = task_schemas(task)
    for engine in engines:
        forms = option_schemas(engine, task) | forms
    texts_stay = {name for name, form in forms.items() if form.get("type") == "string"}
    return {name: text if name in texts_stay else typed_value(text) for name, text in texts.items()}


def run_report(client: Client, order: JobRequest, progress: ProgressCallback) -> RunResult:
    """Runs a job for what it reports; audio that it makes stays with the server. Raises RequestError."""
    accepted, outcome = run_job(client, order, ReportSink(), progress)
    lines = report_lines(outcome.done.report)
    if client.job(accepted.job).stems:
        lines.append(f"It produced audio: `bandmate fetch {accepted.job} -o folder/` fetches it.")
    return RunResult(lines=lines, accepted=[accepted], outcomes=[outcome], received=[[]])
