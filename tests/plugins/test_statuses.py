"""Plugins that are wrong in every way, all installed at once: each has a record, none stops the others."""

from __future__ import annotations

import sys

import pytest

from bandmate_plugins._host.loading import PluginCatalogue, load_task, read_catalogue
from bandmate_protocol.messages import PluginInfo
from tests.plugins.shelf import ENGINE, TASK, Shelf

GOOD = TASK.format(name="good", title="Good")

WRONG = {
    "raises": (
        "failed",
        "ValueError: the moon is full (shelf_raises.py, line 2)",
        "\nraise ValueError('the moon is full')",
    ),
    "needs": ("failed", "needs the module `shelf_nothing`, which is not installed", "import shelf_nothing"),
    "syntax": ("failed", "SyntaxError", "def ("),
    "exits": ("failed", "`sys.exit`", "import sys\nsys.exit(0)"),
    "dies": (
        "failed",
        "exit code 7), saying: I give up.",
        "import os\nos.write(1, b'one\\nI give up.\\n')\nos._exit(7)",
    ),
    "hook_raises": (
        "failed",
        "`bandmate_tasks` fails: KeyError",
        "from bandmate_plugins import hookimpl\n@hookimpl\ndef bandmate_tasks(register): {}['x']",
    ),
    "misspelt": (
        "invalid",
        "`bandmate_task`, which is not a hook; `bandmate_tasks` is",
        "from bandmate_plugins import hookimpl\n@hookimpl\ndef bandmate_task(register): pass",
    ),
    "odd_hook": (
        "invalid",
        "the hooks are `bandmate_tasks`, `bandmate_engines`",
        "from bandmate_plugins import hookimpl\n@hookimpl\ndef zzz(): pass",
    ),
    "unmarked": ("invalid", "not marked with @hookimpl", "def bandmate_tasks(register): pass"),
    "hookless": ("invalid", "implements no hook", "x = 1"),
    "arguments": (
        "invalid",
        "`bandmate_tasks` takes `extra`; the hook gives it `register`",
        "from bandmate_plugins import hookimpl\n@hookimpl\ndef bandmate_tasks(register, extra): pass",
    ),
    "class_": (
        "invalid",
        "register `Good()`",
        GOOD.replace("register(Good())", "register(Good)"),
    ),
    "stranger": (
        "invalid",
        "not a subclass of Task",
        GOOD.replace("register(Good())", "register(3)"),
    ),
    "shouts": ("invalid", "$.name", TASK.format(name="LOUD", title="Loud")),
    "mute": ("invalid", "no docstring", TASK.format(name="mute", title="Mute").replace('"""Silence."""', "")),
    "callable_param": (
        "invalid",
        "no form can show",
        TASK.format(name="bad", title="Bad").replace(
            "    def run", "    class Params(msgspec.Struct):\n        f: complex = 0j\n    def run"
        ),
    ),
    "plain_params": (
        "invalid",
        "subclass of msgspec.Struct",
        TASK.format(name="bad2", title="Bad").replace("    def run", "    Params = dict\n    def run"),
    ),
    "default": (
        "invalid",
        "The default of `n` is outside its own bounds",
        "from typing import Annotated\n"
        + TASK.format(name="bad3", title="Bad").replace(
            "    def run",
            "    class Params(msgspec.Struct):\n        n: Annotated[int, msgspec.Meta(ge=1)] = 0\n\n"
            "    def run",
        ),
    ),
    "heavy": ("heavy", "imports torch", "import torch"),
    "heavy_quietly": (
        "heavy",
        "imports torch",
        f"try:\n    import torch.nn\nexcept ImportError:\n    torch = None\n{GOOD}",
    ),
    "heavy_hook": (
        "heavy",
        "imports torch",
        "from bandmate_plugins import hookimpl\n@hookimpl\ndef bandmate_tasks(register):\n    import torch",
    ),
    "heavy_missing": ("heavy", "imports jax", "import jax"),
    "twin": ("invalid", "task `good` already exists, from the plugin `good`", GOOD),
    "twice": (
        "invalid",
        "registers the task `echo` twice",
        TASK.format(name="echo", title="Echo") + "    register(Echo())",
    ),
    "engine_twin": (
        "invalid",
        "engine `motor` already exists, from the plugin `engine`",
        ENGINE.format(name="motor", rank=1),
    ),
    "idle": (
        "invalid",
        "names no abilities",
        ENGINE.format(name="idle", rank=1).replace('frozenset({"text"})', "frozenset()"),
    ),
    "usurper": (
        "invalid",
        "`plugins` belongs to Bandmate",
        "import click\nfrom bandmate_plugins import hookimpl\n"
        "@hookimpl\ndef bandmate_commands(group): group.add_command(click.Command('plugins'))",
    ),
    "missing_object": ("failed", "AttributeError", GOOD),
}


@pytest.fixture(scope="module")
def catalogue(module_shelf: Shelf) -> PluginCatalogue:
    shelf = module_shelf
    (shelf.folder / "torch").mkdir()
    (shelf.folder / "torch" / "__init__.py").write_text("raise SystemError('torch was really imported')")
    for name, (_, _, source) in WRONG.items():
        shelf.install(name, source, entry="shelf_missing_object:gone" if name == "missing_object" else None)
    # Sorted by distribution, so that the first of each pair wins.
    shelf.install("good", GOOD)
    shelf.install("engine", ENGINE.format(name="motor", rank=1))
    shelf.install(
        "prints", "print('noise')\nimport os\nos.write(1, b'more noise')\n" + TASK.format(name="p", title="P")
    )
    shelf.install(
        "looks",
        "import importlib.util\nimportlib.util.find_spec('torch')\n" + TASK.format(name="l", title="L"),
    )
    shelf.install(
        "threads",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\n"
        + TASK.format(name="t", title="T"),
    )
    shelf.install(
        "hidden",
        "class Namespace:\n    pass\n"
        + TASK.format(name="h", title="H")
        + "Namespace.bandmate_tasks = staticmethod(bandmate_tasks)\n",
        entry="shelf_hidden:Namespace",
    )
    return read_catalogue()


def info(catalogue: PluginCatalogue, name: str) -> PluginInfo:
    return next(plugin for plugin in catalogue.plugins if plugin.name == name)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_plugin_has_a_status_and_a_reason(catalogue: PluginCatalogue, name: str) -> None:
    status, reason, _ = WRONG[name]
    found = info(catalogue, name)
    assert found.status == status, found.reason
    assert reason in found.reason
    assert found.reason.endswith(".")
    assert "\n" not in found.reason
    assert found.distribution == f"shelf-{name}"
    assert found.version == "1.0"
    assert name not in catalogue.hooks
    assert name not in catalogue.entries


@pytest.mark.parametrize("name", ["good", "engine", "prints", "looks", "threads", "hidden"])
def test_a_right_plugin_is_enabled_beside_them(catalogue: PluginCatalogue, name: str) -> None:
    assert info(catalogue, name).status == "enabled", info(catalogue, name).reason
    assert info(catalogue, name).reason == ""


def test_nothing_of_a_refused_plugin_is_in_the_catalogue(catalogue: PluginCatalogue) -> None:
    assert {task.name: task.plugin for task in catalogue.tasks} == {
        "good": "good",
        "h": "hidden",
        "l": "looks",
        "p": "prints",
        "t": "threads",
    }
    assert [engine.name for engine in catalogue.engines] == ["motor"]
    assert catalogue.commands == {}


def test_disabled_plugins_are_listed_and_built_in_ones_come_first(catalogue: PluginCatalogue) -> None:
    built_in = [plugin for plugin in catalogue.plugins if plugin.distribution == "bandmate"]
    assert list(catalogue.plugins[: len(built_in)]) == built_in
    assert {plugin.status for plugin in built_in} == {"disabled"}
    assert all("BANDMATE_DISABLE" in plugin.reason for plugin in built_in)


def test_no_plugin_was_imported_in_this_process(catalogue: PluginCatalogue) -> None:
    assert not [name for name in sys.modules if name.startswith("shelf_")]
    assert load_task(catalogue, "good").title == "Good"
    assert "shelf_good" in sys.modules
    assert not [name for name in sys.modules if name.startswith("shelf_") and name != "shelf_good"]


def test_a_plugin_that_hangs_is_ended(shelf: Shelf) -> None:
    shelf.install("hangs", "import time\ntime.sleep(3600)")
    shelf.install("after", TASK.format(name="after", title="After"))
    catalogue = read_catalogue(timeout=4)
    assert info(catalogue, "hangs").status == "failed"
    assert info(catalogue, "hangs").reason == "It did not load within 4 s."
    assert info(catalogue, "after").status == "enabled"


def test_a_crash_is_named(shelf: Shelf) -> None:
    shelf.install("segfaults", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    found = info(read_catalogue(), "segfaults")
    assert found.status == "failed"
    assert "crash" in found.reason or "exit code" in found.reason


def test_two_plugins_of_one_name(shelf: Shelf) -> None:
    shelf.install("one", TASK.format(name="one", title="One"))
    shelf.install("two", TASK.format(name="two", title="Two"))
    shelf.register("shelf-two", "1.0", {"one": "shelf_two"})
    first, second = (plugin for plugin in read_catalogue().plugins if plugin.name == "one")
    assert (first.distribution, first.status) == ("shelf-one", "enabled")
    assert (second.distribution, second.status) == ("shelf-two", "invalid")
    assert "Another plugin is named `one`" in second.reason
