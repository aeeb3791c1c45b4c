"""Putting the built plugins where hosts look, taking them out, and looking whether all is well."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bandmate_bridge.file_errors import file_errors
from bandmate_bridge.vst.build import copy_over, remove_plugin
from bandmate_bridge.vst.places import FORMATS, built_folder, host_folders
from bandmate_plugins._platform import home
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_protocol.version import __version__

_BUILD = "Run `bandmate build vst`."
_INSTALL = "Run `bandmate install vst`."


@dataclass(frozen=True)
class PluginFinding:
    """One thing that was looked at."""

    good: bool
    sentence: str
    remedy: str = ""


def install_plugins(path: Path | None) -> list[str]:
    """Copies every format; returns what to say. Raises RequestError (`file_unusable`, `disk_full`)."""
    built = built_folder()
    lines = []
    for name, folder in host_folders(path).items():
        source = built / FORMATS[name]
        if not source.exists():
            raise RequestError(
                ErrorCode.FILE_UNUSABLE, say("The {name} has not been built yet.", name=name), _BUILD
            )
        with file_errors(folder):
            copy_over(source, folder / FORMATS[name])
        lines.append(f"{name}: {folder / FORMATS[name]}")
    return [*lines, "Let your DAW scan for plugins again, and put Bandmate on a track."]


def remove_plugins(path: Path | None) -> list[str]:
    """Takes every format out; returns what to say."""
    lines = []
    for name, folder in host_folders(path).items():
        with file_errors(folder):
            if remove_plugin(folder / FORMATS[name]):
                lines.append(f"The {name} was removed from {folder}.")
    return lines or ["No Bandmate plugin was installed."]


def examine_plugins(path: Path | None) -> list[PluginFinding]:
    """Whether the plugins are built, installed and of this version, and may find the server's token."""
    findings = []
    built = built_folder()
    for name, folder in host_folders(path).items():
        installed = folder / FORMATS[name]
        ready = (built / FORMATS[name]).exists() and _is_of_this_version(built / FORMATS[name])
        remedy = _INSTALL if ready else f"{_BUILD} {_INSTALL}"
        if not installed.exists():
            findings.append(PluginFinding(False, f"The {name} is not in {folder}.", remedy))
        elif not _is_of_this_version(installed):
            sentence = f"The {name} in {folder} has another version than Bandmate, {__version__}."
            findings.append(PluginFinding(False, sentence, remedy))
        else:
            findings.append(PluginFinding(True, f"The {name} is in {folder}, version {__version__}."))
    token = home.config_dir() / "token"
    if token.is_file():
        findings.append(PluginFinding(True, f"The token that it uses for the server is in {token}."))
    else:
        findings.append(
            PluginFinding(False, f"There is no token in {token} yet.", "Run `bandmate serve` once.")
        )
    return findings


def _is_of_this_version(plugin: Path) -> bool:
    files = [path for path in plugin.rglob("*") if path.is_file()] if plugin.is_dir() else [plugin]
    wanted = f"bandmate-version={__version__};".encode()
    return any(wanted in path.read_bytes() for path in files)
