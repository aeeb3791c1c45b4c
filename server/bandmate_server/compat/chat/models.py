"""The models that a request may name, in OpenAI's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bandmate_plugins._host.loading.records import PluginCatalogue
from bandmate_protocol.texts import say
from bandmate_protocol.unknown_names import join_names, nearest_name_text
from bandmate_server.compat.chat.errors import UnknownModelError
from bandmate_server.compat.songs.models import OfferedModel, choose_model, offered_models

_LISTED_SINCE = 1_767_225_600
"""The field `created` of every model; nobody reads it, and OpenAI's clients want a number."""


def music_models(plugins: PluginCatalogue) -> list[OfferedModel]:
    """The models that can make music from text now; the first is chosen where none is named."""
    return offered_models(plugins.engines, ["text"])


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
    for model in music_models(plugins):
        if model.id == name:
            return model
    raise _unknown_error(plugins, name)


def check_model(plugins: PluginCatalogue, name: str) -> tuple[str, str]:
    """What an answer calls the model of a name, and a remark where another one than that is used.

    Raises UnknownModelError for a name that nobody knows.
    """
    chosen = choose_model((engine.info for engine in plugins.engines), name)
    if not chosen.is_known:
        raise _unknown_error(plugins, name)
    if chosen.engine:
        return name, ""
    offered = music_models(plugins)
    taken = offered[0].id if offered else "auto"
    if chosen.is_here:
        return taken, ""
    remedy = say(" `bandmate models pull {pull}` downloads it.", pull=chosen.pull) if chosen.pull else ""
    return taken, say(
        "The model {name} is not here; {taken} was used.{remedy}", name=name, taken=taken, remedy=remedy
    )


def _unknown_error(plugins: PluginCatalogue, name: str) -> UnknownModelError:
    names = [model.id for model in music_models(plugins)]
    return UnknownModelError(
        say("There is no model `{name}`.", name=name[:100]),
        say(
            "{near}Models: {names}; `auto` takes the first.",
            near=nearest_name_text(name[:100], names),
            names=join_names(names),
        ),
    )
