"""The disk budget as the settings have it, and what a smaller one would delete."""

from __future__ import annotations

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.config import Settings
from bandmate_server.jobs.retention import RetentionSweeper
from bandmate_server.services import Services

_KEEP_REMEDY = "Keep the jobs whose audio you need, or confirm the change."


def build_sweeper(services: Services, settings: Settings) -> RetentionSweeper:
    """Whatever keeps the audio within the budget of these settings."""
    return RetentionSweeper(
        shelf=services.shelf,
        uploads=services.uploads.folder,
        spool=settings.data / "spool",
        store=services.store,
        dropper=services.dropper,
        budget_bytes=int(settings.retention_gb * 1e9),
    )


async def guard_audio(services: Services, before: Settings, wanted: Settings) -> None:
    """Refuses a smaller budget that deletes audio. Raises RequestError (`not_confirmed`) with how much that is."""
    if wanted.retention_gb >= before.retention_gb:
        return
    freed_bytes = await build_sweeper(services, wanted).preview()
    if wanted.retention_gb == 0:
        raise RequestError(
            ErrorCode.NOT_CONFIRMED,
            say(
                "With 0 GB, {megabytes} MB of audio are deleted within minutes, and so is all that is made from then"
                " on, unless its job is kept.",
                megabytes=f"{freed_bytes / 1e6:.1f}",
            ),
            _KEEP_REMEDY,
        )
    if freed_bytes:
        raise RequestError(
            ErrorCode.NOT_CONFIRMED,
            say(
                "With {size} GB, {megabytes} MB of audio are deleted within minutes, the least recently used first.",
                size=f"{wanted.retention_gb:g}",
                megabytes=f"{freed_bytes / 1e6:.1f}",
            ),
            _KEEP_REMEDY,
        )
