"""The models that a client may name: engines, and the checkpoints of those that have several."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bandmate_plugins._host.loading.records import EngineRecord, PluginCatalogue
from bandmate_protocol.messages import ModelInfo
from bandmate_protocol.texts import say
from bandmate_protocol.unknown_names import join_names, nearest_name_text
from bandmate_server.compat.chat.errors import UnknownModelError

_OPEN = frozenset({"", "auto", "default", "bandmate", "acestep"})
_UPSTREAM_NAMES = {"ace_step1.5": "acestep-v15-turbo"}
"""Checkpoints that ACE-Step's server calls otherwise than the hub does, by what `pull` takes."""
_PLANNER = re.compile(r"[-_]lm[-_]", re.IGNORECASE)
"""Marks language models, which plan and make no audio."""
_LISTED_SINCE = 1_767_225_600
"""The field `created` of every model; nobody reads it, and OpenAI's clients want a number."""


@dataclass(frozen=True)
class OfferedModel:
    """A model that can make music here."""

    id: str
    engine: str
    checkpoint: str = ""
    """The engine's option `model`; empty where it has none."""
    about: str = ""


@dataclass(frozen=True)
class ChosenModel:
    """What a name in a request stands for."""

    id: str
    """As it was given, or what was chosen where it was left open."""
    engine: str | None = None
    """None leaves the choice to the server."""
    checkpoint: str = ""
    remark: str = ""
    """Why it is another one than was named."""


def offered_models(plugins: PluginCatalogue) -> list[OfferedModel]:
    """The models that can make music from text now; the first is chosen where none is named."""
    able = [engine for engine in plugins.engines if engine.info.is_ready_for("text")]
    able = [engine for engine in able if "text" in engine.info.abilities]
    able.sort(key=lambda engine: engine.order_for("text"))
    return [offered for engine in able for offered in _models_of(engine)]


def describe_models(offered: Iterable[OfferedModel]) -> dict[str, Any]:
    """The answer of `/v1/models`."""
    return {"object": "list", "data": [describe_model(model) for model in offered]}


def describe_model(model: OfferedModel) -> dict[str, Any]:
    """One model, with OpenAI's fields and OpenRouter's."""
    return {
        "id": model.id,
        "object": "model",
        "created": _LISTED_SINCE,
        "owned_by": model.engine,
        "name": model.about or model.id,
        "description": model.about,
        "input_modalities": ["text", "audio"],
        "output_modalities": ["audio", "text"],
        "context_length": 4_096,
        "max_output_length": 300,
        "pricing": {"prompt": "0", "completion": "0", "request": "0"},
    }


def find_model(plugins: PluginCatalogue, name: str) -> OfferedModel:
    """The model of exactly that name. Raises UnknownModelError with the names that there are."""
    offered = offered_models(plugins)
    for model in offered:
        if model.id == name:
            return model
    raise _unknown_error(name, offered)


def choose_model(plugins: PluginCatalogue, name: str) -> ChosenModel:
    """The model of a name. One that is known and not here is replaced by one that is, which a remark says.

    Raises UnknownModelError with the names that there are.
    """
    offered = offered_models(plugins)
    plain = name.partition("/")[2] if "/" in name else name
    wanted = _folded(plain)
    if plain.lower() in _OPEN:
        return ChosenModel(offered[0].id if offered else "auto")
    for model in offered:
        if wanted in (_folded(model.id.partition("/")[2]), _folded(model.checkpoint)):
            return ChosenModel(name, model.engine, model.checkpoint)
    pull = _known_elsewhere(plugins, wanted)
    if pull is None:
        raise _unknown_error(name, offered)
    remedy = say(" `bandmate models pull {pull}` downloads it.", pull=pull) if pull else ""
    taken = offered[0].id if offered else "auto"
    return ChosenModel(
        taken,
        remark=say(
            "The model {name} is not here; {taken} was used.{remedy}", name=name, taken=taken, remedy=remedy
        ),
    )


def options_for(engine: EngineRecord, ability: str | None, wanted: dict[str, Any]) -> dict[str, Any]:
    """Those of some options that an engine has, and that apply to an ability; None is left out."""
    known: dict[str, Any] = engine.info.options.get("properties", {})
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and name in known and ability in known[name].get("abilities", [ability])
    }


def _unknown_error(name: str, offered: Iterable[OfferedModel]) -> UnknownModelError:
    names = [model.id for model in offered]
    return UnknownModelError(
        say("There is no model `{name}`.", name=name[:100]),
        say(
            "{near}Models: {names}; `auto` takes the first.",
            near=nearest_name_text(name[:100], names),
            names=join_names(names),
        ),
    )


def _models_of(engine: EngineRecord) -> list[OfferedModel]:
    """One for each checkpoint on the disk of an engine that lets its user choose, else the engine."""
    checkpoints = [model for model in engine.info.models if model.present and not _PLANNER.search(model.name)]
    if "model" not in engine.info.options.get("properties", {}) or not checkpoints:
        return [OfferedModel(f"bandmate/{engine.name}", engine.name, about=engine.info.title)]
    return [
        OfferedModel(f"{engine.name}/{_upstream_name(model)}", engine.name, model.pull, model.about)
        for model in checkpoints
    ]


def _upstream_name(model: ModelInfo) -> str:
    return _UPSTREAM_NAMES.get(model.pull) or model.name.rpartition("/")[2]


def _known_elsewhere(plugins: PluginCatalogue, wanted: str) -> str | None:
    """What `pull` calls a model that is known and not offered; empty for an engine that is not ready."""
    for engine in plugins.engines:
        for model in engine.info.models:
            if wanted in (_folded(_upstream_name(model)), _folded(model.pull)):
                return model.pull
        if wanted == _folded(engine.name):
            return ""
    return None


def _folded(name: str) -> str:
    """A name without case, and without what is written differently in different places."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
