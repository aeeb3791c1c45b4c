"""Loads single plugins into this process, for what the catalogue says they bring."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bandmate_plugins._host.loading.catalogue import read_catalogue
from bandmate_plugins._host.loading.records import PluginCatalogue
from bandmate_plugins._host.loading.registration import PluginHooks, load_object
from bandmate_plugins.engine import Engine
from bandmate_plugins.task import Task
from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_protocol.texts import say
from bandmate_protocol.unknown_names import unknown_engine_error, unknown_task_error

if TYPE_CHECKING:
    import click

_REMEDY = "`bandmate plugins --refresh` scans all plugins again and shows what is wrong."


def load_task(plugins: PluginCatalogue, name: str) -> Task[Any]:
    """The task of that name, from the one plugin that brings it.

    Raises RequestError (`no_such_task`) when there is none, BandmateError (`engine_failed`) when the plugin
    fails.
    """
    owner = next((task.plugin for task in plugins.tasks if task.name == name), None)
    if owner is None:
        raise unknown_task_error(name, [task.name for task in plugins.tasks])
    task: Task[Any] = _pick_registered(plugins, owner, "bandmate_tasks", name)
    return task


def load_engine(plugins: PluginCatalogue, name: str) -> Engine:
    """The engine of that name, not yet loaded into memory, from the one plugin that brings it.

    Raises RequestError (`no_such_engine`) when there is none, BandmateError (`engine_failed`) when the plugin
    fails.
    """
    owner = next((engine.info.plugin for engine in plugins.engines if engine.name == name), None)
    if owner is None:
        raise unknown_engine_error(name, [engine.name for engine in plugins.engines])
    engine: Engine = _pick_registered(plugins, owner, "bandmate_engines", name)
    return engine


def load_executors(plugins: PluginCatalogue) -> dict[str, Callable[..., Any]]:
    """The factories of all executors by name; the first plugin that registers a name has it.

    Raises BandmateError (`engine_failed`) when a plugin that has executors fails.
    """
    factories: dict[str, Callable[..., Any]] = {}
    for owner, hooks in plugins.hooks.items():
        if "bandmate_executors" in hooks:
            for name, factory in _collect_hook(plugins, owner, "bandmate_executors"):
                factories.setdefault(name, factory)
    return factories


def load_commands(
    group: click.Group, plugins: PluginCatalogue | None = None, *, only: str | None = None
) -> dict[str, str]:
    """Adds the commands of the plugins that have some, or of the plugin `only`, to a group.

    Reads the catalogue unless it is given. A plugin that fails is left out; the result says by its name why.
    """
    plugins = plugins or read_catalogue()
    failures: dict[str, str] = {}
    for owner, hooks in plugins.hooks.items():
        if "bandmate_commands" not in hooks or only not in (None, owner):
            continue
        try:
            _load_registration(plugins, owner).call_hook("bandmate_commands", group=group)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - one plugin must not take the others' commands along
            failures[owner] = f"{type(error).__name__}: {error}"
    return failures


def _pick_registered(plugins: PluginCatalogue, owner: str, hook: str, name: str) -> Any:
    for value in _collect_hook(plugins, owner, hook):
        if value.name == name:
            return value
    raise _load_error(owner, f"no longer provides `{name}`")


def _collect_hook(plugins: PluginCatalogue, owner: str, hook: str) -> list[Any]:
    try:
        return _load_registration(plugins, owner).collect(hook)
    except (SystemExit, Exception) as error:
        raise _load_error(owner, f"cannot be loaded: {type(error).__name__}: {error}") from error


def _load_registration(plugins: PluginCatalogue, owner: str) -> PluginHooks:
    return PluginHooks(owner, load_object(plugins.entries[owner]))


def _load_error(owner: str, what: str) -> BandmateError:
    return BandmateError(
        ErrorCode.ENGINE_FAILED, say("The plugin `{owner}` {what}.", owner=owner, what=what), _REMEDY
    )
