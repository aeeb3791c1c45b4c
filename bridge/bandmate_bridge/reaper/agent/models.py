"""The server's models for the panel: which there are, and which of them would help."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from bandmate_bridge.reaper.mailbox_messages import (
    AgentMessage,
    EngineModels,
    JobDone,
    ModelEntry,
    WorkFailed,
)
from bandmate_plugins._models.room import size_text
from bandmate_protocol.messages import Catalogue, EngineInfo, ModelInfo


def model_list(catalogue: Catalogue) -> tuple[EngineModels, ...]:
    """Each engine that wants weights, with its models."""
    return tuple(
        EngineModels(
            engine=engine.name,
            title=engine.title,
            # How to get weights is what the list is for.
            state=_state_text(engine, "" if engine.status == "needs_weights" else engine.reason),
            models=tuple(_model_entry(model) for model in engine.models if model.pull),
        )
        for engine in catalogue.engines
        if any(model.pull for model in engine.models)
    )


def _state_text(engine: EngineInfo, reason: str) -> str:
    if engine.status == "ready":
        return f"{engine.title} is ready."
    verb = "needs weights" if engine.status == "needs_weights" else "cannot run here"
    return f"{engine.title} {verb}. {reason}".strip()


def _model_entry(model: ModelInfo) -> ModelEntry:
    return ModelEntry(
        name=model.pull,
        about=model.about,
        size=size_text(model.size_bytes) if model.size_bytes else "size unknown",
        licence=model.licence,
        here=model.present,
    )


def keep_absent_models(message: AgentMessage, catalogue: Catalogue | None) -> AgentMessage:
    """A message about a failure or an end, with only those of its models that can still be fetched."""
    if not isinstance(message, WorkFailed | JobDone):
        return message
    absent = {model.pull for _, model in _all_models(catalogue) if not model.present}
    return msgspec.structs.replace(message, models=tuple(name for name in message.models if name in absent))


def model_ready_text(catalogue: Catalogue, name: str) -> str:
    """What a model that came is good for."""
    for engine, model in _all_models(catalogue):
        if model.pull != name:
            continue
        if engine.status != "ready":
            return f"{name} is installed. {_state_text(engine, engine.reason)}"
        about = f" What it does: {model.about}." if model.about else ""
        return f"{name} is installed, and the engine {engine.name} is ready.{about}"
    return f"{name} is installed."


def _all_models(catalogue: Catalogue | None) -> Iterator[tuple[EngineInfo, ModelInfo]]:
    for engine in catalogue.engines if catalogue else ():
        for model in engine.models:
            yield engine, model
