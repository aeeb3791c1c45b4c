"""Jobs that the scripts, or an agent before this one, know already."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bandmate_bridge.client import Client
from bandmate_bridge.jobs.job_origin import ReaperOrigin, origin_of
from bandmate_bridge.outputs.into_item import ItemSpot
from bandmate_bridge.reaper.agent.reaper_sink import ReaperSink
from bandmate_bridge.reaper.mailbox_messages import AgentMessage, AttachJob, KnownJob, SpotFact
from bandmate_bridge.rpp import ItemPlace
from bandmate_protocol.messages import Accepted

_MAX_JOBS_READ = 200


def spot_fact(spot: ItemSpot, item: str) -> SpotFact:
    """A spot for the scripts to keep; ``item`` is the id that REAPER knows the item by."""
    place = spot.place
    return SpotFact(
        item=item,
        position_seconds=place.position,
        length_seconds=place.length,
        phase_seconds=spot.phase,
        track=place.track,
    )


def item_spot(fact: SpotFact, title: str) -> ItemSpot:
    """The spot as the project-file bridge has it."""
    place = ItemPlace(fact.item, fact.position_seconds, fact.length_seconds, fact.track)
    return ItemSpot(title, place, fact.phase_seconds)


def open_known_sink(known: KnownJob, job: str, send: Callable[[AgentMessage], None]) -> ReaperSink:
    """Where the events of a job go: those of ``known``, or of one that was made like it."""
    files = known.files if isinstance(known, AttachJob) else {}
    return ReaperSink(
        job,
        Path(known.media),
        known.title,
        send,
        spot=item_spot(known.spot, known.title) if known.spot else None,
        files={int(stem): path for stem, path in files.items() if stem.isdecimal()},
        rate=known.sample_rate,
        notes=known.midi,
        expected=max(known.expected, 1),
    )


def earlier_jobs(client: Client, ask: str) -> dict[int, Accepted]:
    """Jobs of a request that an agent before this one asked for, by their number among its jobs."""
    found: dict[int, Accepted] = {}
    for job in client.jobs(_MAX_JOBS_READ):
        origin = origin_of(job)
        if isinstance(origin, ReaperOrigin) and origin.ask == ask:
            found[origin.index] = Accepted(
                request=job.job, job=job.job, task=job.task, engine=job.engine, reason="", seed=job.seed
            )
    return found
