"""The command line's connection to the server."""

from __future__ import annotations

from bandmate_bridge.client import Client
from bandmate_bridge.progress import Notice, ProgressCallback, StageStarted


def connect_client(progress: ProgressCallback) -> Client:
    """The command line's client; starting a server is shown as a stage."""
    progress(StageStarted("Connecting"))
    return Client.connect(
        role="cli",
        name="bandmate",
        notify=lambda stage: progress(StageStarted(stage)),
        warn=lambda sentence: progress(Notice(sentence)),
    )
