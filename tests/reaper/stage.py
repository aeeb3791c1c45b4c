"""REAPER with Bandmate's scripts, the real agent and a real server, on one stage."""

import contextlib
import json
import shutil
import signal
import sys
from pathlib import Path

import bandmate_bridge.reaper as package
from tests.patience import PATIENCE_SECONDS
from tests.reaper import rpp_file
from tests.reaper.model import Project
from tests.reaper.reaper_double import Reaper
from tests.running import RunningServer, server_environ

SCRIPTS = Path(package.__file__).parent / "scripts"


class Stage:
    """One REAPER at a time; `reopen` closes it and opens it again on the same disk."""

    def __init__(self, folder: Path, server: RunningServer, *, lua: str = "5.4") -> None:
        self.folder = folder
        self.server = server
        self.lua = lua
        self.resource = folder / "REAPER"
        self.here = self.resource / "Scripts" / "Bandmate"
        shutil.copytree(SCRIPTS, self.here)
        self.boxes = folder / "boxes"
        config = {"python": sys.executable, "boxes": str(self.boxes), "version": "0.1.0"}
        (self.here / "bandmate.json").write_text(json.dumps(config))
        self.song = folder / "song"
        self.song.mkdir()
        self.environ = server_environ(server.home) | {"BANDMATE_SERVER": server.address}
        self.reaper = Reaper(self.resource, Project(self.song), self.environ, lua=lua)
        self._all = [self.reaper]

    @property
    def project(self) -> Project:
        return self.reaper.current

    def open(self, path: Path) -> Project:
        """Opens a project in the place of the one that is open."""
        index = self.reaper.projects.index(self.reaper.current)
        self.reaper.current = self.reaper.projects[index] = rpp_file.load(path)
        return self.project

    def action(self, name: str) -> None:
        self.reaper.run_script(self.here / f"Bandmate - {name}.lua")

    def ask(self, task: str, **params) -> None:
        """What the panel's button does, without the panel."""
        script = self.here / "test-ask.lua"
        inner = json.dumps(json.dumps(params))
        script.write_text(
            'local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\\\])")\n'
            'package.path = here .. "bandmate/?.lua;" .. package.path\n'
            f'local params = require("json").decode({inner})\n'
            f'dofile(here .. "bandmate/ask.lua")(here, {{ task = "{task}", params = params }})\n'
        )
        self.reaper.run_script(script)

    def forget_jobs(self) -> None:
        self.reaper.kept.pop(("bandmate", "jobs"), None)

    @property
    def running(self) -> list[dict] | None:
        """The jobs that REAPER remembers as running; None when none was accepted yet."""
        text = self.reaper.kept.get(("bandmate", "jobs"))
        return None if text is None else json.loads(text)

    def finish(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Ticks until what was asked for last is done."""
        return self.reaper.run_until(lambda: self.running == [], seconds)

    def make(self, task: str, **params) -> None:
        """Asks and waits for the end."""
        self.forget_jobs()
        self.ask(task, **params)
        self.finish()

    def settings(self, **values) -> None:
        text = self.reaper.ext.get(("bandmate", "settings"), "{}")
        self.reaper.SetExtState("bandmate", "settings", json.dumps(json.loads(text) | values), True)

    def reopen(self, project: Project) -> Reaper:
        """REAPER again, on the same disk, with a project open."""
        kept = dict(self.reaper.kept)
        self.reaper = Reaper(self.resource, project, self.environ, lua=self.lua)
        self.reaper.ext, self.reaper.kept = dict(kept), kept
        self._all.append(self.reaper)
        return self.reaper

    def undone(self) -> list[str]:
        return [label for label, _ in self.project.done]

    def kill_agent(self) -> None:
        self.reaper.processes[-1].kill()
        self.reaper.processes[-1].wait()

    def end(self) -> None:
        with contextlib.suppress(Exception):
            self.reaper.close()
        for reaper in self._all:
            for process in reaper.processes:
                with contextlib.suppress(Exception):
                    process.wait(5)
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
