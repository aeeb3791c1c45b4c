"""Every operation, in the order of the documentation."""

from __future__ import annotations

from bandmate_server.rest import catalogue, jobs
from bandmate_server.rest.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *catalogue.OPERATIONS,
    *jobs.OPERATIONS,
)

TAGS = {
    "catalogue": "What the server can do.",
    "jobs": "Work that was asked for.",
}
