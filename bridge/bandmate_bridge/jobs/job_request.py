"""A job to ask a server for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bandmate_bridge.client import Client
from bandmate_bridge.jobs.job_origin import JobOrigin, origin_values
from bandmate_protocol.messages import Accepted, Input, Timeline


@dataclass(frozen=True)
class JobRequest:
    """A job to ask for: everything that the server needs to know of it."""

    task: str
    timeline: Timeline
    params: Mapping[str, Any]
    inputs: tuple[Input, ...] = ()
    engine: str | None = None
    seed: int | None = None
    remarks: tuple[str, ...] = ()
    """What to tell the user about what is sent."""

    def submit(self, client: Client, origin: JobOrigin | None = None) -> Accepted:
        """Asks for the job; ``origin`` says where its result belongs. Raises RequestError as refused."""
        return client.submit(
            self.task,
            self.timeline,
            self.params,
            engine=self.engine,
            seed=self.seed,
            inputs=self.inputs,
            origin=None if origin is None else origin_values(origin),
        )
