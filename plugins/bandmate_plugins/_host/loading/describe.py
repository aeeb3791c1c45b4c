"""Tasks and engines as the catalogue lists them. HookError has a sentence for those that do not fit."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from bandmate_plugins._host.loading.placement import placement_fields
from bandmate_plugins._host.loading.records import EngineRecord
from bandmate_plugins._host.loading.registration import HookError
from bandmate_plugins._host.loading.schema import params_schema
from bandmate_plugins.engine import Engine, LoadedEngine, Readiness
from bandmate_plugins.request import NoOptions
from bandmate_plugins.task import Lane, Task
from bandmate_protocol.messages import Ability, EngineInfo, TaskInfo
from bandmate_protocol.texts import say, wording_with_values
from bandmate_protocol.units import shorten_text

S = TypeVar("S", bound=msgspec.Struct)


def describe_task(task: Any, plugin: str = "") -> TaskInfo:
    """What the catalogue says of a task."""
    _check_kind(task, Task, "task")
    label = f"The task `{_checked_name(task)}`"
    if task.lane not in get_args(Lane):
        raise HookError(
            say(
                "{label} names the lane `{lane}`, which does not exist; use one of {names}.",
                label=label,
                lane=task.lane,
                names=", ".join(get_args(Lane)),
            )
        )
    summary = inspect.getdoc(type(task))
    if not summary or type(task).__doc__ is None:
        raise HookError(say("{label} has no docstring, which is the summary that people read.", label=label))
    try:
        params = params_schema(task.Params)
    except (TypeError, ValueError) as error:
        raise HookError(
            say(
                "{label} has invalid parameters: {error_sentence}",
                label=label,
                error_sentence=_error_sentence(error),
            )
        ) from error
    info = {
        "name": _checked_name(task),
        "title": getattr(task, "title", None),
        "summary": summary.split("\n\n")[0].replace("\n", " "),
        "ability": task.ability,
        "source": task.source,
        "params": params,
        **placement_fields(task, params),
        **_owner_fields(plugin),
    }
    return _convert_values(info, TaskInfo, label)


def describe_engine(engine: Any, plugin: str = "") -> EngineRecord:
    """What the catalogue says of an engine, its readiness as of now."""
    _check_kind(engine, Engine, "engine")
    label = f"The engine `{_checked_name(engine)}`"
    readiness = readiness_of(engine)
    try:
        models = [
            {
                "name": model.hub_id,
                "revision": model.revision,
                "licence": model.licence,
                "size_bytes": model.size_bytes,
                "present": engine.holds(model),
                "pull": model.short_name,
                "about": model.about,
            }
            for model in engine.models
        ]
        info = {
            "name": _checked_name(engine),
            "title": getattr(engine, "title", None),
            "abilities": sorted(abilities_of(engine)),
            "status": readiness.status,
            "reason": readiness.reason,
            "reason_wording": wording_with_values(readiness.reason),
            "lacks": _lacks_of(readiness),
            "models": models,
            "wanted_models": readiness.models,
            "options": _options_schema(engine, label),
            "reads_lyrics": engine.reads_lyrics,
            **_owner_fields(plugin),
        }
    except (AttributeError, TypeError) as error:
        raise HookError(
            say(
                "{label} does not fit the contract: {error_sentence}",
                label=label,
                error_sentence=_error_sentence(error),
            )
        ) from error
    if not info["abilities"]:
        raise HookError(
            say(
                "{label} names no abilities, so no task could use it: list them in `abilities`, or name the class "
                "that `load` returns in its signature.",
                label=label,
            )
        )
    record = {
        "info": info,
        "rank": engine.rank,
        "placement": engine.placement,
        "changeable": type(engine).readiness is not Engine.readiness,
        "lacking_models": dict(readiness.lacking_models),
        "follows_chords": engine.follows_chords,
        "led_abilities": sorted(engine.led_abilities),
        "plays_notes": engine.plays_notes,
        "by_name_only": sorted(engine.by_name_only),
        "has_prompt_reader": type(engine).load_prompt_reader is not Engine.load_prompt_reader,
    }
    return _convert_values(record, EngineRecord, label)


def abilities_of(engine: Engine) -> frozenset[Ability]:
    """What an engine can be asked for: as it lists, else the methods of the class that `load` returns."""
    if listed := getattr(engine, "abilities", None):
        return frozenset(listed)
    try:
        loaded = get_type_hints(type(engine).load).get("return")
    except (NameError, TypeError):  # a name for type checkers alone
        return frozenset()
    if not (isinstance(loaded, type) and issubclass(loaded, LoadedEngine)):
        return frozenset()
    names = get_args(Ability)
    return frozenset(name for name in names if getattr(loaded, name) is not getattr(LoadedEngine, name))


def _options_schema(engine: Engine, label: str) -> dict[str, Any]:
    """The form of an engine's options; empty for one that has none."""
    if engine.Options is NoOptions:
        return {}
    try:
        schema = params_schema(engine.Options)
    except (TypeError, ValueError) as error:
        raise HookError(
            say(
                "{label} has bad options: {error_sentence}",
                label=label,
                error_sentence=_error_sentence(error),
            )
        ) from error
    if required := schema.get("required"):
        raise HookError(
            say("{label} has the option `{name}` without a default.", label=label, name=required[0])
        )
    return schema


def readiness_of(engine: Engine) -> Readiness:
    """An engine's readiness; one that cannot say is not available."""
    try:
        readiness: object = engine.readiness()
    except Exception as error:  # noqa: BLE001 - an engine that cannot say must not take its plugin along
        return Readiness(
            "unavailable",
            say(
                "It could not report whether it is ready: {error_sentence}",
                error_sentence=_error_sentence(error),
            ),
        )
    if not isinstance(readiness, Readiness):
        return Readiness("unavailable", "Its `readiness` does not return a Readiness.")
    return readiness


def with_readiness(info: EngineInfo, readiness: Readiness, held: Sequence[bool]) -> EngineInfo:
    """The same engine with another readiness; `held` says of each of its models whether it is here."""
    models = tuple(
        msgspec.structs.replace(model, present=present)
        for model, present in zip(info.models, held, strict=True)
    )
    return msgspec.structs.replace(
        info,
        status=readiness.status,
        reason=readiness.reason,
        reason_wording=wording_with_values(readiness.reason),
        lacks=_lacks_of(readiness),
        models=models,
        wanted_models=tuple(readiness.models),
    )


def _lacks_of(readiness: Readiness) -> dict[Ability, str]:
    return {ability: shorten_text(str(sentence)) for ability, sentence in readiness.lacks.items()}


def _owner_fields(plugin: str) -> dict[str, str]:
    """What names the plugin; a task in a test belongs to none."""
    return {"plugin": plugin} if plugin else {}


def _check_kind(value: Any, kind: type[Any], word: str) -> None:
    if isinstance(value, type):
        raise HookError(
            say(
                "The {word} `{name}` was registered as a class; register `{name}()`.",
                word=word,
                name=value.__name__,
            )
        )
    if not isinstance(value, kind):
        raise HookError(
            say(
                "{value!r} was registered as a {word} but is not a subclass of {name}.",
                value=value,
                word=word,
                name=kind.__name__,
            )
        )


def _checked_name(value: Any) -> str:
    name = getattr(value, "name", None)
    if not isinstance(name, str):
        raise HookError(say("`{name}` has no `name`.", name=type(value).__name__))
    return name


def _convert_values(values: dict[str, Any], kind: type[S], label: str) -> S:
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise HookError(
            say(
                "{label} does not fit the contract: {error_sentence}",
                label=label,
                error_sentence=_error_sentence(error),
            )
        ) from error


def _error_sentence(error: Exception) -> str:
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return text if text.endswith(".") else f"{text}."
