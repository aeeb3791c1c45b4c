"""What happens, as server-sent events: of one job, of the list of jobs, of the connected projects."""

from __future__ import annotations

from starlette.responses import Response

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Attached
from bandmate_protocol.texts import say
from bandmate_protocol.units import JobId
from bandmate_server.rest.event_stream import EventOutlet, EventStream, JobEventOutlet, end_id
from bandmate_server.rest.operation import EVENT_STREAM, Call, Operation
from bandmate_server.sessions.job_watch import watch_jobs
from bandmate_server.sessions.stream import JobStream

_RESUME = {"Last-Event-ID": "The last id that was received: only later events are sent."}


async def follow_job(call: Call) -> Response:
    """What happens to a job, as server-sent events. `attached` comes first, then `progress`, `stem`, `stem_end` and
    `notes`, and at its end `done`, `failed` or `cancelled`. With the id of that last one in `Last-Event-ID`, the
    answer is 204, at which browsers stop asking. A higher `attempt` voids the events of the one before.
    """
    services = call.services
    feed = services.desk.events_of(call.path["job"])
    job = feed.job
    if job.state == "interrupted":
        raise RequestError(
            ErrorCode.INTERRUPTED,
            say("The server stopped while job {job} ran.", job=job.id),
            say("POST /api/v1/jobs/{job}/resume starts it again.", job=job.id),
        )
    last_id = call.request.headers.get("last-event-id", "")
    if job.end and last_id == end_id(job.attempt):
        return Response(status_code=204)
    outlet = JobEventOutlet(last_id)
    stream = JobStream(
        feed, services.desk.spool_of(job), services.store, services.shelf, outlet, without_audio=True
    )

    async def work() -> None:
        await outlet.send(Attached(request="rest", job=job.id, state=job.state, attempt=job.attempt))
        await stream.run()

    return EventStream(call.limits, outlet, work)


async def watch_job_list(call: Call) -> Response:
    """`jobs_changed` at once and after every change of the list of jobs, as server-sent events."""
    outlet = EventOutlet()
    return EventStream(call.limits, outlet, lambda: watch_jobs(call.services.store.news, "rest", outlet))


OPERATIONS = (
    Operation("GET", "/jobs/events", watch_job_list, "events", {200: (EVENT_STREAM,)}, problems=(429,)),
    Operation(
        "GET",
        "/jobs/{job}/events",
        follow_job,
        "events",
        {200: (EVENT_STREAM,), 204: None},
        {"job": JobId},
        problems=(409, 429),
        headers=_RESUME,
    ),
)
