"""Looks at one plugin: imports it, checks and calls its hooks. Runs in the child process only."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from importlib.machinery import PathFinder
from typing import Any, TypeVar

from bandmate_plugins._host.loading.describe import describe_engine, describe_task
from bandmate_plugins._host.loading.found import BUILT_IN, file_stamps
from bandmate_plugins._host.loading.guard import HEAVY, HeavyGuard
from bandmate_plugins._host.loading.records import EngineRecord, FoundPlugin, PluginScan, PluginStatus
from bandmate_plugins._host.loading.registration import HookError, PluginHooks, load_object
from bandmate_plugins._platform.installation import how_to_add
from bandmate_plugins.task import Lane
from bandmate_protocol.messages import TaskInfo
from bandmate_protocol.texts import say

R = TypeVar("R")


class _RefusedError(Exception):
    """Raised when a plugin cannot be used: its status and the reason."""

    def __init__(self, status: PluginStatus, reason: str) -> None:
        super().__init__(reason)
        self.status: PluginStatus = status
        self.reason = reason


def examine_plugin(found: FoundPlugin, guard: HeavyGuard) -> PluginScan:
    """What came of importing a plugin and calling each hook once. Raises nothing but KeyboardInterrupt."""
    guard.asked.clear()
    try:
        scan = _scan_guarded(found, guard)
    except _RefusedError as refusal:
        scan = PluginScan(plugin=found.name, status=refusal.status, reason=refusal.reason)
    return PluginScan(
        plugin=scan.plugin,
        status=scan.status,
        reason=scan.reason,
        hooks=scan.hooks,
        tasks=scan.tasks,
        lanes=scan.lanes,
        engines=scan.engines,
        commands=scan.commands,
        sources=_source_files(found, scan.status != "enabled"),
    )


def _scan_guarded(found: FoundPlugin, guard: HeavyGuard) -> PluginScan:
    plugin = _run_guarded(found, guard, "import", lambda: load_object(found.value))
    try:
        registration = PluginHooks(found.name, plugin)
        (tasks, lanes), engines = _collect_registered(found, guard, registration)
    except HookError as error:
        raise _RefusedError("invalid", str(error)) from error
    if "bandmate_executors" in registration.hooks:
        _run_guarded(found, guard, "bandmate_executors", lambda: registration.collect("bandmate_executors"))
    return PluginScan(
        plugin=found.name,
        hooks=registration.hooks,
        tasks=tasks,
        lanes=lanes,
        engines=engines,
        commands=_command_names(found, guard, registration),
    )


def _collect_registered(
    found: FoundPlugin, guard: HeavyGuard, registration: PluginHooks
) -> tuple[tuple[tuple[TaskInfo, ...], dict[str, Lane]], tuple[EngineRecord, ...]]:
    def tasks() -> tuple[tuple[TaskInfo, ...], dict[str, Lane]]:
        given = registration.collect("bandmate_tasks")
        infos = tuple(describe_task(task, found.name) for task in given)
        return infos, {task.name: task.lane for task in given if task.lane != "cpu"}

    def engines() -> tuple[EngineRecord, ...]:
        return tuple(
            describe_engine(engine, found.name) for engine in registration.collect("bandmate_engines")
        )

    return (
        _run_guarded(found, guard, "bandmate_tasks", tasks),
        _run_guarded(found, guard, "bandmate_engines", engines),
    )


def _command_names(found: FoundPlugin, guard: HeavyGuard, registration: PluginHooks) -> tuple[str, ...]:
    """The names of the commands that a plugin adds, learnt from a group that is thrown away."""
    if "bandmate_commands" not in registration.hooks:
        return ()
    import click

    group = click.Group()
    _run_guarded(
        found, guard, "bandmate_commands", lambda: registration.call_hook("bandmate_commands", group=group)
    )
    return tuple(sorted(group.commands))


def _run_guarded(found: FoundPlugin, guard: HeavyGuard, step: str, action: Callable[[], R]) -> R:
    """Runs the plugin's code; whatever it raises, and a heavy library that it asks for, refuse the plugin."""
    try:
        result = action()
    except (HookError, KeyboardInterrupt):
        raise
    except BaseException as error:  # SystemExit too: a plugin may raise anything
        heavy = guard.asked or _missing_heavy(error)
        raise (
            _heavy_error(heavy[0])
            if heavy
            else _RefusedError("failed", _failure_sentence(found, step, error))
        ) from error
    if guard.asked:
        raise _heavy_error(guard.asked[0])
    return result


def _missing_heavy(error: BaseException) -> list[str]:
    name = error.name if isinstance(error, ModuleNotFoundError) and error.name else ""
    return [name] if name.split(".")[0] in HEAVY else []


def _heavy_error(library: str) -> _RefusedError:
    return _RefusedError(
        "heavy",
        say(
            "It imports {library} when it is loaded, which costs every process seconds and "
            "memory: move the import into the engine's `load()`.",
            library=library,
        ),
    )


def _failure_sentence(found: FoundPlugin, step: str, error: BaseException) -> str:
    """One sentence on what a plugin's code raised, with the line."""
    where = _raising_line(error)
    if isinstance(error, SystemExit):
        return f"It ends the process when it is loaded (`sys.exit`{where})."
    if isinstance(error, ModuleNotFoundError) and error.name:
        if f"{found.value.partition(':')[0]}.".startswith(f"{error.name}."):
            return f"Its module `{error.name}` does not exist."
        hint = _extra_hint(found, error.name)
        return f"It needs the module `{error.name}`, which is not installed{where}.{hint}"
    text = str(error).strip().splitlines()
    said = f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
    action = "It cannot be imported" if step == "import" else f"Its hook `{step}` fails"
    return f"{action}: {said.rstrip('.')}{where}."


def _extra_hint(found: FoundPlugin, module: str) -> str:
    """How to get what a built-in plugin needs beyond the base install."""
    if found.distribution != BUILT_IN or module.startswith("bandmate_"):
        return ""
    return f" {how_to_add('server')}"


def _raising_line(error: BaseException) -> str:
    """File and line of the last frame that is not Python's own import machinery."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<frozen") and not _is_ours(frame.filename)
    ]
    if isinstance(error, SyntaxError) and error.filename:
        return f" ({os.path.basename(error.filename)}, line {error.lineno})"
    return f" ({os.path.basename(frames[-1].filename)}, line {frames[-1].lineno})" if frames else ""


def _is_ours(filename: str) -> bool:
    folder = os.path.dirname(filename)
    return folder == os.path.dirname(__file__) or os.path.basename(folder) in (
        "importlib",
        "metadata",
        "pluggy",
    )


def _source_files(found: FoundPlugin, refused: bool) -> dict[str, tuple[int, int]]:
    """The files of the plugin's top package that are loaded; where it was refused, its folders too.

    A change in any of them makes the cached catalogue stale, which is what editable installs need.
    """
    module = found.value.partition(":")[0].strip()
    top = module.partition(".")[0]
    paths: list[str] = []
    for name, loaded in list(sys.modules.items()):
        if name == top or name.startswith(f"{top}."):
            paths += _files_of(loaded, refused)
    paths += _unloaded_source(module)
    return file_stamps(paths)


def _files_of(loaded: Any, folders: bool) -> list[str]:
    file = getattr(loaded, "__file__", None)
    within = getattr(loaded, "__path__", None) if folders else None
    return [*([file] if isinstance(file, str) else []), *(map(str, within) if within else [])]


def _unloaded_source(module: str) -> list[str]:
    """The file of the plugin's own module, found without importing it: a failed import leaves no trace."""
    path: list[str] | None = None
    origins = []
    parts = module.split(".")
    for depth in range(len(parts)):
        spec = PathFinder.find_spec(".".join(parts[: depth + 1]), path)
        if spec is None:
            break
        if spec.origin:
            origins.append(spec.origin)
        if spec.submodule_search_locations is None:
            break
        path = list(spec.submodule_search_locations)
    return origins
