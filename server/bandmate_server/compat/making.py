"""Jobs for a client that knows nothing of them: submitted, and waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.messages import Cancelled, Done, Failed, Submit, TempoPoint, Timeline
from bandmate_server.compat.api import CompatContext
from bandmate_server.jobs.events import JobEvents
from bandmate_server.rest.answers import json_fields
from bandmate_server.rest.jobs import end_of
from bandmate_server.rest.reading import to_struct
from bandmate_server.sessions import requests

REQUEST_ID = "compat"
"""`request` of a Submit: here nobody needs to tell answers apart."""
SAMPLE_RATE = 48_000


def open_timeline(
    seconds: float, bpm: float = 120.0, numerator: int = 4, denominator: int = 4, key: str | None = None
) -> Timeline:
    """A timeline from 0 that no project gave, at 48 kHz."""
    tempo = TempoPoint(position=0.0, bpm=bpm, numerator=numerator, denominator=denominator)
    return Timeline(
        sample_rate=SAMPLE_RATE,
        start_frame=0,
        end_frame=max(1, round(seconds * SAMPLE_RATE)),
        tempo=(tempo,),
        key=key,
    )


async def submit(context: CompatContext, owner: str, message: Submit) -> JobEvents:
    """Takes in a job, which is then the caller's to end; `owner` is the API, whose quota its clients share.

    It passes the wire's own decoder, so that no value comes in here which a client on the WebSocket could not have
    sent. Raises BandmateError.
    """
    fields = json_fields(message)
    fields.pop("type")
    checked = to_struct(Submit, fields)
    assert isinstance(checked, Submit), "it was one before"
    _, feed = await requests.submit_job(context.services, owner, checked)
    return feed


async def watch(feed: JobEvents) -> AsyncIterator[JobEvents]:
    """The job whenever there is news of it, until it has ended; at least once."""
    news = asyncio.Event()
    feed.add_follower(news)
    try:
        while True:
            await news.wait()
            news.clear()
            is_active = feed.job.is_active
            yield feed
            if not is_active:
                return
    finally:
        feed.remove_follower(news)


def check_done(end: Done | Failed | Cancelled) -> Done:
    """The end of a job, where it succeeded. Raises BandmateError where it did not."""
    if isinstance(end, Done):
        return end
    if isinstance(end, Failed):
        raise BandmateError(_code_of(end.code), end.sentence, end.remedy, models=end.models)
    raise RequestError(ErrorCode.INTERRUPTED, "The job was cancelled.", "Send the request again.")


def _code_of(code: str) -> ErrorCode:
    try:
        return ErrorCode(code)
    except ValueError:
        return ErrorCode.ENGINE_FAILED


async def wait_for_end(feed: JobEvents) -> Done | Failed | Cancelled:
    """How the job ends. Raises RequestError (`interrupted`) when the server stops first."""
    async for _ in watch(feed):
        pass
    end = end_of(feed.job)
    if end is None:
        raise RequestError(
            ErrorCode.INTERRUPTED, "The server stopped while the job ran.", "Send the request again."
        )
    return end
