"""The projects that are open in DAWs, and acting on them."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Error, Invoke, Invoked, Projects, ServerMessage
from bandmate_server.rest.answers import json_answer
from bandmate_server.rest.event_stream import EventOutlet, EventStream, wait_until_gone
from bandmate_server.rest.operation import EVENT_STREAM, Call, Operation
from bandmate_server.sessions.project_watch import ProjectWatch, connected_projects


async def list_projects(call: Call) -> Response:
    """The connected projects, the one in focus first."""
    return json_answer(Projects(request="rest", projects=connected_projects(call.services.focus)))


async def watch_projects(call: Call) -> Response:
    """`projects` at once and at every change, as server-sent events."""
    outlet = EventOutlet()
    latest: asyncio.Queue[ServerMessage] = asyncio.Queue(1)

    def post(message: ServerMessage) -> None:
        # A slow client gets the projects as they are, not as they were.
        if latest.full():
            latest.get_nowait()
        latest.put_nowait(message)

    async def work() -> None:
        watch = ProjectWatch(call.services.focus, "rest", post)
        try:
            while True:
                await outlet.send(await latest.get())
        finally:
            watch.close()

    return EventStream(call.limits, outlet, work)


async def invoke_task(call: Call) -> Response:
    """Has a DAW run a task on its selection, and answers with the job that it started, or why it did not."""
    message: Invoke = call.body
    focus, asker = call.services.focus, object()
    answer: asyncio.Future[ServerMessage] = asyncio.get_running_loop().create_future()
    focus.pass_invoke(asker, lambda said: None if answer.done() else answer.set_result(said), message)
    gone = asyncio.create_task(wait_until_gone(call.request.receive), name="client leaves")
    waiting: set[asyncio.Future[Any]] = {answer, gone}
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise ClientDisconnect
    finally:
        focus.drop_connection(asker)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
    said = answer.result()
    if isinstance(said, Error):
        raise RequestError(ErrorCode(said.code), said.sentence, said.remedy)
    assert isinstance(said, Invoked), "a bridge answers so"
    return json_answer(said)


OPERATIONS = (
    Operation("GET", "/projects", list_projects, "projects", {200: Projects}),
    Operation("GET", "/projects/events", watch_projects, "projects", {200: (EVENT_STREAM,)}, problems=(429,)),
    Operation("POST", "/invoke", invoke_task, "projects", {200: Invoked}, body=Invoke, problems=(409, 429)),
)
