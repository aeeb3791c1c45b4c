"""What a client may ask for, one function each; a RequestError becomes an `error` to the client."""

from __future__ import annotations

import msgspec

from bandmate_plugins._host.check_request import check_request
from bandmate_plugins._host.engine_choice import choose_engine, find_task, route_request
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import (
    NOTES_OFF,
    Accepted,
    Attach,
    Attached,
    ClearSlot,
    Have,
    ListSlots,
    Missing,
    Pin,
    Pinned,
    Probe,
    Probed,
    Redo,
    Slots,
    StoreSlot,
    Submit,
    Suggest,
    Suggested,
    TaskInfo,
    TempoPoint,
    Timeline,
    Uploaded,
)
from bandmate_protocol.suggestions import suggested_from_report
from bandmate_protocol.texts import say, wording_with_values
from bandmate_server.audio.headers import read_header, stem_header
from bandmate_server.jobs.events import JobEvents
from bandmate_server.jobs.job import id_of_key
from bandmate_server.services import Services
from bandmate_server.sessions.submissions import SubmissionKey, find_submission, with_digest

OPEN_TIMELINE = Timeline(
    sample_rate=48_000, start_frame=0, end_frame=16 * 48_000, tempo=(TempoPoint(position=0.0, bpm=120.0),)
)
"""Eight bars, for a task that needs no range and yet has one: nothing is known of the music yet."""


async def submit_job(
    services: Services, owner: str, message: Submit, key: SubmissionKey | None = None
) -> tuple[Accepted, JobEvents]:
    """Takes in a job; with a key that was used before, the answer is that job."""
    if key is not None:
        if known := find_submission(services, key):
            return _accepted(message.request, known, 0), known
        message = with_digest(message, key)
    _check_length(message.timeline, services.settings.range_seconds)
    _check_quota(services, owner)
    plugins = await services.catalogue.plugins()
    task = find_task(plugins, message.task)
    check_request(task.name, task.source, message.timeline, [given.role for given in message.inputs])
    await _check_inputs(services, message)
    with_chords = bool(str(message.params.get("chords") or "").strip())
    with_notes = bool(message.timeline.parts) and message.params.get("notes", NOTES_OFF) != NOTES_OFF
    engine, reason = choose_engine(
        plugins,
        task,
        message.engine,
        with_chords=with_chords,
        with_notes=with_notes,
        follow=_follow_of(task, message),
    )
    routed = route_request(plugins, task, engine, message.params, message.options)
    message = msgspec.structs.replace(message, params=routed.params, options=routed.options)
    placement = engine.placement if engine else plugins.lanes.get(task.name, "cpu")
    # The same may have come again meanwhile; from here on nothing waits.
    if key is not None and (known := find_submission(services, key)):
        return _accepted(message.request, known, 0), known
    job_id = None if key is None else id_of_key(key.key)
    feed, ahead = services.desk.submit(
        owner, message, engine.info.name if engine else "", placement, reason, job_id
    )
    return _accepted(message.request, feed, ahead), feed


def _accepted(request: str, feed: JobEvents, ahead: int) -> Accepted:
    job = feed.job
    return Accepted(
        request=request,
        job=job.id,
        task=job.submit.task,
        engine=job.engine or "none",
        reason=job.reason,
        reason_wording=wording_with_values(job.reason),
        seed=job.seed,
        ahead=ahead,
    )


def _follow_of(task: TaskInfo, message: Submit) -> str:
    """The parameter `follow`, of tasks that have it."""
    has_parameter = "follow" in task.params.get("properties", {})
    return str(message.params.get("follow") or "auto") if has_parameter else "auto"


async def redo_job(
    services: Services, owner: str, message: Redo, key: SubmissionKey | None = None
) -> tuple[Accepted, JobEvents]:
    """Runs a job's recipe again; with a key that was used before, the answer is that job."""
    job = services.desk.events_of(message.job).job
    again = msgspec.structs.replace(
        job.submit, request=message.request, seed=message.seed, engine=job.engine or None
    )
    return await submit_job(services, owner, again, key)


async def suggest_music(services: Services, message: Suggest) -> Suggested:
    """What tempo, metre and key an engine reads from a prompt."""
    plugins = await services.catalogue.plugins()
    task = find_task(plugins, "suggest")
    engine, _ = choose_engine(plugins, task, message.engine)
    name, placement = (engine.info.name, engine.placement) if engine else ("", "cpu")
    has_reader = engine is not None and engine.has_prompt_reader
    submit = Submit(
        request=message.request,
        task=task.name,
        timeline=OPEN_TIMELINE,
        params={"prompt": message.prompt},
        engine=message.engine,
        seed=message.seed,
    )
    report = await services.desk.ask(submit, name, placement, anywhere=has_reader)
    return suggested_from_report(message.request, name or "none", report)


def attach_job(services: Services, message: Attach) -> tuple[Attached, JobEvents]:
    """Takes up a job; an interrupted one starts again."""
    feed = services.desk.resume(services.desk.events_of(message.job))
    job = feed.job
    return Attached(request=message.request, job=job.id, state=job.state, attempt=job.attempt), feed


async def find_missing(services: Services, message: Have) -> Missing:
    """Which files have to come up."""
    missing = await services.uploads.missing_files(message.sha256)
    services.store.mark_used(set(message.sha256) - {sha256 for sha256, _ in missing})
    return Missing(
        request=message.request,
        sha256=tuple(sha256 for sha256, _ in missing),
        offsets=tuple(offset for _, offset in missing),
    )


async def finish_upload(services: Services, sha256: str) -> Uploaded:
    """Checks a file whose last piece has come."""
    await services.uploads.complete_upload(sha256)
    services.store.library.costs.note_file(sha256, services.shelf.upload_path(sha256).stat().st_size)
    services.store.mark_used([sha256])
    return Uploaded(sha256=sha256)


async def probe_audio(services: Services, message: Probe) -> Probed:
    """What is in a file that came up, or in a finished stem."""
    found = await services.shelf.find(message.sha256)
    if found is None:
        raise RequestError(
            ErrorCode.INPUT_MISSING,
            "The requested audio is not on the server.",
            "Upload it first: ask with `have`, then send `upload`.",
        )
    services.store.mark_used([message.sha256])
    kind, path = found
    layout = services.store.stem_layout(message.sha256) if kind == "stem" else None
    header = stem_header(path, *layout) if layout else await read_header(path)
    return Probed(
        request=message.request,
        sha256=message.sha256,
        sample_rate=header.sample_rate,
        channels=header.channels,
        frames=header.frames,
        missing_frames=header.missing_frames,
    )


async def pin_audio(services: Services, message: Pin) -> Pinned:
    """Keeps audio for a saved project."""
    services.store.replace_pins(message.owner, message.sha256)
    missing = await services.uploads.missing_files(message.sha256)
    return Pinned(request=message.request, missing=tuple(sha256 for sha256, _ in missing))


async def change_slots(services: Services, message: ListSlots | StoreSlot | ClearSlot) -> Slots:
    """Fills a slot with what could be run, or empties one; the answer is how all of them are then."""
    if isinstance(message, StoreSlot):
        plugins = await services.catalogue.plugins()
        task = find_task(plugins, message.slot.task)
        if task.name in plugins.lanes:
            raise RequestError(
                ErrorCode.NOT_ALLOWED,
                say(
                    "The task {task} downloads or removes models, so surfaces may not start it.",
                    task=task.name,
                ),
                "Start it from the command line or another bridge.",
            )
        engine, _ = choose_engine(plugins, task, message.slot.engine)
        route_request(plugins, task, engine, message.slot.params, message.slot.options)
        services.slots.store(message.slot)
    elif isinstance(message, ClearSlot):
        services.slots.clear(message.number)
    return Slots(request=message.request, slots=services.slots.all_slots())


def _check_length(timeline: Timeline, most_seconds: float) -> None:
    if timeline.seconds > most_seconds:
        raise RequestError(
            ErrorCode.RANGE_TOO_LONG,
            say(
                "The range is {seconds:.0f} s long, but at most {most_seconds:.0f} s are allowed.",
                seconds=timeline.seconds,
                most_seconds=most_seconds,
            ),
            "Choose a shorter range, or raise range_seconds in the server's settings.",
        )


def _check_quota(services: Services, owner: str) -> None:
    most = services.settings.jobs_per_client
    if services.store.count_active(owner) >= most:
        raise RequestError(
            ErrorCode.QUOTA_EXCEEDED,
            say("This client already has {most} jobs that wait or run.", most=most),
            "Wait for one to end, or cancel one.",
        )
    # Whoever connects anew is another client by its key, so that alone would be no bound.
    most = services.settings.jobs_in_all
    if services.store.count_active() >= most:
        raise RequestError(
            ErrorCode.QUOTA_EXCEEDED,
            say("The server already has {most} jobs that wait or run.", most=most),
            "Wait for one to end, cancel some (`bandmate jobs` lists them), or raise jobs_in_all in the settings.",
        )


async def _check_inputs(services: Services, message: Submit) -> None:
    for before, given in zip((None, *message.inputs), message.inputs, strict=False):
        if given.joins and (before is None or before.role != given.role):
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say(
                    "An input of the role {role} continues the previous input, which has another role.",
                    role=given.role,
                ),
                "Put it directly after the input that it continues.",
            )
        if await services.shelf.find(given.sha256) is None:
            raise RequestError(
                ErrorCode.INPUT_MISSING,
                say("The audio for {role} is not on the server.", role=given.role),
                "Upload it first: ask with `have`, then send `upload`.",
            )
