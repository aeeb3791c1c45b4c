"""What is known of the plugins that are installed, as plain values that can be cached and sent."""

from __future__ import annotations

from typing import Literal

import msgspec

from bandmate_plugins.task import Lane
from bandmate_protocol.messages import Ability, EngineInfo, PluginInfo, TaskInfo

PluginStatus = Literal["enabled", "disabled", "failed", "invalid", "heavy"]


class FoundPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """One entry point of the group `bandmate`, read from metadata alone: nothing of it was imported."""

    name: str
    """The entry point's name, which is the plugin's."""
    value: str
    """`package.module`, or `package.module:object`."""
    distribution: str
    version: str


class EngineRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An engine of the catalogue with what the host wants to know besides."""

    info: EngineInfo
    rank: int = 0
    placement: Literal["cpu", "device"] = "cpu"
    changeable: bool = False
    """Its readiness depends on the machine, such as on weights; `read_readiness` asks again."""
    lacking_models: dict[Ability, tuple[str, ...]] = {}
    """Models that would bring these abilities."""
    follows_chords: bool = False
    """It can be given a chart of chords."""
    led_abilities: tuple[Ability, ...] = ()
    """Abilities in which it follows chords, a groove or a melody by a guide."""
    plays_notes: bool = False
    """It can be given notes."""
    by_name_only: tuple[Ability, ...] = ()
    """Abilities for which it is not chosen automatically."""
    has_prompt_reader: bool = False
    """It answers `suggest` without being loaded, in any worker."""

    @property
    def name(self) -> str:
        """The engine's name."""
        return self.info.name

    def order_for(self, ability: Ability | None) -> tuple[bool, int, str]:
        """Sorts engines for an ability, the best first; those that have to be named come last."""
        return ability in self.by_name_only, -self.rank, self.name

    def models_for(self, ability: Ability | None) -> tuple[str, ...]:
        """The models that it wants before it can be used for an ability."""
        if self.info.status != "ready":
            return self.info.wanted_models
        return self.lacking_models.get(ability, ()) if ability else ()

    def missing_reason(self, ability: Ability | None) -> str:
        """Why it cannot do one of its abilities although it is ready, and the next step; empty if it can."""
        return self.info.lacks.get(ability, "") if ability else ""


class PluginScan(msgspec.Struct, frozen=True, kw_only=True):
    """What came of importing one plugin and calling its hooks."""

    plugin: str
    status: PluginStatus = "enabled"
    reason: str = ""
    hooks: tuple[str, ...] = ()
    tasks: tuple[TaskInfo, ...] = ()
    lanes: dict[str, Lane] = {}
    """Of its tasks that do not run on the CPU's."""
    engines: tuple[EngineRecord, ...] = ()
    commands: tuple[str, ...] = ()
    sources: dict[str, tuple[int, int]] = {}
    """Its files (and folders, where it failed) with their time of change in ns and size in bytes."""


class PluginCatalogue(msgspec.Struct, frozen=True, kw_only=True):
    """The catalogue: every installed plugin with its state, and what the enabled ones brought."""

    plugins: tuple[PluginInfo, ...]
    """The built-in ones first."""
    tasks: tuple[TaskInfo, ...]
    engines: tuple[EngineRecord, ...]
    lanes: dict[str, Lane] = {}
    """Of tasks that need no engine and do not run on the CPU's."""
    hooks: dict[str, tuple[str, ...]]
    """Which hooks each enabled plugin implements."""
    commands: dict[str, str] = {}
    """Which plugin adds each command."""
    entries: dict[str, str] = {}
    """Where each enabled plugin is: `package.module` or `package.module:object`."""
