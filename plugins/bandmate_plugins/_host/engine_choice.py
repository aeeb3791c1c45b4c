"""Which task was meant, which engine does it and why, and whether its parameters are right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bandmate_plugins._host.check_params import check_params
from bandmate_plugins._host.loading.records import EngineRecord, PluginCatalogue
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.forms import RoutedValues, route_values
from bandmate_protocol.messages import Ability, TaskInfo
from bandmate_protocol.texts import say
from bandmate_protocol.unknown_names import join_names, unknown_engine_error, unknown_task_error

__all__ = ["check_params", "choose_engine", "find_engine", "find_task", "route_request"]

_ABILITY_TEXTS: dict[Ability, str] = {
    "text": say("makes music from text"),
    "inpaint": say("repaints a range"),
    "variation": say("makes variations of audio"),
    "accompany": say("adds parts to audio"),
    "separate": say("separates audio into stems"),
    "analyse": say("analyses audio"),
}


def find_task(plugins: PluginCatalogue, name: str) -> TaskInfo:
    """The task of that name. Raises RequestError (`no_such_task`) that says which tasks there are."""
    for task in plugins.tasks:
        if task.name == name:
            return task
    raise unknown_task_error(name, [task.name for task in plugins.tasks])


def find_engine(plugins: PluginCatalogue, name: str) -> EngineRecord:
    """The engine of that name. Raises RequestError (`no_such_engine`) that says which engines there are."""
    for engine in plugins.engines:
        if engine.name == name:
            return engine
    raise unknown_engine_error(name, [engine.name for engine in plugins.engines])


@dataclass(frozen=True, slots=True)
class _Material:
    """What a request gives to be played, and which engines take it."""

    is_taken: Callable[[EngineRecord, TaskInfo], bool]
    refusal: Callable[[str], str]
    """Why an engine of that name is not used."""
    reason: Callable[[str], str]
    """Why an engine of that name was chosen."""
    remedy: str


def _is_led(engine: EngineRecord, task: TaskInfo) -> bool:
    return task.ability in engine.led_abilities


_CHORDS = _Material(
    lambda engine, task: engine.follows_chords or _is_led(engine, task),
    lambda name: say("The engine `{name}` does not follow chords.", name=name),
    lambda name: say("{engine}: it follows the chords that you gave.", engine=name),
    "leave out the chords",
)
_NOTES = _Material(
    lambda engine, _: engine.plays_notes,
    lambda name: say("The engine `{name}` does not play given notes.", name=name),
    lambda name: say("{engine}: it plays the notes that you gave.", engine=name),
    "leave out the notes",
)
_MELODY = _Material(
    lambda engine, task: engine.plays_notes or _is_led(engine, task),
    lambda name: say("The engine `{name}` does not follow a melody.", name=name),
    lambda name: say("{engine}: it follows the melody that you gave.", engine=name),
    "set Follow to auto and leave out the notes",
)
_LEAD = _Material(
    _CHORDS.is_taken,
    lambda name: say("The engine `{name}` follows neither chords nor a melody.", name=name),
    lambda name: say("{engine}: it follows what you chose.", engine=name),
    "set Follow to auto",
)


def choose_engine(
    plugins: PluginCatalogue,
    task: TaskInfo,
    wanted: str | None = None,
    *,
    with_chords: bool = False,
    with_notes: bool = False,
    follow: str = "auto",
) -> tuple[EngineRecord | None, str]:
    """The engine for a task and a sentence why: the wanted one, else the ready one with the highest rank.

    `with_chords`: the request has chords, so only engines that follow them count. `with_notes`: it has notes, so
    only engines that play them count, or with `follow` as `melody`, those that follow them. `follow`: the parameter
    of that name; for `chords`, `groove` and `melody`, only engines that can be led count.

    None for a task that needs no engine. Raises RequestError, with the names that would have worked:
    `no_such_engine` when the wanted one does not exist or cannot do the task, `engine_unavailable` when it,
    or every engine that could, is not ready.
    """
    able = _able_engines(plugins, task)
    given = _given_material(with_chords=with_chords, with_notes=with_notes, follow=follow)
    if wanted is not None:
        chosen = _requested_engine(plugins, task, wanted, able)
        if chosen[0] is not None:
            _check_material(task, chosen[0], given, able)
        return chosen
    if task.ability is None:
        return None, say("{task} needs no engine.", task=task.name)
    able = [engine for engine in able if task.ability not in engine.by_name_only]
    ready = [engine for engine in able if _is_ready(engine, task)]
    if not ready:
        raise _none_ready_error(task, task.ability, able)
    refused = next((one for one in given if not one.is_taken(ready[0], task)), None)
    if refused is not None:
        taking = [engine for engine in ready if all(one.is_taken(engine, task) for one in given)]
        if not taking:
            raise _not_taken_error(task, ready[0].name, refused, able)
        return taking[0], refused.reason(taking[0].name)
    return ready[0], _choice_reason(task.ability, ready, able)


def _given_material(*, with_chords: bool, with_notes: bool, follow: str) -> list[_Material]:
    """What an engine must be able to take."""
    notes = _MELODY if follow == "melody" else _NOTES
    is_led = follow in ("chords", "groove", "melody")
    return [one for one, there in ((notes, with_notes), (_CHORDS, with_chords), (_LEAD, is_led)) if there]


def route_request(
    plugins: PluginCatalogue,
    task: TaskInfo,
    engine: EngineRecord | None,
    params: Mapping[str, Any],
    options: Mapping[str, Any],
) -> RoutedValues:
    """The values of a request as parameters of its task and options of its engine, which was chosen.

    Only names are checked: the worker checks the values, as it knows their types. Raises RequestError
    (`bad_params`) for an unknown name.
    """
    engines = [record.info for record in plugins.engines]
    return route_values(task, engine.info if engine else None, engines, params, options)


def _is_ready(engine: EngineRecord, task: TaskInfo) -> bool:
    return engine.info.is_ready_for(task.ability)


def _able_engines(plugins: PluginCatalogue, task: TaskInfo) -> list[EngineRecord]:
    """The engines that can do a task, the best first."""
    if task.ability is None:
        return []
    able = [engine for engine in plugins.engines if task.ability in engine.info.abilities]
    return sorted(able, key=lambda engine: engine.order_for(task.ability))


def _requested_engine(
    plugins: PluginCatalogue, task: TaskInfo, wanted: str, able: Sequence[EngineRecord]
) -> tuple[EngineRecord | None, str]:
    engine = next((engine for engine in plugins.engines if engine.name == wanted), None)
    usable = [other.name for other in able if _is_ready(other, task) and other.name != wanted]
    if engine is None:
        names = [other.name for other in able] or [other.name for other in plugins.engines]
        raise unknown_engine_error(wanted, names, _engines_for(task, usable))
    if task.ability is None:
        return None, say("{task} needs no engine, so {wanted} is not used.", task=task.name, wanted=wanted)
    if engine not in able:
        raise RequestError(
            ErrorCode.NO_SUCH_ENGINE,
            say(
                "`{task}` requires an engine that {ability_texts}, and `{wanted}` does not.",
                wanted=wanted,
                ability_texts=_ABILITY_TEXTS[task.ability],
                task=task.name,
            ),
            _engines_for(task, usable),
        )
    if engine.info.status != "ready":
        raise RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say("The engine `{wanted}` {unready_text}", wanted=wanted, unready_text=_unready_text(engine)),
            _engines_for(task, usable),
            models=engine.models_for(task.ability),
        )
    if lack := engine.missing_reason(task.ability):
        raise RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say(
                "The engine `{wanted}` cannot run `{task}` at the moment: {rstrip}.",
                wanted=wanted,
                task=task.name,
                rstrip=lack.rstrip("."),
            ),
            _engines_for(task, usable),
            models=engine.models_for(task.ability),
        )
    return engine, say("{engine}: the engine that you chose.", engine=wanted)


def _check_material(
    task: TaskInfo, engine: EngineRecord, given: Sequence[_Material], able: Sequence[EngineRecord]
) -> None:
    """Raises RequestError (`bad_params`) where an engine does not take what a request gives."""
    for one in given:
        if not one.is_taken(engine, task):
            raise _not_taken_error(task, engine.name, one, able)


def _not_taken_error(
    task: TaskInfo, name: str, given: _Material, able: Sequence[EngineRecord]
) -> RequestError:
    usable = [engine.name for engine in able if given.is_taken(engine, task) and _is_ready(engine, task)]
    chosen = next((engine for engine in able if engine.name == name), None)
    if given is _NOTES and chosen is not None and _is_led(chosen, task):
        remedy = say(
            "Set Follow to melody to have {engine} follow the notes, or choose {names}, to have them played.",
            engine=name,
            names=join_names(usable or ["sketch"]),
        )
    elif usable:
        remedy = say("Choose {names}, or {leave_out}.", names=join_names(usable), leave_out=given.remedy)
    else:
        remedy = say(
            "{leave_out}. {others}", leave_out=given.remedy.capitalize(), others=_engines_for(task, usable)
        )
    return RequestError(ErrorCode.BAD_PARAMS, given.refusal(name), remedy)


def _none_ready_error(task: TaskInfo, ability: Ability, able: Sequence[EngineRecord]) -> RequestError:
    if not able:
        return RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say(
                "`{task}` needs an engine that {ability_texts}; none is installed.",
                task=task.name,
                ability_texts=_ABILITY_TEXTS[ability],
            ),
            "`bandmate plugins` lists the installed engines, and what is wrong with them.",
        )
    states = " ".join(f"{engine.name} {_unready_text(engine, ability)}" for engine in able)
    return RequestError(
        ErrorCode.ENGINE_UNAVAILABLE,
        say(
            "No engine that {ability_texts} is ready for `{task}`.",
            ability_texts=_ABILITY_TEXTS[ability],
            task=task.name,
        ),
        states,
        models=[name for engine in able for name in engine.models_for(ability)],
    )


def _choice_reason(ability: Ability, ready: Sequence[EngineRecord], able: Sequence[EngineRecord]) -> str:
    best = ready[0]
    does = _ABILITY_TEXTS[ability]
    if len(able) == 1:
        return say("{engine}: the only engine that {does}.", engine=best.name, does=does)
    if len(ready) == 1:
        if best.rank == 0:
            sentence = "{engine}: the embedded engine, because no other engine that {does} is ready."
        else:
            sentence = "{engine}: the engine, because no other engine that {does} is ready."
        return say(sentence, engine=best.name, does=does)
    better = [engine.name for engine in able[: able.index(best)]]
    if not better:
        return say("{engine}: the best engine that {does} and is ready.", engine=best.name, does=does)
    return say(
        "{engine}: the best engine that {does} and is ready. Preferred, but not ready: {better}.",
        engine=best.name,
        does=does,
        better=join_names(better),
    )


def _unready_text(engine: EngineRecord, ability: Ability | None = None) -> str:
    """Why an engine is not ready, with a verb."""
    if engine.info.status == "ready":
        return say("is missing something it needs: {lack}.", lack=engine.missing_reason(ability).rstrip("."))
    verb = say("needs its weights") if engine.info.status == "needs_weights" else say("cannot run here")
    reason = engine.info.reason.strip().rstrip(".")
    return say("{verb}: {reason}.", verb=verb, reason=reason) if reason else say("{verb}.", verb=verb)


def _engines_for(task: TaskInfo, names: Sequence[str]) -> str:
    if task.ability is None:
        return say("`{task}` needs no engine.", task=task.name)
    if not names:
        return say("No other engine is ready for `{task}`.", task=task.name)
    return say("Ready for `{task}`: {names}.", task=task.name, names=join_names(names))
