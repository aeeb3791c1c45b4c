"""How much of what is offered still has to come, and whether the disk has room for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from bandmate_plugins._models.fetch import blob_path, part_path
from bandmate_plugins._models.place import hub_cache, repository_folder
from bandmate_plugins._models.pull import HubOffer
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


def missing_bytes(offers: Iterable[HubOffer]) -> int:
    """What of their files is not on the disk yet; a file that two of them share counts once."""
    missing = {
        (offer.model.hub_id, offer.commit, name): size - _present_bytes(offer, name)
        for offer in offers
        for name, size in offer.sizes.items()
    }
    return sum(missing.values())


def _present_bytes(offer: HubOffer, name: str) -> int:
    size = offer.sizes[name]
    digest = offer.hashes.get(name, "")
    whole = [repository_folder(offer.model) / "snapshots" / offer.commit / name]
    if digest:
        whole.append(blob_path(offer.model, digest))
    if any(path.is_file() for path in whole):
        return size
    part = part_path(offer.model, digest)
    return min(part.stat().st_size, size) if digest and part.is_file() else 0


def free_bytes() -> tuple[int, Path]:
    """Room on the disk of the cache, and the folder that was looked at."""
    place = hub_cache()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free, place


def check_room(offers: Iterable[HubOffer]) -> None:
    """Raises RequestError (`disk_full`) when what is missing does not fit."""
    wanted = missing_bytes(offers)
    free, place = free_bytes()
    if free < wanted:
        raise RequestError(
            ErrorCode.DISK_FULL,
            say(
                "The download needs {needed}, but only {free} are free at {place}.",
                needed=size_text(wanted),
                free=size_text(free),
                place=place,
            ),
            "Free some space, set HF_HOME to a folder on another disk, or choose fewer models.",
        )


def size_text(size_bytes: int) -> str:
    """A size for people."""
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.1f} MB"
