"""Tells one client that the list of jobs has changed."""

from __future__ import annotations

import asyncio

from bandmate_protocol.messages import JobsChanged
from bandmate_server.jobs.list_news import ListNews
from bandmate_server.sessions.outlet import MessageOutlet

_PAUSE_SECONDS = 0.2
"""Between two messages: what changes meanwhile is told by one."""


async def watch_jobs(news: ListNews, request: str, outlet: MessageOutlet) -> None:
    """Sends `jobs_changed` now and after every change, until it is cancelled. Raises what the connection raises."""
    changed = asyncio.Event()
    changed.set()
    news.add_listener(changed.set)
    try:
        while True:
            await changed.wait()
            changed.clear()
            await outlet.send(JobsChanged(request=request))
            await asyncio.sleep(_PAUSE_SECONDS)
    finally:
        news.remove_listener(changed.set)
