"""What a connection can call on; one of each a server."""

from __future__ import annotations

from dataclasses import dataclass, field

from bandmate_server.audio import BlobStore, UploadStore
from bandmate_server.catalogue import CatalogueHolder
from bandmate_server.config import Settings
from bandmate_server.focus import FocusBoard
from bandmate_server.jobs import JobStore
from bandmate_server.jobs.queue import JobQueue
from bandmate_server.metrics import Metrics
from bandmate_server.notices import Notices
from bandmate_server.slots import SlotStore


@dataclass(frozen=True)
class Services:
    """The server's parts, as its connections see them."""

    settings: Settings
    store: JobStore
    shelf: BlobStore
    uploads: UploadStore
    desk: JobQueue
    catalogue: CatalogueHolder
    focus: FocusBoard
    slots: SlotStore
    metrics: Metrics
    unchecked_since_ms: int | None = None
    """After a server that did not end in order: files written later than this are checked; else None."""
    notices: Notices = field(default_factory=Notices)
