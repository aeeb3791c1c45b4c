"""Puts the scans of single plugins together; a name that is taken refuses the plugin that came second."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from bandmate_plugins._host.loading.records import (
    EngineRecord,
    FoundPlugin,
    PluginCatalogue,
    PluginScan,
    PluginStatus,
)
from bandmate_protocol.messages import PluginInfo, TaskInfo
from bandmate_protocol.units import one_line, shorten_text

OWN_COMMANDS = frozenset({"help", "plugins"})
"""Commands of the root itself, which no plugin can replace."""

_NAME_LENGTH = 64
"""Of a `Name` on the wire."""


_DISABLED_REASON = (
    "It is disabled by BANDMATE_DISABLE. Remove it from that variable and restart the server to use it."
)


def merge_scans(
    found: Sequence[FoundPlugin], disabled: Collection[str], scans: Sequence[PluginScan]
) -> PluginCatalogue:
    """The catalogue of `found` plugins, of which those not disabled were scanned, in that order."""
    merger = _ScanMerger()
    remaining = iter(scans)
    for plugin in found:
        scan = None if plugin.name in disabled else next(remaining)
        merger.add(plugin, scan)
    return merger.result()


class _ScanMerger:
    def __init__(self) -> None:
        self._infos: list[PluginInfo] = []
        self._enabled: dict[str, PluginScan] = {}
        self._entries: dict[str, str] = {}
        self._taken: dict[tuple[str, str], str] = {}

    def add(self, plugin: FoundPlugin, scan: PluginScan | None) -> None:
        if scan is None:
            self._set_status(plugin, "disabled", _DISABLED_REASON)
            return
        clash = self._name_clash(plugin, scan) if scan.status == "enabled" else ""
        if clash:
            self._set_status(plugin, "invalid", clash)
            return
        self._set_status(plugin, scan.status, scan.reason)
        if scan.status == "enabled":
            self._enabled[plugin.name] = scan
            self._entries[plugin.name] = plugin.value
            self._taken.update(dict.fromkeys(_scan_names(scan), plugin.name))

    def result(self) -> PluginCatalogue:
        engines = tuple(engine for scan in self._enabled.values() for engine in scan.engines)
        tasks = (task for scan in self._enabled.values() for task in scan.tasks)
        return PluginCatalogue(
            plugins=tuple(self._infos),
            tasks=tuple(_with_engines(task, engines) for task in tasks),
            engines=engines,
            lanes={task: lane for scan in self._enabled.values() for task, lane in scan.lanes.items()},
            hooks={name: scan.hooks for name, scan in self._enabled.items()},
            commands={command: name for name, scan in self._enabled.items() for command in scan.commands},
            entries=self._entries,
        )

    def _set_status(self, plugin: FoundPlugin, status: PluginStatus, reason: str) -> None:
        info = PluginInfo(
            name=one_line(plugin.name, _NAME_LENGTH),
            distribution=one_line(plugin.distribution),
            version=one_line(plugin.version),
            status=status,
            reason=shorten_text(reason),
        )
        self._infos.append(info)

    def _name_clash(self, plugin: FoundPlugin, scan: PluginScan) -> str:
        """Why a plugin cannot stand beside those before it, or nothing."""
        if plugin.name in self._enabled:
            return f"Another plugin is named `{plugin.name}`; that one is used."
        own: set[tuple[str, str]] = set()
        for kind, name in _scan_names(scan):
            if (kind, name) in own:
                return f"It registers the {kind} `{name}` twice."
            own.add((kind, name))
            if kind == "command" and name in OWN_COMMANDS:
                return f"Its command `{name}` belongs to Bandmate; give it another name."
            if (kind, name) in self._taken:
                owner = self._taken[kind, name]
                return f"Its {kind} `{name}` already exists, from the plugin `{owner}`; give it another name."
        return ""


def _scan_names(scan: PluginScan) -> list[tuple[str, str]]:
    return [
        *(("task", task.name) for task in scan.tasks),
        *(("engine", engine.name) for engine in scan.engines),
        *(("command", command) for command in scan.commands),
    ]


def _with_engines(task: TaskInfo, engines: Sequence[EngineRecord]) -> TaskInfo:
    """The task with its engines, the best first."""
    able = [engine for engine in engines if task.ability in engine.info.abilities]
    able.sort(key=lambda engine: engine.order_for(task.ability))
    return msgspec.structs.replace(task, engines=tuple(engine.name for engine in able))
