"""Calls one plugin's hooks and collects what it registers."""

from __future__ import annotations

import difflib
import inspect
from importlib import metadata
from types import ModuleType
from typing import Any

import pluggy

from bandmate_plugins import hooks
from bandmate_plugins.hooks import PROJECT
from bandmate_protocol.texts import say


class HookError(Exception):
    """Raised when a plugin's hooks do not fit the specifications; its text is one sentence."""


def load_object(value: str) -> Any:
    """Imports what an entry point names, in this process. Raises whatever the plugin raises."""
    return metadata.EntryPoint(name="", value=value, group=PROJECT).load()


def hook_names() -> tuple[str, ...]:
    """Every hook there is, in the order of `hooks`."""
    return tuple(name for name, value in vars(hooks).items() if hasattr(value, f"{PROJECT}_spec"))


class PluginHooks:
    """One plugin, its hooks checked and ready to be called. Raises HookError when they do not fit."""

    def __init__(self, name: str, plugin: object) -> None:
        self.hooks = _implemented_hooks(plugin)
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(hooks)
        try:
            self._manager.register(plugin, name)
        except pluggy.PluginValidationError as error:
            raise HookError(_wrong_arguments(plugin, self.hooks)) from error

    def collect(self, hook: str) -> list[Any]:
        """What the plugin registers through a hook: values, or tuples where `register` takes several."""
        collected: list[Any] = []

        def register(*values: Any) -> None:
            collected.append(values[0] if len(values) == 1 else values)

        self.call_hook(hook, register=register)
        return collected

    def call_hook(self, hook: str, **arguments: Any) -> None:
        """Calls a hook of this plugin; nothing happens when it does not implement it."""
        getattr(self._manager.hook, hook)(**arguments)


def _implemented_hooks(plugin: object) -> tuple[str, ...]:
    """The hooks that a plugin implements."""
    known = hook_names()
    marked = []
    for name in dir(plugin):
        value = getattr(plugin, name, None)
        if hasattr(value, f"{PROJECT}_impl"):
            if name not in known:
                raise HookError(_unknown_hook(name, known))
            marked.append(name)
        elif name.startswith(f"{PROJECT}_") and _is_own_function(plugin, value):
            raise HookError(say("The function `{name}` is not marked with @hookimpl.", name=name))
    if not marked:
        raise HookError(
            say("It implements no hook; the hooks are {join_names}.", join_names=_join_names(known))
        )
    return tuple(name for name in known if name in marked)


def _is_own_function(plugin: object, value: object) -> bool:
    return (
        isinstance(plugin, ModuleType)
        and inspect.isfunction(value)
        and value.__module__ == plugin.__name__
        and not value.__name__.startswith("_")
    )


def _unknown_hook(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f"It implements `{name}`, which is not a hook; `{near[0]}` is."
    return f"It implements `{name}`, which is not a hook; the hooks are {_join_names(known)}."


def _wrong_arguments(plugin: object, marked: tuple[str, ...]) -> str:
    for name in marked:
        wanted = list(inspect.signature(getattr(hooks, name)).parameters)
        try:
            taken = list(inspect.signature(getattr(plugin, name)).parameters)
        except (TypeError, ValueError):
            return f"`{name}` is marked as a hook but is not a function."
        strange = [argument for argument in taken if argument not in wanted]
        if strange:
            return f"`{name}` takes {_join_names(strange)}; the hook gives it {_join_names(wanted)}."
    return "One of its hooks cannot be called."


def _join_names(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
