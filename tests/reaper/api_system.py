# ruff: noqa: N802 - the names are REAPER's
"""REAPER's functions about itself: scripts, files, states, undo."""

import os
import shlex
import subprocess
import time
from pathlib import Path

from tests.reaper.model import new_guid


class SystemApi:
    """Mixed into the double; `self.script` is the one that runs."""

    def APIExists(self, name):
        return name in self.names

    def atexit(self, function):
        self.script.at_exit.append(function)

    def defer(self, function):
        self.script.deferred.append(function)

    def AddRemoveReaScript(self, add, section, file, commit):
        assert section == 0
        if not Path(file).is_file():
            return 0
        if not add:
            return self.commands.pop(file, 0)
        return self.commands.setdefault(file, 40_000 + 7 * (len(self.commands) + 2000))

    def Main_OnCommand(self, command, flag):
        files = {number: file for file, number in self.commands.items()}
        self.run_script(Path(files[int(command)]))

    def NamedCommandLookup(self, name):
        return next((n for f, n in self.commands.items() if "_RS" + str(n) == name), 0)

    def ReverseNamedCommandLookup(self, command):
        return f"RS{int(command)}"

    def get_action_context(self):
        return True, str(self.script.file), 0, self.commands.get(str(self.script.file), 0), -1, -1, -1.0, ""

    def set_action_options(self, flags):
        self.script.options = int(flags)

    def EnumerateFiles(self, path, index):
        if index < 0:
            self.enumerations += 1
            self.listed[path] = (
                sorted(e.name for e in os.scandir(path) if e.is_file()) if os.path.isdir(path) else []
            )
            return None
        names = self.listed.get(path, [])
        return names[int(index)] if index < len(names) else None

    def RecursiveCreateDirectory(self, path, ignored):
        os.makedirs(path, exist_ok=True)
        return 1

    def file_exists(self, path):
        return os.path.isfile(path)

    def ExecProcess(self, command, timeout):
        assert timeout == -1, "a process that is waited for blocks REAPER"
        with self.agent_log.open("ab") as log:
            process = subprocess.Popen(
                shlex.split(command),
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return

    def GetExtState(self, section, key):
        return self.ext.get((section, key), "")

    def HasExtState(self, section, key):
        return (section, key) in self.ext

    def SetExtState(self, section, key, value, persist):
        self.ext[section, key] = value
        if persist:
            self.kept[section, key] = value
            self.disk_writes += 1

    def DeleteExtState(self, section, key, persist):
        self.ext.pop((section, key), None)

    def GetResourcePath(self):
        return str(self.resource)

    def GetOS(self):
        return "Other"

    def ColorToNative(self, red, green, blue):
        return int(red) | int(green) << 8 | int(blue) << 16

    def ColorFromNative(self, colour):
        return int(colour) & 255, int(colour) >> 8 & 255, int(colour) >> 16 & 255

    def GetAppVersion(self):
        return "7.22/linux-x86_64"

    def genGuid(self, ignored):
        return new_guid()

    def time_precise(self):
        return time.perf_counter()

    def ShowConsoleMsg(self, text):
        assert text.startswith("!SHOW:"), f"this raises a window: {text}"
        self.console.append(text)

    def MB(self, text, title, kind):
        raise AssertionError(f"a modal prompt: {text}")

    def get_config_var_string(self, name):
        return (True, "0") if name == "projmeasoffs" else (False, "")

    def GetAudioDeviceInfo(self, attribute):
        return (True, str(self.device_rate)) if attribute == "SRATE" else (False, "")

    def RefreshToolbar2(self, section, command):
        pass

    def SetToggleCommandState(self, section, command, state):
        return True

    def PreventUIRefresh(self, count):
        self.refresh += int(count)
        assert self.refresh >= 0, "PreventUIRefresh below zero"

    def UpdateArrange(self):
        pass

    def UpdateTimeline(self):
        pass

    def Undo_BeginBlock2(self, proj):
        project = self.project(proj)
        if project.depth == 0:
            project.before = project.snapshot()
        project.depth += 1

    def Undo_EndBlock2(self, proj, label, flags):
        project = self.project(proj)
        assert project.depth == 1, f"{project.depth} undo blocks are open: blocks must not nest"
        assert label
        assert "\n" not in label, repr(label)
        project.depth -= 1
        project.done.append((label, project.before))
        project.changes += 1

    def Undo_BeginBlock(self):
        self.Undo_BeginBlock2(0)

    def Undo_EndBlock(self, label, flags):
        self.Undo_EndBlock2(0, label, flags)

    def Undo_CanUndo2(self, proj):
        project = self.project(proj)
        return project.done[-1][0] if project.done else None

    def Undo_DoUndo2(self, proj):
        project = self.project(proj)
        if not project.done:
            return 0
        project.restore(project.done.pop()[1])
        project.changes += 1
        return 1
