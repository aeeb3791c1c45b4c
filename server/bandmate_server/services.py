"""What a connection can call on; one of each a server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from bandmate_protocol.messages import Controls, ForgetControl, LearnControl, Learned, Surfaces
from bandmate_server.audio import BlobStore, UploadStore
from bandmate_server.catalogue import CatalogueHolder
from bandmate_server.checkup import Checkup
from bandmate_server.config import Settings
from bandmate_server.focus import FocusBoard
from bandmate_server.jobs import JobStore
from bandmate_server.jobs.dropping import JobDropper
from bandmate_server.jobs.queue import JobQueue
from bandmate_server.live_settings import LiveSettings
from bandmate_server.metrics import Metrics
from bandmate_server.notices import Notices
from bandmate_server.restart import RestartSwitch
from bandmate_server.slots import SlotStore


class SurfacePanel(Protocol):
    """The surfaces of a server, as its connections see them."""

    async def describe(self, request: str) -> Surfaces:
        """The controllers and peers, as they are now."""
        ...

    async def controls(self, request: str) -> Controls:
        """What a knob can control."""
        ...

    async def learn(self, asked: LearnControl) -> Learned:
        """Waits for a knob and maps it. Raises RequestError."""
        ...

    def stop_learning(self) -> None:
        """Ends a `learn` that waits."""
        ...

    async def forget(self, asked: ForgetControl) -> Surfaces:
        """Removes a knob from the user's map. Raises RequestError."""
        ...


@dataclass(frozen=True)
class Services:
    """The server's parts, as its connections see them."""

    live_settings: LiveSettings
    store: JobStore
    shelf: BlobStore
    uploads: UploadStore
    desk: JobQueue
    catalogue: CatalogueHolder
    focus: FocusBoard
    slots: SlotStore
    metrics: Metrics
    dropper: JobDropper
    unchecked_since_ms: int | None = None
    """After a server that did not end in order: files written later than this are checked; else None."""
    notices: Notices = field(default_factory=Notices)
    checkup: Checkup = field(default_factory=Checkup)
    surfaces: SurfacePanel | None = None
    restart: RestartSwitch | None = None
    """None where the server cannot start itself again."""

    @property
    def settings(self) -> Settings:
        """Those in force now; some can change while the server runs."""
        return self.live_settings.current
