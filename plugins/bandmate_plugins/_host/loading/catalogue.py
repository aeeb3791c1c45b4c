"""The catalogue of all plugins: scanned in a child process, merged, and cached until something changes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from bandmate_plugins._host.loading.children import TIMEOUT_SECONDS, ask_readiness, scan_all
from bandmate_plugins._host.loading.describe import with_readiness
from bandmate_plugins._host.loading.found import disabled_plugins, environment_key, file_stamps, find_plugins
from bandmate_plugins._host.loading.merge import merge_scans
from bandmate_plugins._host.loading.records import EngineRecord, FoundPlugin, PluginCatalogue, PluginScan
from bandmate_plugins._platform import home
from bandmate_plugins.engine import Readiness
from bandmate_protocol.texts import plain_text

_RETRY_SECONDS = 600.0
"""How long a catalogue with a failed plugin is trusted: what it missed may have come without a trace."""

_KEPT_CATALOGUES = 8
"""Cached catalogues, one for each environment and setting."""


class _CachedCatalogue(msgspec.Struct, frozen=True):
    plugins: PluginCatalogue
    sources: dict[str, tuple[int, int]]
    expires: float | None = None
    """Seconds since 1970."""


def read_catalogue(*, refresh: bool = False, timeout: float = TIMEOUT_SECONDS) -> PluginCatalogue:
    """Every installed plugin, what it brings and what is wrong with it. Imports none of them in this process.

    Taken from the cache while the installed distributions, the plugins' files, `BANDMATE_DISABLE` and the
    versions of Python and Bandmate are as they were; `refresh` scans anyway. A scan takes as long as
    importing the plugins, `timeout` seconds at most for each that hangs. The readiness of engines is as of
    the scan: `read_readiness` asks again.
    """
    key = environment_key()
    path = home.cache_dir() / f"catalogue-{key[:32]}.json"
    cached = None if refresh else _read_cache(path)
    if cached:
        return cached.plugins
    found = find_plugins()
    disabled = disabled_plugins()
    scans = scan_all([plugin for plugin in found if plugin.name not in disabled], timeout)
    plugins = merge_scans(found, disabled, scans)
    _write_cache(path, plugins, scans)
    return plugins


def read_readiness(plugins: PluginCatalogue, *, timeout: float = TIMEOUT_SECONDS) -> PluginCatalogue:
    """The same catalogue with the readiness of each engine as of now, asked in a child process.

    Weights come and go while installed versions stay, so a server asks at its start and after each pull.
    Costs nothing when no engine's readiness can change.
    """
    names = {engine.info.plugin for engine in plugins.engines if engine.changeable}
    asked = [
        FoundPlugin(name=name, value=plugins.entries[name], distribution="", version="")
        for name in sorted(names)
    ]
    answers = ask_readiness(asked, timeout)

    def fresh(engine: EngineRecord) -> EngineRecord:
        if not engine.changeable:
            return engine
        answer = answers[engine.info.plugin]
        held: tuple[bool, ...] = (False,) * len(engine.info.models)
        if isinstance(answer, str):
            readiness = Readiness("unavailable", answer)
        else:
            held = answer.held.get(engine.name, held)
            gone = Readiness("unavailable", "Its plugin is failing; `bandmate plugins --refresh` shows why.")
            readiness = answer.engine_readiness(engine.name) or gone
        info = with_readiness(engine.info, readiness, held)
        return msgspec.structs.replace(engine, info=info, lacking_models=dict(readiness.lacking_models))

    return msgspec.structs.replace(plugins, engines=tuple(map(fresh, plugins.engines)))


def _read_cache(path: Path) -> _CachedCatalogue | None:
    """The cached catalogue, if there is one and none of the plugins' files has changed since."""
    try:
        cached = msgspec.json.decode(path.read_bytes(), type=_CachedCatalogue)
    except (OSError, msgspec.DecodeError):
        return None
    if cached.expires is not None and not 0 <= cached.expires - time.time() <= _RETRY_SECONDS:
        return None
    return cached if file_stamps(cached.sources) == cached.sources else None


def _write_cache(path: Path, plugins: PluginCatalogue, scans: Iterable[PluginScan]) -> None:
    """Keeps a catalogue; where the folder cannot be written, the next reader scans again."""
    sources = {file: stamp for scan in scans for file, stamp in scan.sources.items()}
    failed = any(plugin.status == "failed" for plugin in plugins.plugins)
    expires = time.time() + _RETRY_SECONDS if failed else None
    with contextlib.suppress(OSError):
        home.write_private(
            path, msgspec.json.encode(_CachedCatalogue(plugins, sources, expires), enc_hook=plain_text)
        )
        _drop_old(path.parent)


def _drop_old(folder: Path) -> None:
    files = sorted(folder.glob("catalogue-*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[_KEPT_CATALOGUES:]:
        file.unlink(missing_ok=True)
