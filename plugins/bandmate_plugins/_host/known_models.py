"""The models that the installed engines want, by a short name for people."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate_plugins._host.loading import load_engine, read_catalogue
from bandmate_plugins.model import Model
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


@dataclass(frozen=True)
class KnownModel:
    """A model, what it is called on the command line, and the engine that wants it."""

    name: str
    engine: str
    model: Model


def known_models() -> list[KnownModel]:
    """Every model of every engine, in the engines' order."""
    plugins = read_catalogue()
    found = []
    for record in plugins.engines:
        if record.info.models:
            engine = load_engine(plugins, record.name)
            found += [KnownModel(model.short_name, engine.name, model) for model in engine.models]
    return found


def models_named(wanted: str) -> list[KnownModel]:
    """The models of that name, or of the engine of that name. Raises RequestError (`no_such_engine`)."""
    models = known_models()
    found = [known for known in models if wanted in (known.name, known.model.hub_id)]
    found = found or [known for known in models if known.engine == wanted]
    if found:
        return found
    there = ", ".join(known.name for known in models) or "none, because no installed engine uses any"
    raise RequestError(
        ErrorCode.NO_SUCH_ENGINE,
        say("There is no model named {wanted}.", wanted=wanted),
        say("Available: {there}.", there=there),
    )
