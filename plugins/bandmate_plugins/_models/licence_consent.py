"""What both commands that fetch models say of licences, and how they ask."""

from __future__ import annotations

import click

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


def known_licence_lines(known: str, stated: str) -> list[str]:
    """A line where what Bandmate knows of a licence differs from what the hub states."""
    return [] if known == stated else [f"  What is known here of its licence: {known}."]


def confirm_licences(*, accepted: bool) -> None:
    """Asks in the terminal unless the licences are accepted already. Raises RequestError (`not_allowed`)."""
    if not accepted and not click.confirm("Download under these licences?", default=False):
        raise RequestError(
            ErrorCode.NOT_ALLOWED, say("Nothing was downloaded."), say("--yes accepts the licences.")
        )
