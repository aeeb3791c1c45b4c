"""Tempo, metre, key and length for a prompt, where no project sets them: a question, of which no job is made."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from bandmate_protocol.messages._base import Message
from bandmate_protocol.units import Bpm, Label, RequestId, Seed, Word


class Suggest(Message, frozen=True, kw_only=True):
    """Asks what tempo, metre and key suit a prompt, and how long it asks to be.

    Engines that read prompts without their model answer at once; for any other, the answer may wait for a job
    that runs on the same worker. The question ends with its connection.
    """

    request: RequestId
    prompt: Annotated[str, Meta(max_length=65_536)]
    engine: Word | None = None
    """Which engine reads the prompt; none leaves the choice to the server."""
    seed: Seed = 0
    """The same prompt with the same seed gets the same answer."""


class Suggested(Message, frozen=True, kw_only=True):
    """The answer to `suggest`. What the engine has no opinion about is left out."""

    request: RequestId
    engine: Word
    """The engine that read the prompt."""
    bpm: Bpm | None = None
    numerator: Annotated[int, Meta(ge=1, le=255)] | None = None
    """Beats of a bar."""
    denominator: Annotated[int, Meta(ge=1, le=255)] | None = None
    """What note a beat is."""
    key: Label | None = None
    """Such as `A minor`."""
    bars: Annotated[float, Meta(gt=0, le=100_000)] | None = None
    """The length that the prompt asks for, in bars: `16 bars of funk`."""
    seconds: Annotated[float, Meta(gt=0, le=86_400)] | None = None
    """The length that the prompt asks for, in seconds: `30 second pad`."""
