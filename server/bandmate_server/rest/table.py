"""Every operation, in the order of the documentation."""

from __future__ import annotations

from bandmate_server.rest import (
    catalogue,
    events,
    jobs,
    models,
    notes,
    projects,
    slots,
    stems,
    upkeep,
    uploads,
)
from bandmate_server.rest.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *catalogue.OPERATIONS,
    *jobs.OPERATIONS,
    *events.OPERATIONS,
    *stems.OPERATIONS,
    *notes.OPERATIONS,
    *uploads.OPERATIONS,
    *models.OPERATIONS,
    *slots.OPERATIONS,
    *projects.OPERATIONS,
    *upkeep.OPERATIONS,
)

TAGS = {
    "catalogue": "What the server can do.",
    "jobs": "Work that was asked for.",
    "events": "What happens, as server-sent events.",
    "stems": "The audio and the notes that jobs make.",
    "audio": "Audio on its way to the server.",
    "models": "Weights that engines use.",
    "slots": "Saved requests with numbers.",
    "projects": "The projects that are open in DAWs.",
    "server": "The server itself.",
}
