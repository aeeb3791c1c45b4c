"""What the server can do: tasks with their forms, engines and plugins with their state."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from bandmate_protocol.messages._base import Message, MessagePart
from bandmate_protocol.messages.wording import Wording
from bandmate_protocol.units import (
    Bytes,
    Index,
    Label,
    ModelNames,
    Name,
    RequestId,
    Sentence,
    Values,
    Word,
)

Ability = Literal["text", "inpaint", "variation", "accompany", "separate", "analyse"]
"""What an engine can be asked for."""

InputNeed = Literal["none", "optional", "required"]

ResultKind = Literal["tracks", "take", "stems", "report"]
"""Where the result of a task goes: onto new tracks; as a take onto the source item, in place of the range; as
stems on tracks below the source, which they stand in for; or nowhere, since it is a report without audio."""

FORM_ORDER = 1_000
"""The place in forms of a task that does not name one."""

PluginName = Annotated[str, Meta(max_length=64, description="the plugin that it comes from")]


class Describe(Message, frozen=True, kw_only=True):
    """Asks for the catalogue."""

    request: RequestId


class ModelInfo(MessagePart, frozen=True, kw_only=True):
    """Weights that an engine uses."""

    name: Label
    """Where it comes from, as the model hub has it."""
    revision: Label
    """The pinned commit that is used."""
    licence: Label
    """`not stated` if the hub does not say."""
    size_bytes: Bytes
    """On the disk."""
    present: bool
    """The weights are on the server's disk."""
    pull: Label = ""
    """What the task `pull` and `bandmate models` call it."""
    about: Label = ""
    """Its purpose, in a few words."""


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
    reason_wording: Wording | None = None
    """How `reason` is made, where it has values in it."""
    lacks: Annotated[dict[Ability, Sentence], Meta(max_length=16)] = field(default_factory=dict)
    """Abilities that it lacks although it is ready, each with the next step; `auto` passes it over for these."""
    models: Annotated[tuple[ModelInfo, ...], Meta(max_length=64)] = ()
    """Weights that it needs."""
    wanted_models: ModelNames = ()
    """Models that would make it ready, by the names that the task `pull` takes."""
    plugin: PluginName = ""
    options: Values = field(default_factory=dict)
    """JSON Schema of its options, as a task's `params`. `abilities` in a property: it applies to these alone; `tasks`:
    it also applies to these, which have `named_options`; `advanced`: forms fold it away."""
    reads_lyrics: bool = False
    """It sings the parameter `lyrics` of a task."""

    def is_ready_for(self, ability: Ability | None) -> bool:
        """Whether it can be asked for an ability now."""
        return self.status == "ready" and ability not in self.lacks


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
    """Whether it takes audio of the project."""
    params: Values
    """JSON Schema of the parameters: title, description, unit, bounds, default."""
    engines: Annotated[tuple[Word, ...], Meta(max_length=64)] = ()
    """Engines with that ability, the best first."""
    plugin: PluginName = ""
    result: ResultKind | None = None
    """Where its result goes; null only from a server that predates this field and those below."""
    can_be_take: bool = False
    """Its result may also become a take on the source item, if the musician prefers that."""
    result_title: Label = ""
    """What its result is called after the name of the source's track, such as `repainted`."""
    mixed: bool = False
    """In a project its parts come as one stem unless they are asked for; its parameter `mix` decides."""
    listens: bool = False
    """It wants what other tracks play at the same time, as inputs with the role `context`."""
    follows_chords: bool = False
    """It keeps to the key and the chords that are written on other tracks."""
    takes_ranges: bool = False
    """It works on one or more ranges inside the source, as its parameter `ranges`, and wants the audio around
    them too."""
    whole_items: bool = False
    """It works on whole items: a time selection says which they are, and not which part of them."""
    named_options: bool = False
    """Of an engine's options only those apply to it whose schema names it in `tasks`."""
    hidden: bool = False
    """It is for programs: neither forms nor surfaces offer it."""
    order: Index = FORM_ORDER
    """Its place in forms, the lowest first."""


class PluginInfo(MessagePart, frozen=True, kw_only=True):
    """One installed plugin and its status."""

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
