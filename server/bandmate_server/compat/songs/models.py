"""The models that a client may name: engines, and the checkpoints of those that have several."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bandmate_plugins._acestep_requests import CORE, TURBO
from bandmate_plugins._host.loading.records import EngineRecord
from bandmate_protocol.messages import Ability, EngineInfo, ModelInfo

MODEL_ENGINE = "acestep"
"""The engine of ACE-Step's model, whose checkpoints upstream's programs call models."""
_OPEN = frozenset({"", "auto", "default", "bandmate", MODEL_ENGINE})
_UPSTREAM_NAMES = {CORE: TURBO}
"""Checkpoints that ACE-Step's server calls otherwise than the hub does, by what `pull` takes."""
_PLANNER = re.compile(r"[-_]lm[-_]", re.IGNORECASE)
"""Marks language models, which plan and make no audio."""


@dataclass(frozen=True)
class OfferedModel:
    """A model that can be used here."""

    name: str
    """As upstream's programs write it; an engine that has no checkpoints goes by its own."""
    info: EngineInfo
    checkpoint: str = ""
    """The engine's option `model`; empty where it has none."""
    about: str = ""

    @property
    def engine(self) -> str:
        """The engine's name."""
        return self.info.name

    @property
    def id(self) -> str:
        """With whose it is in front: `acestep/acestep-v15-turbo`, `bandmate/sketch`."""
        return f"{self.engine if self.checkpoint else 'bandmate'}/{self.name}"

    def is_chosen(self, chosen: ChosenModel) -> bool:
        """Whether it is what a name stands for, or may be where that was left open."""
        is_same = (self.engine, self.checkpoint) == (chosen.engine, chosen.checkpoint)
        return chosen.is_here and (is_same or not chosen.engine)


@dataclass(frozen=True)
class ChosenModel:
    """What a name in a request stands for; what is empty is left to the server."""

    engine: str = ""
    checkpoint: str = ""
    pull: str | None = None
    """Of a name that is known, where the model is not here: what `pull` calls it, empty for an engine's."""
    is_known: bool = True

    @property
    def is_here(self) -> bool:
        """Whether the model itself can be used, or any will do."""
        return self.is_known and self.pull is None


def offered_models(engines: Iterable[EngineRecord], abilities: Iterable[Ability]) -> list[OfferedModel]:
    """The models that can do any of some things now, the best of the first thing first."""
    first, *_ = wanted = tuple(abilities)
    able = [each for each in engines if any(_can(each.info, ability) for ability in wanted)]
    able.sort(key=lambda each: (not _can(each.info, first), *each.order_for(first)))
    return [offered for each in able for offered in _models_of(each.info)]


def choose_model(engines: Iterable[EngineInfo], name: str) -> ChosenModel:
    """The model of a name, which may be written as upstream, the hub, `pull` or `/v1/models` write it."""
    known = tuple(engines)
    plain = name.strip().partition("/")[2] if "/" in name else name.strip()
    if plain.lower() in _OPEN:
        return ChosenModel()
    wanted, elsewhere = _folded(plain), None
    for engine in known:
        for model in checkpoints_of(engine):
            if wanted in (_folded(upstream_name(model)), _folded(_hub_name(model)), _folded(model.pull)):
                if model.present and engine.status == "ready":
                    return ChosenModel(engine.name, model.pull)
                elsewhere = model.pull
        if wanted == _folded(engine.name):
            if engine.status == "ready":
                return ChosenModel(engine.name)
            elsewhere = next(iter(engine.wanted_models), "")
    return ChosenModel(pull=elsewhere, is_known=elsewhere is not None)


def checkpoints_of(engine: EngineInfo) -> list[ModelInfo]:
    """Those of an engine that lets its user choose which one makes music."""
    if "text" not in engine.abilities or "model" not in engine.options.get("properties", {}):
        return []
    return [model for model in engine.models if not is_planner(model)]


def is_planner(model: ModelInfo) -> bool:
    """Whether a checkpoint is a language model, which plans and makes no audio."""
    # Not by its name: one comes in the repository of the main model.
    return bool(_PLANNER.search(model.pull))


def has_planner(engine: EngineInfo) -> bool:
    """Whether a planner is on the disk."""
    return any(model.present and is_planner(model) for model in engine.models)


def planner_named(engine: EngineInfo, name: str) -> str | None:
    """What Bandmate calls a planner that is on the disk; None where none has this name."""
    wanted = _folded(name.rpartition("/")[2])
    present = (model.pull for model in engine.models if model.present and is_planner(model))
    return next((pull for pull in present if _folded(pull) == wanted), None)


def upstream_name(model: ModelInfo) -> str:
    """A checkpoint as ACE-Step's server calls it."""
    return _UPSTREAM_NAMES.get(model.pull) or _hub_name(model)


def _can(engine: EngineInfo, ability: Ability) -> bool:
    return ability in engine.abilities and engine.is_ready_for(ability)


def _models_of(engine: EngineInfo) -> list[OfferedModel]:
    """One for each checkpoint on the disk, else the engine."""
    present = [model for model in checkpoints_of(engine) if model.present]
    if not present:
        return [OfferedModel(engine.name, engine, about=engine.title)]
    return [OfferedModel(upstream_name(model), engine, model.pull, model.about) for model in present]


def _hub_name(model: ModelInfo) -> str:
    return model.name.rpartition("/")[2]


def _folded(name: str) -> str:
    """A name without case, and without what is written differently in different places."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
