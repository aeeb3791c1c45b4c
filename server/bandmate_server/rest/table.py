"""Every operation, in the order of the documentation."""

from __future__ import annotations

from bandmate_server.rest import catalogue, events, jobs, notes, stems, uploads
from bandmate_server.rest.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *catalogue.OPERATIONS,
    *jobs.OPERATIONS,
    *events.OPERATIONS,
    *stems.OPERATIONS,
    *notes.OPERATIONS,
    *uploads.OPERATIONS,
)

TAGS = {
    "catalogue": "What the server can do.",
    "jobs": "Work that was asked for.",
    "events": "What happens, as server-sent events.",
    "stems": "The audio and the notes that jobs make.",
    "audio": "Audio on its way to the server.",
}
