"""docs/plugins.md cannot rot: its code is installed and run, and every hook is on it and has its test."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click
import numpy as np
import pytest

from bandmate_plugins import hooks
from bandmate_plugins._host.loading import (
    PluginCatalogue,
    load_commands,
    load_engine,
    load_executors,
    load_task,
    read_catalogue,
)
from bandmate_plugins._host.loading.records import PluginStatus
from bandmate_plugins._host.loading.registration import hook_names
from bandmate_plugins._tasks.generate import GenerateTask
from bandmate_plugins.engine import Engine
from bandmate_plugins.outputs import Output
from bandmate_plugins.task import Task
from bandmate_plugins.testing import check_engine, check_task, make_timeline, run_task
from bandmate_protocol.errors import RequestError
from tests.plugins.shelf import TASK, Shelf

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "plugins.md").read_text("utf-8")
BLOCKS = {
    first.removeprefix("# ").strip(): rest
    for first, rest in re.findall(
        r"^```(?:python|toml)\n(# [\w.]+\n)(.*?)^```", PAGE, re.DOTALL | re.MULTILINE
    )
}
ENTRIES = {"clicks": "bandmate_clicks", "hum": "bandmate_hum", "extras": "bandmate_extras"}


@pytest.fixture
def page(shelf: Shelf) -> Shelf:
    """The page's plugins, installed: the ten-line one from its own TOML, the others beside it."""
    for name, source in BLOCKS.items():
        (shelf.folder / name).write_text(source, "utf-8")
    project = tomllib.loads(BLOCKS["pyproject.toml"])["project"]
    shelf.register(project["name"], project["version"], project["entry-points"]["bandmate"])
    shelf.register("bandmate-others", "1.0", ENTRIES)
    return shelf


def test_every_block_of_code_has_a_file_name() -> None:
    assert len(re.findall(r"^```\w+$", PAGE, re.MULTILINE)) == len(BLOCKS)
    assert {name for name in BLOCKS if name.startswith("bandmate_")} == {
        "bandmate_noise.py",
        *(f"{module}.py" for module in ENTRIES.values()),
    }


def test_the_ten_line_plugin_has_ten_lines_and_six_of_toml() -> None:
    lines = {name: sum(1 for line in source.splitlines() if line.strip()) for name, source in BLOCKS.items()}
    assert (lines["bandmate_noise.py"], lines["pyproject.toml"]) == (10, 6)


def test_the_pages_plugins_are_enabled_and_work(page: Shelf) -> None:
    catalogue = read_catalogue()
    states = {plugin.name: (plugin.status, plugin.reason) for plugin in catalogue.plugins}
    for name in ("noise", *ENTRIES):
        assert states[name] == ("enabled", "")
    check_task(load_task(catalogue, "noise"))
    check_task(load_task(catalogue, "clicks"))
    check_engine(load_engine(catalogue, "hum"))


def test_the_pages_test_passes(page: Shelf) -> None:
    names: dict[str, Any] = {}
    exec(compile(BLOCKS["test_noise.py"], "test_noise.py", "exec"), names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()


def test_the_pages_clicks_are_on_the_beat(page: Shelf) -> None:
    asked = make_timeline(2, bpm=100, metre="3/4", sample_rate=8_000)
    result = run_task(load_task(read_catalogue(), "clicks"), timeline=asked)
    starts = [note.start for note in result.stems[0].notes]
    assert starts == [round(beat * 0.6 * 8_000) for beat in range(6)]
    assert [note.pitch for note in result.stems[0].notes] == [76, 77, 77, 76, 77, 77]


def test_the_pages_engine_has_an_option_with_its_unit_and_uses_it(page: Shelf) -> None:
    catalogue = read_catalogue()
    (hum,) = (engine.info for engine in catalogue.engines if engine.name == "hum")
    assert hum.abilities == ("text",), "found from the class that `load` returns"
    pitch = hum.options["properties"]["pitch"]
    assert (pitch["title"], pitch["unit"], pitch["default"]) == ("Pitch", "Hz", 110.0)
    asked = make_timeline(1, bpm=240, sample_rate=8_000)
    result = run_task(GenerateTask(), {"pitch": 200}, timeline=asked, engine=load_engine(catalogue, "hum"))
    spectrum = np.abs(np.fft.rfft(result.stems[0].samples[:, 0]))
    assert np.argmax(spectrum) * 8_000 / asked.frames == 200
    with pytest.raises(RequestError, match="Pitch must be a number from 20 to 2000 Hz, not 5"):
        run_task(GenerateTask(), timeline=asked, engine=load_engine(catalogue, "hum"), options={"pitch": 5})


def test_the_pages_command_counts_in(page: Shelf) -> None:
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path.insert(0, {str(page.folder)!r}); "
            "from bandmate_plugins._app.root import main; main(['count-in', '3'])",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert run.stdout == "1 2 3\n"


def test_the_ten_line_plugin_builds_and_installs(shelf: Shelf, tmp_path: Path) -> None:
    uv = shutil.which("uv")
    assert uv, "uv, which runs these tests, is not on the path"
    source = tmp_path / "source"
    source.mkdir()
    for name in ("bandmate_noise.py", "pyproject.toml"):
        (source / name).write_text(BLOCKS[name], "utf-8")
    subprocess.run(
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--offline",
            "--no-deps",
            "--no-build-isolation",
            "--python",
            sys.executable,
            "--target",
            str(shelf.folder),
            str(source),
        ],
        check=True,
        timeout=120,
    )
    catalogue = read_catalogue()
    found = next(plugin for plugin in catalogue.plugins if plugin.name == "noise")
    assert (found.distribution, found.version, found.status) == ("bandmate-noise", "1.0", "enabled")
    check_task(load_task(catalogue, "noise"))


@pytest.mark.parametrize("name", hook_names())
def test_every_hook_is_a_heading_with_its_arguments_and_has_a_test(name: str) -> None:
    arguments = ", ".join(inspect.signature(getattr(hooks, name)).parameters)
    assert f"\n### {name}({arguments})\n" in PAGE
    assert callable(globals().get(f"test_hook_{name}"))
    assert inspect.getdoc(getattr(hooks, name))


def test_every_output_and_attribute_and_status_is_on_the_page() -> None:
    for kind in get_args(Output):
        assert f"| `{kind.__name__}(" in PAGE
    for attribute in (*Task.__annotations__, *Engine.__annotations__):
        assert f"`{attribute}`" in PAGE
    for status in get_args(PluginStatus):
        assert f"\n| `{status}` |" in PAGE


HOOK = "from bandmate_plugins import hookimpl\n@hookimpl\n"


def enabled(shelf: Shelf, source: str) -> PluginCatalogue:
    shelf.install("hook", source)
    catalogue = read_catalogue()
    assert list(catalogue.hooks) == ["hook"]
    return catalogue


def test_hook_bandmate_tasks(shelf: Shelf) -> None:
    catalogue = enabled(shelf, TASK.format(name="hush", title="Hush"))
    assert catalogue.hooks["hook"] == ("bandmate_tasks",)
    assert load_task(catalogue, "hush").title == "Hush"


def test_hook_bandmate_engines(shelf: Shelf) -> None:
    catalogue = enabled(shelf, BLOCKS["bandmate_hum.py"])
    assert catalogue.hooks["hook"] == ("bandmate_engines",)
    assert load_engine(catalogue, "hum").title == "Hum"


def test_hook_bandmate_executors(shelf: Shelf) -> None:
    catalogue = enabled(shelf, HOOK + "def bandmate_executors(register): register('farm', dict)")
    assert catalogue.hooks["hook"] == ("bandmate_executors",)
    factories: dict[str, Callable[..., Any]] = load_executors(catalogue)
    assert factories == {"farm": dict}


def test_hook_bandmate_commands(shelf: Shelf) -> None:
    catalogue = enabled(shelf, BLOCKS["bandmate_extras.py"])
    assert catalogue.hooks["hook"] == ("bandmate_commands",)
    group = click.Group()
    assert load_commands(group, catalogue) == {}
    assert list(group.commands) == ["count-in"]
