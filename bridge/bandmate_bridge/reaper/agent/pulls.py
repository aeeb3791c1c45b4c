"""Models on their way to the server's disk: asked about, fetched, and taken up again, for the panel."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from bandmate_bridge.client import Client, Event
from bandmate_bridge.reaper.agent.models import model_ready_text
from bandmate_bridge.reaper.mailbox_messages import (
    AgentMessage,
    AskModel,
    FetchModel,
    FollowPull,
    ModelAsked,
    ModelOffer,
    PullEnd,
    PullEnded,
    PullMoved,
    WorkFailed,
)
from bandmate_bridge.runs.pull_model import TASK, PullOffer, ask_params, fetch_params, pull_request
from bandmate_plugins._models.room import size_text
from bandmate_protocol.messages import Cancelled, Catalogue, Done, Failed, JobSummary, Progress
from bandmate_protocol.session import JobEnded, JobProgress

SAY_SECONDS = 0.2
_MAX_JOBS_READ = 100
_WAITING = "Waiting"
_KEPT_SENTENCE = "What was downloaded is kept."


@dataclass(frozen=True)
class _WantedModel:
    """A model that is asked about, or, its licence accepted, fetched."""

    id: str
    """Of the scripts' message, or of the job where somebody else asked for it."""
    model: str
    licence: str = ""
    most_gb: float = 20.0
    """What was shown and accepted; more than that is not fetched."""


@dataclass
class _ModelPull:
    """A job of the task `pull` that this agent follows."""

    wanted: _WantedModel
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
            wanted = _wanted_by(job)
            if wanted is None:
                continue  # whoever asked for that will hear of it
            if job.state == "interrupted":
                self._send_end(
                    job.job, wanted, "interrupted", f"The server stopped in the meantime. {_KEPT_SENTENCE}"
                )
            else:
                self._start_following(job.job, wanted)
                client.attach(job.job)

    def handle_message(self, client: Client, message: AskModel | FetchModel | FollowPull) -> None:
        """Does what the scripts ask for. Raises RequestError."""
        match message:
            case AskModel():
                self._ask_about_model(client, message)
            case FetchModel():
                self._fetch_model(client, message)
            case FollowPull():
                self._follow_pull(client, message)

    def _ask_about_model(self, client: Client, message: AskModel) -> None:
        """Has the hub asked what a model is."""
        accepted = pull_request(ask_params(message.model)).submit(client)
        self._jobs[accepted.job] = _ModelPull(_WantedModel(message.id, message.model), fetches=False)
        self._say(ModelAsked(re=message.id, job=accepted.job, ahead=accepted.ahead))

    def _fetch_model(self, client: Client, message: FetchModel) -> None:
        """Has a model fetched whose licence was accepted."""
        params = fetch_params(message.model, message.licence, message.most_gb)
        accepted = pull_request(params).submit(client)
        self._told.add(accepted.job)
        self._start_following(accepted.job, _wanted_in(message))

    def _follow_pull(self, client: Client, message: FollowPull) -> None:
        """Takes up one that an agent before this one followed, however it went on meanwhile."""
        if message.job not in self._told:
            self._told.add(message.job)
            self._start_following(message.job, _wanted_in(message))
            client.attach(message.job)

    def take_event(self, event: Event, catalogue: Callable[[], Catalogue]) -> bool:
        """Takes an event in; whether it was of one of these jobs. `catalogue` reads how things are then."""
        pull = self._jobs.get(getattr(event, "job", ""))
        if pull is None:
            return False
        if isinstance(event, JobEnded):
            del self._jobs[event.job]
            if pull.fetches:
                self._report_end(event.job, pull.wanted, event.message, catalogue)
            else:
                self._send_offer(pull.wanted, event.message)
        elif isinstance(event, JobProgress) and pull.fetches and _is_due(pull):
            self._say(_progress_message(event.job, pull.wanted.model, event.message))
        return True

    def _start_following(self, job: str, wanted: _WantedModel) -> None:
        self._jobs[job] = _ModelPull(wanted, fetches=True)
        self._say(
            PullMoved(
                re=wanted.id,
                job=job,
                model=wanted.model,
                stage=_WAITING,
                share=0.0,
                licence=wanted.licence,
                most_gb=wanted.most_gb,
            )
        )

    def _send_offer(self, wanted: _WantedModel, message: Done | Failed | Cancelled) -> None:
        if isinstance(message, Done):
            offer = PullOffer.from_report(message.report)
            self._say(
                ModelOffer(
                    re=wanted.id,
                    model=wanted.model,
                    licence=offer.licence,
                    lines=tuple(offer.lines),
                    # A hair more, so that rounding does not refuse what was shown.
                    most_gb=offer.missing_bytes / 1e9 * 1.001 + 0.001,
                )
            )
        elif isinstance(message, Failed):
            self._say(
                WorkFailed(
                    re=wanted.id,
                    model=wanted.model,
                    code=message.code,
                    sentence=message.sentence,
                    remedy=message.remedy,
                )
            )

    def _report_end(
        self,
        job: str,
        wanted: _WantedModel,
        message: Done | Failed | Cancelled,
        catalogue: Callable[[], Catalogue],
    ) -> None:
        if isinstance(message, Done):
            self._send_end(job, wanted, "done", model_ready_text(catalogue(), wanted.model))
        elif isinstance(message, Cancelled):
            self._send_end(job, wanted, "cancelled", _KEPT_SENTENCE)
        else:
            self._send_end(job, wanted, "failed", message.sentence, message.remedy, message.code)

    def _send_end(
        self,
        job: str,
        wanted: _WantedModel,
        state: PullEnd,
        sentence: str,
        remedy: str = "",
        code: str = "",
    ) -> None:
        self._say(
            PullEnded(
                job=job,
                model=wanted.model,
                state=state,
                sentence=sentence,
                remedy=remedy,
                code=code,
                licence=wanted.licence,
                most_gb=wanted.most_gb,
            )
        )


def _wanted_in(message: FetchModel | FollowPull) -> _WantedModel:
    return _WantedModel(message.id, message.model, message.licence, message.most_gb)


def _wanted_by(job: JobSummary) -> _WantedModel | None:
    """What a job of another client fetches; None where its parameters do not say."""
    try:
        return msgspec.convert(job.params | {"id": job.job}, _WantedModel)
    except msgspec.ValidationError:
        return None


def _is_due(pull: _ModelPull) -> bool:
    now = time.monotonic()
    due = now - pull.said_at > SAY_SECONDS
    if due:
        pull.said_at = now
    return due


def _progress_message(job: str, model: str, progress: Progress) -> PullMoved:
    """How far it is: the stage in words, a share of 1, and the seconds left where they are known."""
    done, total, stage, share = progress.step, progress.steps, progress.stage, 0.0
    if progress.unit == "bytes":
        share = 1.0 if done >= total else done / total
        stage = "Verifying the download" if done >= total else _size_stage(done, total)
    return PullMoved(job=job, model=model, stage=stage, share=share, seconds_left=progress.seconds_left)


def _size_stage(done_bytes: int, total_bytes: int) -> str:
    # Nothing in size_text's words is not known here, but nothing yet.
    came = size_text(done_bytes) if done_bytes else "0 MB"
    return f"{came} of {size_text(total_bytes)}, {int(100 * done_bytes / total_bytes)} %"


def _newest_of_each(jobs: tuple[JobSummary, ...]) -> Iterator[JobSummary]:
    """Of each model the job that fetched it last, or does."""
    seen: set[str] = set()
    for job in jobs:
        model = str(job.params.get("model"))
        if job.task == TASK and not job.params.get("only_ask") and model not in seen:
            seen.add(model)
            yield job
