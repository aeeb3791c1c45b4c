"""Real little plugins: a module and its installed metadata in a folder on the path."""

from __future__ import annotations

import textwrap
from pathlib import Path

TASK = '''
from bandmate_plugins import StemAudio, StemStart, Task, hookimpl
import msgspec

class {title}(Task):
    """Silence."""
    name, title = "{name}", "{title}"

    def run(self, request, engine, context):
        import numpy
        yield StemStart("{title}", "other", channels=1)
        yield StemAudio(0, numpy.zeros((request.timeline.frames, 1), "float32"))

@hookimpl
def bandmate_tasks(register):
    register({title}())
'''
"""A plugin with one task; `.format(name=..., title=...)` fills it."""

ENGINE = '''
from bandmate_plugins import Engine, LoadedEngine, Readiness, hookimpl

class It(Engine):
    """An engine."""
    name, title, rank = "{name}", "{name}", {rank}
    abilities = frozenset({{"text"}})

    def load(self, device, tier):
        return LoadedEngine()

@hookimpl
def bandmate_engines(register):
    register(It())
'''


class Shelf:
    """A folder in which plugins are installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, name: str, source: str, *, version: str = "1.0", entry: str | None = None) -> Path:
        """Installs a distribution `shelf-NAME`, module `shelf_NAME`, as the plugin `NAME`; its file."""
        module = f"shelf_{name}"
        file = self.folder / f"{module}.py"
        file.write_text(textwrap.dedent(source), "utf-8")
        self.register(f"shelf-{name}", version, {name: entry or module})
        return file

    def register(self, distribution: str, version: str, entries: dict[str, str]) -> None:
        """Writes what an installer leaves of a distribution; another version of it goes."""
        stem = distribution.replace("-", "_")
        for old in self.folder.glob(f"{stem}-*.dist-info"):
            for file in old.iterdir():
                file.unlink()
            old.rmdir()
        info = self.folder / f"{stem}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n", "utf-8"
        )
        lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
        (info / "entry_points.txt").write_text(f"[bandmate]\n{lines}", "utf-8")
