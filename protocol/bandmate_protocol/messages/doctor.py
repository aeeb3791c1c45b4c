"""Problems of the server's installation, as `bandmate doctor` finds them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bandmate_protocol.messages._base import Message, MessagePart
from bandmate_protocol.units import Label, RequestId, Sentence


class Doctor(Message, frozen=True, kw_only=True):
    """Asks the server to check its installation, which takes some seconds."""

    request: RequestId


class Finding(MessagePart, frozen=True, kw_only=True):
    """The result of one check."""

    state: Literal["good", "note", "bad"]
    """`bad` keeps something from working; a `note` does not."""
    about: Label
    """What was checked."""
    sentence: Sentence
    remedy: Sentence = ""
    """The next step, if there is one."""


class Findings(Message, frozen=True, kw_only=True):
    """The answer to `doctor`."""

    request: RequestId
    findings: Annotated[tuple[Finding, ...], Meta(max_length=4096)] = ()
