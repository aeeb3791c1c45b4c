"""Models on their way to the server's disk: asked about, fetched, and taken up again, for the panel."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from bandmate_bridge.client import Client, Event
from bandmate_bridge.reaper.agent.mailbox import AgentMessage
from bandmate_bridge.reaper.agent.models import model_ready_text
from bandmate_bridge.reaper.agent.orders import ScriptCommand, read_message
from bandmate_bridge.runs.pull_model import TASK, PullOffer, ask_params, fetch_params, pull_request
from bandmate_plugins._models.room import size_text
from bandmate_protocol.messages import Cancelled, Catalogue, Done, Failed, JobSummary, Progress
from bandmate_protocol.session import JobEnded, JobProgress

SAY_SECONDS = 0.2
_MAX_JOBS_READ = 100
_KEPT_SENTENCE = "What was downloaded is kept."


class ModelRequest(msgspec.Struct, frozen=True):
    """A model that is asked about, or, its licence accepted, fetched."""

    id: str
    model: str
    licence: str = ""
    most_gb: float = 20.0
    """What was shown and accepted; more than that is not fetched."""


@dataclass
class _ModelPull:
    """A job of the task `pull` that this agent follows."""

    wish: ModelRequest
    fetches: bool
    said_at: float = 0.0


class ModelPulls:
    """Asks the server for models and says what comes of it."""

    def __init__(self, say: Callable[[AgentMessage], None]) -> None:
        self._say = say
        self._jobs: dict[str, _ModelPull] = {}
        self._told: set[str] = set()
        """Jobs that this agent has spoken of already."""

    @property
    def is_busy(self) -> bool:
        """Something is asked about or on its way."""
        return bool(self._jobs)

    def resume(self, client: Client) -> None:
        """On a new connection: goes on with what was followed, and takes up what others began."""
        for job in self._jobs:
            client.attach(job)
        self.adopt_running(client)

    def adopt_running(self, client: Client) -> None:
        """Takes up models that are on their way for anybody; of one that was cut off says only that.

        Raises RequestError.
        """
        for job in _newest_of_each(client.jobs(_MAX_JOBS_READ)):
            if job.job in self._told or job.state not in ("queued", "running", "interrupted"):
                continue
            self._told.add(job.job)
            try:
                wish = msgspec.convert(job.params | {"id": job.job}, ModelRequest)
            except msgspec.ValidationError:
                continue  # whoever asked for that will hear of it
            if job.state == "interrupted":
                self._send_end(
                    job.job, wish, "interrupted", f"The server stopped in the meantime. {_KEPT_SENTENCE}"
                )
            else:
                self._start_following(job.job, wish)
                client.attach(job.job)

    def ask_about_model(self, client: Client, message: AgentMessage) -> None:
        """Has the hub asked what a model is. Raises RequestError."""
        wish = read_message(message, ModelRequest)
        accepted = pull_request(ask_params(wish.model)).submit(client)
        self._jobs[accepted.job] = _ModelPull(wish, fetches=False)
        self._say({"type": "asking", "re": wish.id, "job": accepted.job, "ahead": accepted.ahead})

    def fetch_model(self, client: Client, message: AgentMessage) -> None:
        """Has a model fetched whose licence was accepted. Raises RequestError."""
        wish = read_message(message, ModelRequest)
        params = fetch_params(wish.model, wish.licence, wish.most_gb)
        accepted = pull_request(params).submit(client)
        self._told.add(accepted.job)
        self._start_following(accepted.job, wish)

    def follow_pull(self, client: Client, message: AgentMessage) -> None:
        """Takes up one that an agent before this one followed, however it went on meanwhile."""
        wish, job = read_message(message, ModelRequest), read_message(message, ScriptCommand).job
        if job not in self._told:
            self._told.add(job)
            self._start_following(job, wish)
            client.attach(job)

    def take_event(self, event: Event, catalogue: Callable[[], Catalogue]) -> bool:
        """Takes an event in; whether it was of one of these jobs. `catalogue` reads how things are then."""
        pull = self._jobs.get(getattr(event, "job", ""))
        if pull is None:
            return False
        if isinstance(event, JobEnded):
            del self._jobs[event.job]
            if pull.fetches:
                self._report_end(event.job, pull.wish, event.message, catalogue)
            else:
                self._send_offer(pull.wish, event.message)
        elif isinstance(event, JobProgress) and pull.fetches and _is_due(pull):
            self._say(_progress_message(event.job, pull.wish.model, event.message))
        return True

    def _start_following(self, job: str, wish: ModelRequest) -> None:
        self._jobs[job] = _ModelPull(wish, fetches=True)
        self._say(_progress_message(job, wish.model, None) | _resume_fields(wish) | {"re": wish.id})

    def _send_offer(self, wish: ModelRequest, message: Done | Failed | Cancelled) -> None:
        about = {"re": wish.id, "model": wish.model}
        if isinstance(message, Done):
            offer = PullOffer.from_report(message.report)
            # A hair more, so that rounding does not refuse what was shown.
            most_gb = offer.missing_bytes / 1e9 * 1.001 + 0.001
            said = {"licence": offer.licence, "lines": offer.lines, "most_gb": most_gb}
            self._say({"type": "offer"} | about | said)
        elif isinstance(message, Failed):
            said = {"code": message.code, "sentence": message.sentence, "remedy": message.remedy}
            self._say({"type": "failed"} | about | said)

    def _report_end(
        self,
        job: str,
        wish: ModelRequest,
        message: Done | Failed | Cancelled,
        catalogue: Callable[[], Catalogue],
    ) -> None:
        if isinstance(message, Done):
            self._send_end(job, wish, "done", model_ready_text(catalogue(), wish.model))
        elif isinstance(message, Cancelled):
            self._send_end(job, wish, "cancelled", _KEPT_SENTENCE)
        else:
            self._send_end(job, wish, "failed", message.sentence, message.remedy, message.code)

    def _send_end(
        self, job: str, wish: ModelRequest, state: str, sentence: str, remedy: str = "", code: str = ""
    ) -> None:
        said = {"type": "pulled", "job": job, "model": wish.model, "state": state}
        self._say(said | {"sentence": sentence, "remedy": remedy, "code": code} | _resume_fields(wish))


def _resume_fields(wish: ModelRequest) -> AgentMessage:
    """What the scripts give back to have it go on."""
    return {"licence": wish.licence, "most_gb": wish.most_gb}


def _is_due(pull: _ModelPull) -> bool:
    now = time.monotonic()
    due = now - pull.said_at > SAY_SECONDS
    if due:
        pull.said_at = now
    return due


def _progress_message(job: str, model: str, progress: Progress | None) -> AgentMessage:
    """How far it is: the stage in words, a share of 1, and the seconds left where they are known."""
    said: AgentMessage = {"type": "pulling", "job": job, "model": model, "stage": "Waiting", "share": 0.0}
    if progress is None:
        return said
    done, total = progress.step, progress.steps
    said |= {"stage": progress.stage, "left": progress.seconds_left}
    if progress.unit != "bytes":
        return said
    if done >= total:
        return said | {"stage": "Verifying the download", "share": 1.0}
    # Nothing in size_text's words is not known here, but nothing yet.
    came = size_text(done) if done else "0 MB"
    share = done / total
    return said | {"stage": f"{came} of {size_text(total)}, {int(100 * share)} %", "share": share}


def _newest_of_each(jobs: tuple[JobSummary, ...]) -> Iterator[JobSummary]:
    """Of each model the job that fetched it last, or does."""
    seen: set[str] = set()
    for job in jobs:
        model = str(job.params.get("model"))
        if job.task == TASK and not job.params.get("only_ask") and model not in seen:
            seen.add(model)
            yield job
