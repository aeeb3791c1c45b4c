"""A strict stand-in for REAPER: runs the real Lua scripts, checks every call, and passes time by ticks."""

import time
from pathlib import Path

import lupa.lua53
import lupa.lua54

from tests.patience import PATIENCE_SECONDS
from tests.reaper.api_items import ItemApi
from tests.reaper.api_project import ProjectApi
from tests.reaper.api_render import RenderApi
from tests.reaper.api_system import SystemApi
from tests.reaper.gfx_double import Gfx
from tests.reaper.imgui_double import Context, ImGuiApi
from tests.reaper.model import Item, Project, Source, Take, Track
from tests.reaper.signatures import IMGUI, NAMES

KINDS = {
    "ReaProject": Project, "MediaTrack": Track, "MediaItem": Item, "MediaItem_Take": Take,
    "PCM_source": Source,
    "AudioAccessor": object, "array": object, "ImGui_Context": Context,
}  # fmt: skip
RUNTIMES = {"5.3": lupa.lua53.LuaRuntime, "5.4": lupa.lua54.LuaRuntime}
TICK_SECONDS = 0.033


class Script:
    """One script that runs, with a Lua state of its own."""

    def __init__(self, host: "Reaper", file: Path) -> None:
        self.file = file
        self.deferred: list = []
        self.at_exit: list = []
        self.options = 0
        runtime = RUNTIMES[host.lua]
        self.lua = runtime(unpack_returned_tuples=True, register_eval=False, register_builtins=False)
        self.gfx = Gfx(self.lua, host)
        table = self.lua.table_from({name: host.function(name) for name in host.names})
        unknown = host.unknown
        lock = self.lua.eval(
            "function(t, f) return setmetatable({}, {__index = function(_, k) local v = t[k] "
            "if v == nil then f(k) end return v end, __newindex = function(_, k) f(k) end}) end"
        )
        self.lua.globals().reaper = lock(table, unknown)
        self.lua.globals().gfx = self.gfx.table

    def start(self) -> None:
        self.lua.eval("function(f) local c, e = loadfile(f); if not c then error(e, 0) end; c() end")(
            str(self.file)
        )


class Reaper(SystemApi, ProjectApi, ItemApi, RenderApi, ImGuiApi):
    """One REAPER that is open."""

    def __init__(
        self, resource: Path, project: Project, environ: dict[str, str], *, lua: str = "5.4"
    ) -> None:
        self.resource = resource
        self.environ = environ
        self.lua = lua
        self.projects = [project]
        self.current = project
        self.names = set(NAMES)
        self.scripts: list[Script] = []
        self.script: Script | None = None
        self.commands: dict[str, int] = {}
        self.ext: dict[tuple[str, str], str] = {}
        self.kept: dict[tuple[str, str], str] = {}
        """What is in reaper-extstate.ini."""
        self.console: list[str] = []
        self.processes: list = []
        self.agent_log = resource / "agent.log"
        self.sources: list[Source] = []
        self.accessors: list = []
        self.listed: dict[str, list[str]] = {}
        self.enumerations = self.disk_writes = self.refresh = self.peak_calls = 0
        self.peak_steps: dict[Source, int] = {}
        self.reads_peaks = False
        self.split_overlap = 0.005
        self.renders: list[Path] = []
        self.render_fails = False
        """The musician cancels it, or the disk is full."""
        self.device_rate = 48_000
        self.costs: list[float] = []
        """Of each tick, in seconds of this thread."""
        self.own_costs: list[float] = []
        """The same without what the stand-in's own functions took: what the scripts cost."""
        self.inside = 0.0
        self.calls: dict[str, int] = {}
        self.mistakes: list[str] = []
        """Calls that REAPER would not have."""
        self.raised: list[Exception] = []
        """Kept alive: Lua once got an exception in place of a track that was made after it, perhaps at its address."""

    def function(self, name: str):
        signature = (NAMES | IMGUI)[name]
        implementation = getattr(self, name, None)

        def call(*given):
            begun = time.thread_time()
            try:
                return checked(*given)
            except Exception as error:
                # A script may catch it; the test shall hear of it all the same.
                self.mistakes.append(f"{name}: {error}")
                self.raised.append(error)
                raise
            finally:
                if name != "Main_OnCommand":
                    self.inside += time.thread_time() - begun

        def checked(*given):
            signature.check(given, KINDS)
            if implementation is None:
                raise NotImplementedError(f"the stand-in does not do {name}")
            self.calls[name] = self.calls.get(name, 0) + 1
            if signature.structural:
                things = [thing for thing in given if isinstance(thing, Track | Item | Take)]
                project = (
                    self.owner(things[0])
                    if things
                    else self.project(given[0] if isinstance(given[0], Project) else 0)
                )
                self.must_be_in_block(name, project)
            found = implementation(*given)
            count = len(found) if isinstance(found, tuple) else int(found is not None)
            assert count <= len(signature.returns), f"{name} returns too much"
            return found

        return call

    def unknown(self, name: str) -> None:
        self.mistakes.append(name)
        raise NameError(f"REAPER has no function {name}")

    def must_be_in_block(self, name: str, project: Project) -> None:
        assert project.depth > 0, f"{name} changes the project outside an undo block"

    def project(self, proj) -> Project:
        if proj in (0, None):
            return self.current
        assert any(proj is other for other in self.projects), "the project is closed"
        return proj

    def owner(self, thing) -> Project:
        found = next((project for project in self.projects if project.holds(thing)), None)
        assert found is not None, f"a pointer to {type(thing).__name__} that is not there any more"
        return found

    def alive(self, thing):
        self.owner(thing)
        return thing

    def ValidatePtr2(self, proj, pointer, kind):  # noqa: N802 - as REAPER has it
        expected = KINDS[kind.rstrip("*")]
        if expected is Project:
            return any(pointer is project for project in self.projects)
        return isinstance(pointer, expected) and self.project(proj).holds(pointer)

    def run_script(self, file: Path) -> Script:
        """Runs a script as its action would; one that runs already is replaced if it allows that."""
        for other in [script for script in self.scripts if script.file == file]:
            assert other.options & 1, f"{file.name} runs already: REAPER would ask what to do"
            self.end_script(other)
        script = Script(self, file)
        outer, self.script = self.script, script
        try:
            script.start()
        finally:
            self.script = outer
        if script.deferred:
            self.scripts.append(script)
        else:
            self._exit(script)
        self.check()
        return script

    def end_script(self, script: Script) -> None:
        self.scripts.remove(script)
        script.deferred.clear()
        self._exit(script)

    def _exit(self, script: Script) -> None:
        outer, self.script = self.script, script
        for function in script.at_exit:
            function()
        self.script = outer

    def tick(self) -> None:
        """One round of deferred functions, as REAPER makes about thirty a second."""
        begun, self.inside = time.thread_time(), 0.0
        for script in list(self.scripts):
            functions, script.deferred = script.deferred, []
            self.script = script
            for function in functions:
                function()
            self.script = None
            if not script.deferred and script in self.scripts:
                self.scripts.remove(script)
                self._exit(script)
        spent = time.thread_time() - begun
        self.costs.append(spent)
        self.own_costs.append(spent - self.inside)
        self.end_of_tick()
        self.check()

    def check(self) -> None:
        assert not self.mistakes, self.mistakes
        assert self.refresh == 0, "PreventUIRefresh is not balanced"
        for project in self.projects:
            assert project.depth == 0, "an undo block is open beyond its tick"

    def run_until(self, condition, seconds: float = PATIENCE_SECONDS, every: float = TICK_SECONDS) -> int:
        """Ticks in real time until a condition holds; how many it took."""
        deadline, count = time.monotonic() + seconds, 0
        while not condition():
            assert time.monotonic() < deadline, f"it did not come to that; console: {self.console[-3:]}"
            begun = time.monotonic()
            self.tick()
            count += 1
            time.sleep(max(every - (time.monotonic() - begun), 0.0))
        return count

    def close(self) -> None:
        """Closes REAPER: scripts end, and what was not saved is gone."""
        for script in list(self.scripts):
            self.end_script(script)

    def crash(self) -> None:
        """Ends REAPER without a word to anybody."""
        self.scripts.clear()

    @property
    def service(self) -> Script:
        return next(script for script in self.scripts if script.file.name == "Bandmate - Service.lua")
