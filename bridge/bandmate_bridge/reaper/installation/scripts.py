"""Putting the scripts into REAPER, taking them out again, and looking whether they are as they should be."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bandmate_bridge.file_errors import file_errors
from bandmate_bridge.files import write_whole
from bandmate_bridge.reaper.actions import FOLDER, REGISTER, read_actions, script_files
from bandmate_bridge.reaper.agent.process import mailboxes_folder
from bandmate_bridge.reaper.installation import keymap
from bandmate_bridge.reaper.installation import osc_pattern as pattern
from bandmate_plugins._platform.private import make_private
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.version import __version__

CONFIG = "bandmate.json"


class ScriptsConfig(msgspec.Struct, frozen=True):
    """What the scripts have to know of this installation."""

    python: str
    boxes: str
    version: str


@dataclass(frozen=True)
class ScriptsFinding:
    """One thing that was looked at."""

    good: bool
    sentence: str
    remedy: str = ""


def scripts_folder(resource: Path) -> Path:
    """Where the scripts go."""
    return resource / "Scripts" / FOLDER


def install_scripts(resource: Path, *, reaper_runs: bool) -> list[str]:
    """Copies the scripts and, with REAPER closed, puts the actions into its list; returns what to say.

    Raises RequestError (`file_unusable`, `disk_full`).
    """
    folder = scripts_folder(resource)
    with file_errors(folder):
        make_private(mailboxes_folder())
        for path, data in script_files():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, data, replace=True)
    config = ScriptsConfig(python=_python_path(), boxes=str(mailboxes_folder()), version=__version__)
    write_whole(folder / CONFIG, msgspec.json.format(msgspec.json.encode(config)) + b"\n", replace=True)
    _remove_old(folder)
    before = keymap.read_keymap(resource)
    written = pattern.write_pattern(resource, keymap.command_ids(before))
    lines = [f"The scripts are in {folder}, the patterns for REAPER's OSC surfaces in {written}."]
    if reaper_runs:
        return [
            *lines,
            "REAPER is running, so its action list was not changed. In REAPER: Actions > Show action list, New "
            f"action > Load ReaScript, choose {folder / REGISTER}, and run it once.",
        ]
    after = keymap.with_actions(before, read_actions())
    if after == before:
        return [*lines, "The actions are already in REAPER's list."]
    backup = keymap.edit_keymap(resource, after)
    lines.append(
        f"{len(read_actions())} actions are in REAPER's list"
        f"{f'; the previous list is {backup.name}' if backup else ''}."
    )
    return [
        *lines,
        "Start REAPER, press ?, type `bandmate`, and run `Bandmate - Panel`, or assign keys to the actions.",
    ]


def remove_scripts(resource: Path, *, reaper_runs: bool) -> list[str]:
    """Takes the scripts out, and with REAPER closed the actions too; returns what to say."""
    folder = scripts_folder(resource)
    lines = []
    if folder.is_dir():
        known = {path for path, _ in script_files()} | {CONFIG}
        with file_errors(folder):
            for path in known:
                (folder / path).unlink(missing_ok=True)
            for below in sorted(folder.rglob("*"), reverse=True):
                if below.is_dir() and not any(below.iterdir()):
                    below.rmdir()
        left = [path.name for path in folder.iterdir()]
        if left:
            lines.append(f"{folder} was kept, because it contains other files: {', '.join(sorted(left))}.")
        else:
            folder.rmdir()
            lines.append(f"The scripts were removed from {folder}.")
    if pattern.remove_pattern(resource):
        lines.append("The patterns for REAPER's OSC surfaces were removed.")
    before = keymap.read_keymap(resource)
    after = keymap.without_actions(before)
    if after != before:
        if reaper_runs:
            lines.append("REAPER is running: close it and run this again to clear its action list.")
        else:
            keymap.edit_keymap(resource, after)
            lines.append("The actions were removed from REAPER's list.")
    return lines or [f"Bandmate was not installed in {resource}."]


def examine_scripts(resource: Path) -> list[ScriptsFinding]:
    """Whether the scripts, the agent's command and the action list are as they should be."""
    folder = scripts_folder(resource)
    again = "Run `bandmate install reaper`."
    try:
        config = msgspec.json.decode((folder / CONFIG).read_bytes(), type=ScriptsConfig)
    except (OSError, msgspec.DecodeError):
        return [ScriptsFinding(False, f"Bandmate is not installed in {resource}.", again)]
    findings = [ScriptsFinding(True, f"Installed in {folder}.")]
    changed = [path for path, data in script_files() if not _has_content(folder / path, data)]
    if config.version != __version__:
        sentence = f"The scripts have version {config.version}, but Bandmate has {__version__}."
        findings.append(ScriptsFinding(False, sentence, again))
    elif changed:
        findings.append(
            ScriptsFinding(False, f"{len(changed)} scripts have changed since then: {changed[0]}, ...", again)
        )
    else:
        findings.append(ScriptsFinding(True, f"The scripts have version {__version__}."))
    if not Path(config.python).is_file():
        findings.append(
            ScriptsFinding(False, f"The agent's Python, {config.python}, no longer exists.", again)
        )
    if Path(config.boxes) != mailboxes_folder():
        findings.append(ScriptsFinding(False, f"The scripts look for the agent in {config.boxes}.", again))
    findings.append(_examine_patterns(resource))
    listed = keymap.registered_files(keymap.read_keymap(resource))
    missing = [action.title for action in read_actions() if action.file not in listed]
    if missing:
        remedy = f"Close REAPER and run `bandmate install reaper`, or run {REGISTER} in REAPER."
        findings.append(
            ScriptsFinding(
                False, f"{len(missing)} actions are not in REAPER's list: {missing[0]}, ...", remedy
            )
        )
    else:
        findings.append(ScriptsFinding(True, f"All {len(read_actions())} actions are in REAPER's list."))
    return findings


def _examine_patterns(resource: Path) -> ScriptsFinding:
    """Whether REAPER's OSC surfaces know the actions; a file that the musician changed is as good."""
    if (resource / pattern.FOLDER / pattern.NAME).is_file():
        return ScriptsFinding(True, f"{pattern.NAME} is installed for REAPER's OSC surfaces.")
    remedy = "To run the actions from one of REAPER's OSC surfaces, run `bandmate install reaper`."
    return ScriptsFinding(False, f"{pattern.NAME} is not in {resource / pattern.FOLDER}.", remedy)


def _has_content(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def _remove_old(folder: Path) -> None:
    """Scripts of an earlier version that this one does not have any more."""
    known = {path for path, _ in script_files()}
    for path in folder.rglob("*.lua"):
        name = path.relative_to(folder).as_posix()
        ours = path.name.startswith("Bandmate - ") or name.startswith("bandmate/")
        if ours and name not in known:
            path.unlink(missing_ok=True)


def _python_path() -> str:
    """The interpreter that starts the agent; on Windows the one that opens no window."""
    path = Path(sys.executable)
    if not path.is_file():
        raise RequestError(ErrorCode.FILE_UNUSABLE, "Cannot find the Python that runs Bandmate.")
    silent = path.with_name("pythonw.exe")
    return str(silent) if sys.platform == "win32" and silent.is_file() else str(path)
