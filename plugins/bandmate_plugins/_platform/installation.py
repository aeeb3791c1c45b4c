"""How this Bandmate was installed, and the command that adds an extra to it.

The name `bandmate` is not on PyPI yet: until it is, whoever registers it owns everybody who types
`pip install bandmate`. So every command here names where this installation came from, or the packages that an
extra consists of, and never the bare name. The facts come from the installers' own records: `direct_url.json`
(PEP 610), `INSTALLER` (PEP 376), `uv-receipt.toml` of `uv tool` and `pipx_metadata.json` of pipx.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

PUBLISHED = False
"""Whether `bandmate` on PyPI is this project. docs/releasing.md says when to set it."""
NAME = "bandmate"
_SAFE = re.compile(r"[A-Za-z0-9_./:\\=+-]+")
"""What no shell changes."""


_NOT_ON_INTEL_MACS = {"beats", "models", "voice"}
"""Extras whose libraries have no builds for Macs with an Intel processor."""


def how_to_add(*extras: str) -> str:
    """A sentence with the command that adds extras, such as `models`, to this installation."""
    if _NOT_ON_INTEL_MACS.intersection(extras) and (sys.platform, platform.machine()) == ("darwin", "x86_64"):
        return "It is not available for Macs with an Intel processor."
    try:
        found = metadata.distribution(NAME)
    except metadata.PackageNotFoundError:
        return "Install Bandmate itself first; its README explains how."
    return f"Install it: `{Installation(Path(sys.prefix), found).add_command(*extras)}`."


def how_to_reinstall(*names: str) -> str:
    """A sentence with the command that installs packages again, in the versions that Bandmate asks for."""
    try:
        found = metadata.distribution(NAME)
    except metadata.PackageNotFoundError:
        return f"Install {' and '.join(names)} again."
    return f"Install it again: `{Installation(Path(sys.prefix), found).reinstall_command(*names)}`."


def program_command(name: str) -> str:
    """How to start a program that came along, such as `hf`: installers of tools keep it off the PATH."""
    if shutil.which(name):
        return name
    beside = Path(sys.executable).with_name(f"{name}.exe" if os.name == "nt" else name)
    return _quote_word(str(beside)) if beside.exists() else name


@dataclass(frozen=True)
class Installation:
    """An environment, and Bandmate's own metadata in it."""

    prefix: Path
    distribution: metadata.Distribution

    def add_command(self, *extras: str) -> str:
        """The command that adds extras and keeps those that are there."""
        if self.source is None or self._is_gone:
            return self._add_packages({*extras})
        # No extra is of use without the server; where it is installed already, it stays.
        wanted = {"server", *extras}
        if self._uv_receipt:
            return self._by_uv_tool(wanted)
        if self._pipx_metadata:
            return self._by_pipx(wanted)
        if self._is_clone_environment:
            named = [part for extra in sorted(wanted) for part in ("--extra", extra)]
            return _shell_line("uv", "sync", "--inexact", "--project", str(self.clone_folder), *named)
        return _shell_line(*self._pip_command, *self._editable_flags, self._requirement_text(wanted))

    def reinstall_command(self, *names: str) -> str:
        """The command that installs packages again."""
        again = "--reinstall" if self._by_uv else "--force-reinstall"
        asked = {re.split(r"[^\w.-]", line, maxsplit=1)[0]: line for line in self.distribution.requires or ()}
        wanted = [asked.get(name, name).partition(";")[0].strip() for name in names]
        return _shell_line(*self._pip_command, again, *wanted)

    @cached_property
    def source(self) -> str | None:
        """The folder, URL or name that Bandmate can be installed from again; None when nobody knows it."""
        if self.clone_folder is not None:
            return str(self.clone_folder)
        url = str(self._direct_url.get("url", ""))
        if not url:
            return NAME if PUBLISHED else None
        version_control = self._direct_url.get("vcs_info")
        if not version_control:
            return url
        revision = version_control.get("requested_revision") or version_control.get("commit_id", "")
        return f"{version_control.get('vcs', 'git')}+{url}{f'@{revision}' if revision else ''}"

    @cached_property
    def clone_folder(self) -> Path | None:
        """The clone that it was installed from."""
        url = str(self._direct_url.get("url", ""))
        if "dir_info" not in self._direct_url or not url.startswith("file:"):
            return None
        return _path_of(url)

    @property
    def _is_gone(self) -> bool:
        """Whether the folder or wheel that it came from was removed."""
        url = str(self._direct_url.get("url", ""))
        return url.startswith("file:") and not _path_of(url).exists()

    @cached_property
    def _direct_url(self) -> dict[str, Any]:
        try:
            found: Any = json.loads(self.distribution.read_text("direct_url.json") or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def _editable_flags(self) -> list[str]:
        return ["--editable"] if self._direct_url.get("dir_info", {}).get("editable") else []

    @cached_property
    def _uv_receipt(self) -> dict[str, Any]:
        """What `uv tool` notes of a tool."""
        import tomllib

        try:
            found: dict[str, Any] = tomllib.loads((self.prefix / "uv-receipt.toml").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return dict(found.get("tool", {}))

    @cached_property
    def _pipx_metadata(self) -> dict[str, Any]:
        """What pipx notes of a tool."""
        try:
            found: dict[str, Any] = json.loads((self.prefix / "pipx_metadata.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return dict(found.get("main_package", {}))

    @property
    def _by_uv(self) -> bool:
        return (self.distribution.read_text("INSTALLER") or "").strip() == "uv"

    @property
    def _is_clone_environment(self) -> bool:
        """Whether `uv run` or `uv sync` made the environment, inside the clone."""
        if self.clone_folder is None or not self._editable_flags or not self._by_uv:
            return False
        return self.prefix.parent.resolve() == self.clone_folder.resolve()

    @property
    def _python_path(self) -> str:
        return str(self.prefix / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))

    @property
    def _pip_command(self) -> list[str]:
        """How packages get into this environment."""
        if self._by_uv:
            return ["uv", "pip", "install", "--python", self._python_path]
        import sysconfig

        managed = Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED").exists()
        system = managed and self.prefix == Path(sys.base_prefix)
        # It was the only way in, so it is the only way to more.
        return [self._python_path, "-m", "pip", "install", *(["--break-system-packages"] if system else [])]

    def _requirement_text(self, extras: Iterable[str]) -> str:
        source, bracket = self.source or NAME, f"[{','.join(sorted(extras))}]"
        if self.clone_folder is not None or source == NAME:
            return f"{source}{bracket}"
        return f"{NAME}{bracket} @ {source}"

    def _by_uv_tool(self, extras: set[str]) -> str:
        """Names all that the tool was made of: a second `uv tool install` replaces it."""
        words = ["uv", "tool", "install"]
        if version := self._uv_receipt.get("python"):
            words += ["--python", str(version)]
        for each in self._uv_receipt.get("requirements", ()):
            if each.get("name") == NAME:
                words += [*self._editable_flags, self._requirement_text(extras | set(each.get("extras", ())))]
            elif folder := each.get("editable"):
                words += ["--with-editable", _with_extras(str(folder), each)]
            else:
                place = each.get("directory") or each.get("path") or each["name"]
                words += ["--with", f"{_with_extras(str(place), each)}{each.get('specifier', '')}"]
        return _shell_line(*words)

    def _by_pipx(self, extras: set[str]) -> str:
        """`--force` keeps the packages that were injected."""
        had = re.search(r"\[([^\]]*)\]", str(self._pipx_metadata.get("package_or_url", "")))
        named = extras | {extra.strip() for extra in had[1].split(",")} if had else extras
        suffix = str(self._pipx_metadata.get("suffix") or "")
        more = [f"--suffix={suffix}"] if suffix else []
        return _shell_line(
            "pipx", "install", "--force", *more, *self._editable_flags, self._requirement_text(named)
        )

    def _add_packages(self, extras: set[str]) -> str:
        """Names what the extras consist of, as Bandmate's own metadata has it."""
        found = []
        for line in self.distribution.requires or ():
            requirement, _, marker = line.partition(";")
            extra = re.search(r"""extra\s*==\s*['"]([^'"]+)['"]""", marker)
            if extra is not None and extra[1] in extras:
                found.append(requirement.strip())
        return _shell_line(*self._pip_command, *found)


def _path_of(url: str) -> Path:
    """The path of a `file:` URL."""
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    return Path(url2pathname(urlsplit(url).path))


def _with_extras(place: str, requirement: dict[str, Any]) -> str:
    extras = requirement.get("extras", ())
    return f"{place}[{','.join(extras)}]" if extras else place


def _shell_line(*words: str) -> str:
    return " ".join(map(_quote_word, words))


def _quote_word(word: str) -> str:
    if _SAFE.fullmatch(word):
        return word
    import shlex

    return f'"{word}"' if os.name == "nt" else shlex.quote(word)
