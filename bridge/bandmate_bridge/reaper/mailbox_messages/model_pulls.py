"""Models that are asked about and downloaded to the server."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bandmate_bridge.reaper.mailbox_messages.message_base import (
    Gigabytes,
    Identifier,
    JobCount,
    MailboxMessage,
    Text,
)
from bandmate_protocol.units import DurationSeconds, JobId

_DEFAULT_GIGABYTES = 20.0

PullEnd = Literal["done", "failed", "cancelled", "interrupted"]


class AskModel(MailboxMessage, frozen=True, kw_only=True, tag="model"):
    """Asks the hub about a model. Nothing is downloaded."""

    id: Identifier
    model: Text


class FetchModel(MailboxMessage, frozen=True, kw_only=True, tag="fetch"):
    """Downloads a model whose licence the musician accepted."""

    id: Identifier
    model: Text
    licence: Text = ""
    """As it was shown and accepted, word for word."""
    most_gb: Gigabytes = _DEFAULT_GIGABYTES
    """More than that is not downloaded."""


class FollowPull(MailboxMessage, frozen=True, kw_only=True, tag="follow"):
    """Takes up a download that an earlier agent followed."""

    id: Identifier
    job: JobId
    model: Text
    licence: Text = ""
    most_gb: Gigabytes = _DEFAULT_GIGABYTES


class ModelAsked(MailboxMessage, frozen=True, kw_only=True, tag="asking"):
    """The server asks the hub."""

    re: Identifier
    """The id of the `model`."""
    job: JobId
    ahead: JobCount = 0
    """Jobs before it in the queue."""


class ModelOffer(MailboxMessage, frozen=True, kw_only=True, tag="offer"):
    """What the hub says about a model; `fetch` repeats the licence and the size."""

    re: Identifier
    """The id of the `model`."""
    model: Text
    licence: Text
    lines: Annotated[tuple[Text, ...], Meta(max_length=1_024)]
    """What is downloaded, for people."""
    most_gb: Gigabytes


class PullMoved(MailboxMessage, frozen=True, kw_only=True, tag="pulling"):
    """How far a download is."""

    re: Identifier | None = None
    """The id of the `fetch` or `follow`, in the first message."""
    job: JobId
    model: Text
    stage: Text
    share: Annotated[float, Meta(ge=0, le=1, description="a share of the whole")]
    seconds_left: DurationSeconds | None = None
    licence: Text | None = None
    """In the first message; the scripts repeat it to resume."""
    most_gb: Gigabytes | None = None
    """In the first message; the scripts repeat it to resume."""


class PullEnded(MailboxMessage, frozen=True, kw_only=True, tag="pulled"):
    """A download has ended."""

    job: JobId
    model: Text
    state: PullEnd
    sentence: Text = ""
    remedy: Text = ""
    code: Text = ""
    """Of a failure; for programs."""
    licence: Text = ""
    """The scripts repeat it to resume."""
    most_gb: Gigabytes = _DEFAULT_GIGABYTES
    """The scripts repeat it to resume."""
