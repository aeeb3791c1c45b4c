"""What the server can do, as the panel shows it: forms of tasks, options of engines, models."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bandmate_bridge.reaper.mailbox_messages.message_base import (
    Identifier,
    MailboxMessage,
    MailboxPart,
    Text,
)
from bandmate_protocol.messages import InputNeed, ResultKind

_MAX_ENTRIES = 1_024

FieldKind = Literal["string", "integer", "number", "boolean", "choice"]

FieldValue = str | int | float | bool

FieldBound = Annotated[float, Meta(ge=-1e18, le=1e18)]


class FormField(MailboxPart, frozen=True, kw_only=True):
    """A parameter of a task, or an option of an engine."""

    name: Text
    """What `run` calls it."""
    title: Text
    about: Text = ""
    """What it does."""
    kind: FieldKind
    default: FieldValue | None = None
    choices: Annotated[tuple[Text, ...], Meta(max_length=_MAX_ENTRIES)] = ()
    """Of the kind `choice`."""
    lowest: FieldBound | None = None
    highest: FieldBound | None = None
    unit: Text = ""
    """Of the value and its bounds."""
    advanced: bool = False
    """The panel folds it away."""


class EngineForm(MailboxPart, frozen=True, kw_only=True):
    """An engine that can do a task, with its options for that."""

    name: Text
    title: Text
    fields: Annotated[tuple[FormField, ...], Meta(max_length=_MAX_ENTRIES)] = ()


class TaskForm(MailboxPart, frozen=True, kw_only=True):
    """A task that the panel offers."""

    task: Text
    """What `run` calls it."""
    title: Text
    summary: Text = ""
    source: InputNeed
    """Whether it works on an item."""
    result: ResultKind | None = None
    """Where its result goes, as the wire's catalogue has it."""
    can_be_take: bool = False
    """The musician may have the result as a take in place of new tracks."""
    mixed: bool = False
    """It is one piece of audio, not a stem for each part."""
    listens: bool = False
    """What plays at the same time matters: as audio, or as written notes."""
    fields: Annotated[tuple[FormField, ...], Meta(max_length=_MAX_ENTRIES)] = ()
    engines: Annotated[tuple[EngineForm, ...], Meta(max_length=_MAX_ENTRIES)] = ()
    """The best first."""


class ModelEntry(MailboxPart, frozen=True, kw_only=True):
    """A model that can be downloaded."""

    name: Text
    """What `model` and `fetch` call it."""
    about: Text = ""
    size: Text = ""
    """In words."""
    licence: Text = ""
    here: bool = False
    """It is on the server's disk."""


class EngineModels(MailboxPart, frozen=True, kw_only=True):
    """The models of an engine."""

    engine: Text
    title: Text
    state: Text = ""
    """Whether the engine is ready, in a sentence."""
    models: Annotated[tuple[ModelEntry, ...], Meta(max_length=_MAX_ENTRIES)] = ()


class DescribeServer(MailboxMessage, frozen=True, kw_only=True, tag="describe"):
    """Asks for the catalogue again, and for the models that are being downloaded."""

    id: Identifier = ""


class ServerCatalogue(MailboxMessage, frozen=True, kw_only=True, tag="catalogue"):
    """What the server can do. Sent on every new connection, as an answer, and after a download."""

    re: Identifier | None = None
    """The id of the `describe` that it answers."""
    tasks: Annotated[tuple[TaskForm, ...], Meta(max_length=_MAX_ENTRIES)]
    """In the order of the panel's tabs."""
    models: Annotated[tuple[EngineModels, ...], Meta(max_length=_MAX_ENTRIES)] = ()
