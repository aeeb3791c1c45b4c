"""What the server can do: tasks with their forms, engines and plugins with their state."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bandmate_protocol.messages._base import Message, Part
from bandmate_protocol.units import Bytes, Label, Name, RequestId, Sentence, Values, Word

Ability = Literal["text", "inpaint", "variation", "accompany", "separate", "analyse"]
"""What an engine can be asked for."""

InputNeed = Literal["none", "optional", "required"]


class Describe(Message, frozen=True, kw_only=True):
    """Asks for the catalogue."""

    request: RequestId


class ModelInfo(Part, frozen=True, kw_only=True):
    """Weights that an engine wants."""

    name: Label
    revision: Label
    licence: Label
    """`not stated` when it is not."""
    size_bytes: Bytes
    present: bool


class EngineInfo(Part, frozen=True, kw_only=True):
    """One engine and whether it can run here."""

    name: Word
    title: Label
    abilities: Annotated[tuple[Ability, ...], Meta(max_length=16)]
    status: Literal["ready", "needs_weights", "unavailable"]
    reason: Sentence = ""
    """Why it is not ready, and the next step."""
    models: Annotated[tuple[ModelInfo, ...], Meta(max_length=64)] = ()
    plugin: Name = ""


class TaskInfo(Part, frozen=True, kw_only=True):
    """One task, with the form that a bridge draws for it."""

    name: Word
    title: Label
    summary: Sentence
    ability: Ability | None
    """What its engine must be able to do; none for a task that needs no engine."""
    source: InputNeed
    """Whether it works on audio of the project."""
    params: Values
    """JSON Schema of the parameters: title, description, unit, bounds, default."""
    engines: Annotated[tuple[Word, ...], Meta(max_length=64)] = ()
    """Engines with that ability, the best first."""
    plugin: Name = ""


class PluginInfo(Part, frozen=True, kw_only=True):
    """One installed plugin and what became of it."""

    name: Name
    distribution: Label
    version: Label
    status: Literal["enabled", "disabled", "failed", "invalid", "heavy"]
    """`failed` to import, `invalid` hooks, or `heavy`: it imports a model library at its top."""
    reason: Sentence = ""


class Catalogue(Message, frozen=True, kw_only=True):
    """The answer to `describe`."""

    request: RequestId
    tasks: Annotated[tuple[TaskInfo, ...], Meta(max_length=1024)]
    engines: Annotated[tuple[EngineInfo, ...], Meta(max_length=1024)]
    plugins: Annotated[tuple[PluginInfo, ...], Meta(max_length=4096)]
