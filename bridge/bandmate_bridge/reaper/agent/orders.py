"""What the scripts tell the agent to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bandmate_bridge.client import Client
from bandmate_bridge.outputs.into_item import ItemSpot
from bandmate_bridge.reaper.agent.facts import ReaperFacts
from bandmate_bridge.reaper.agent.mailbox import AgentMessage
from bandmate_bridge.reaper.agent.reaper_sink import ReaperSink
from bandmate_bridge.rpp import ItemPlace
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Accepted
from bandmate_protocol.texts import say

_MAX_JOBS_READ = 200

_Struct = TypeVar("_Struct", bound=msgspec.Struct)


class SpotFact(msgspec.Struct, frozen=True):
    """Where in an item a job's parts belong; given to the scripts to keep, and given back by them."""

    item: str
    position: float
    length: float
    phase: float
    track: str = ""

    @classmethod
    def from_spot(cls, spot: ItemSpot, item: str) -> SpotFact:
        """From the project bridge's own; ``item`` is the id that REAPER knows the item by."""
        place = spot.place
        return cls(item, place.position, place.length, spot.phase, place.track)

    def to_spot(self, title: str) -> ItemSpot:
        """As the project bridge has it."""
        return ItemSpot(title, ItemPlace(self.item, self.position, self.length, self.track), self.phase)


class KnownJob(msgspec.Struct, frozen=True):
    """A job that the scripts know: to be taken up (`attach`), or made anew with another seed (`redo`)."""

    id: str
    job: str
    media: str
    """The folder for its audio."""
    title: str = ""
    spot: SpotFact | None = None
    files: dict[str, str] = {}
    """Of the stems, by their number: what was begun already."""
    rate: int = 48_000
    expected: int = 1
    """How many stems it has at least."""
    seed: int | None = None
    midi: bool = False
    """The notes are wanted too."""

    def without_files(self) -> KnownJob:
        """For a job made anew, which gets files of its own."""
        return msgspec.structs.replace(self, files={})

    def open_sink(self, job: str, send: Callable[[AgentMessage], None]) -> ReaperSink:
        """Where the job's events go."""
        return ReaperSink(
            job,
            Path(self.media),
            self.title,
            send,
            spot=self.spot.to_spot(self.title) if self.spot else None,
            files={int(stem): path for stem, path in self.files.items() if stem.isdecimal()},
            rate=self.rate,
            notes=self.midi,
            expected=max(self.expected, 1),
        )


class ScriptCommand(msgspec.Struct, frozen=True):
    """Anything else."""

    id: str = ""
    job: str = ""
    facts: ReaperFacts | None = None
    request: str = ""
    sentence: str = ""


def earlier_jobs(client: Client, ask: str) -> dict[str, Accepted]:
    """Jobs of an ask that an agent before this one asked for, by their number among its jobs."""
    return {
        job.origin.get("index", ""): Accepted(
            request=job.job, job=job.job, task=job.task, engine=job.engine, reason="", seed=job.seed
        )
        for job in client.jobs(_MAX_JOBS_READ)
        if job.origin.get("ask") == ask
    }


def read_message(message: Mapping[str, Any], kind: type[_Struct]) -> _Struct:
    """A message as one of the above. Raises RequestError (`bad_message`)."""
    try:
        return msgspec.convert(dict(message), kind)
    except msgspec.ValidationError as error:
        raise RequestError(
            ErrorCode.BAD_MESSAGE,
            say("Bandmate cannot read the message from REAPER's scripts: {error}.", error=error),
            "Run `bandmate install reaper`, so that both have the same version.",
        ) from error
