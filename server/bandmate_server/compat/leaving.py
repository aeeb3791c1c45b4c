"""Work for a client that may leave before it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from bandmate_server.rest.event_stream import wait_until_gone

T = TypeVar("T")


async def unless_client_leaves(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What the work gives; it is cancelled as soon as the client closes the connection.

    The body has been read. Raises ClientDisconnect then, and whatever the work raises. What the work gives is lost if
    the caller is cancelled meanwhile, so jobs are owned outside of it.
    """
    working = asyncio.create_task(work, name="work for a client")
    gone = asyncio.create_task(wait_until_gone(request.receive), name="client leaves")
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, gone):
            task.cancel()
        await asyncio.gather(working, gone, return_exceptions=True)
