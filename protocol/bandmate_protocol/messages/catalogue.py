"""What the server can do: tasks with their forms, engines and plugins with their state."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bandmate_protocol.messages._base import Message, MessagePart
from bandmate_protocol.units import Bytes, Label, Name, RequestId, Sentence, Values, Word

Ability = Literal["text", "inpaint", "variation", "accompany", "separate", "analyse"]
"""What an engine can be asked for."""

InputNeed = Literal["none", "optional", "required"]

PluginName = Annotated[str, Meta(max_length=64, description="the plugin that it comes from")]


class Describe(Message, frozen=True, kw_only=True):
    """Asks for the catalogue."""

    request: RequestId


class ModelInfo(MessagePart, frozen=True, kw_only=True):
    """Weights that an engine wants."""

    name: Label
    """Where it comes from, as the model hub has it."""
    revision: Label
    """The one that is used, pinned."""
    licence: Label
    """`not stated` when it is not."""
    size_bytes: Bytes
    """On the disk."""
    present: bool
    """The weights are on the server's disk."""
    pull: Label = ""
    """What the task `pull` and `bandmate models` call it."""
    about: Label = ""
    """What it is for, in a few words."""


class EngineInfo(MessagePart, frozen=True, kw_only=True):
    """One engine and whether it can run here."""

    name: Word
    """What `submit` calls it."""
    title: Label
    """What a form calls it."""
    abilities: Annotated[tuple[Ability, ...], Meta(max_length=16)]
    """What it can be asked for."""
    status: Literal["ready", "needs_weights", "unavailable"]
    """`ready` engines can be asked for."""
    reason: Sentence = ""
    """Why it is not ready, and the next step."""
    models: Annotated[tuple[ModelInfo, ...], Meta(max_length=64)] = ()
    """Weights that it needs."""
    plugin: PluginName = ""


class TaskInfo(MessagePart, frozen=True, kw_only=True):
    """One task, with the form that a bridge draws for it."""

    name: Word
    """What `submit` calls it."""
    title: Label
    """What a form calls it."""
    summary: Sentence
    """What it does, for a form."""
    ability: Ability | None
    """What its engine must be able to do; none for a task that needs no engine."""
    source: InputNeed
    """Whether it works on audio of the project."""
    params: Values
    """JSON Schema of the parameters: title, description, unit, bounds, default."""
    engines: Annotated[tuple[Word, ...], Meta(max_length=64)] = ()
    """Engines with that ability, the best first."""
    plugin: PluginName = ""


class PluginInfo(MessagePart, frozen=True, kw_only=True):
    """One installed plugin and what became of it."""

    name: Name
    """Of its entry point."""
    distribution: Label
    """The installed package that it came with."""
    version: Label
    status: Literal["enabled", "disabled", "failed", "invalid", "heavy"]
    """`failed` to import, `invalid` hooks, or `heavy`: it imports a model library at its top."""
    reason: Sentence = ""
    """Why it is not enabled, and what to do."""


class Catalogue(Message, frozen=True, kw_only=True):
    """The answer to `describe`."""

    request: RequestId
    tasks: Annotated[tuple[TaskInfo, ...], Meta(max_length=1024)]
    engines: Annotated[tuple[EngineInfo, ...], Meta(max_length=1024)]
    plugins: Annotated[tuple[PluginInfo, ...], Meta(max_length=4096)]
