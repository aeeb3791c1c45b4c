"""Loading into this process what the catalogue says is there."""

from __future__ import annotations

import click
import pytest

from bandmate_plugins._host.loading import (
    load_commands,
    load_engine,
    load_executors,
    load_task,
    read_catalogue,
    read_readiness,
)
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from tests.plugins.shelf import ENGINE, TASK, Shelf

ASKING = ENGINE.replace(
    "    def load",
    """    def readiness(self):
        from pathlib import Path
        weights = Path(__file__).with_suffix(".weights")
        if weights.exists():
            exec(weights.read_text())
            return Readiness()
        return Readiness("needs_weights", "Run `bandmate models pull`.")

    def load""",
)


def test_a_task_is_loaded_by_name(shelf: Shelf) -> None:
    shelf.install("live_task", TASK.format(name="sing", title="Sing"))
    task = load_task(read_catalogue(), "sing")
    assert (task.name, task.title) == ("sing", "Sing")


def test_an_unknown_task_is_refused_with_those_there_are(shelf: Shelf) -> None:
    shelf.install("live_task2", TASK.format(name="sing", title="Sing"))
    with pytest.raises(RequestError, match="no task `song`") as caught:
        load_task(read_catalogue(), "song")
    assert caught.value.code == ErrorCode.NO_SUCH_TASK
    assert "sing" in caught.value.remedy


def test_an_engine_is_loaded_by_name(shelf: Shelf) -> None:
    shelf.install("live_engine", ENGINE.format(name="motor", rank=3))
    catalogue = read_catalogue()
    assert load_engine(catalogue, "motor").rank == 3
    assert catalogue.engines[0].rank == 3
    with pytest.raises(RequestError, match="no engine `rotor`") as caught:
        load_engine(catalogue, "rotor")
    assert caught.value.code == ErrorCode.NO_SUCH_ENGINE
    assert "motor" in caught.value.remedy


def test_tasks_list_their_engines_the_best_first(shelf: Shelf) -> None:
    shelf.install(
        "able",
        TASK.format(name="able", title="Able").replace("    def run", '    ability = "text"\n    def run'),
    )
    shelf.install("weak", ENGINE.format(name="weak", rank=1))
    shelf.install("strong", ENGINE.format(name="strong", rank=9))
    (task,) = read_catalogue().tasks
    assert task.engines == ("strong", "weak")


@pytest.mark.parametrize("ending", ["raise RuntimeError('gone wrong')", "raise SystemExit(1)"])
def test_a_plugin_that_fails_later_is_named(shelf: Shelf, ending: str) -> None:
    name = "later_exit" if "Exit" in ending else "later_error"
    file = shelf.install(name, TASK.format(name="later", title="Later"))
    catalogue = read_catalogue()
    file.write_text(ending)
    with pytest.raises(BandmateError, match=f"plugin `{name}` cannot be loaded") as caught:
        load_task(catalogue, "later")
    assert caught.value.code == ErrorCode.ENGINE_FAILED
    assert "bandmate plugins --refresh" in caught.value.remedy


def test_executors_are_collected(shelf: Shelf) -> None:
    source = (
        "from bandmate_plugins import hookimpl\n"
        "@hookimpl\ndef bandmate_executors(register): register('{0}', lambda: '{0} made')\n"
    )
    shelf.install("farm", source.format("farm"))
    shelf.install("field", source.format("field"))
    factories = load_executors(read_catalogue())
    assert {name: factory() for name, factory in factories.items()} == {
        "farm": "farm made",
        "field": "field made",
    }


def test_a_failing_plugin_takes_no_others_commands_along(shelf: Shelf) -> None:
    source = (
        "import click\nfrom bandmate_plugins import hookimpl\n"
        "@hookimpl\ndef bandmate_commands(group): group.add_command(click.Command('{0}'))\n"
    )
    shelf.install("works", source.format("works"))
    broken = shelf.install("breaks", source.format("breaks"))
    catalogue = read_catalogue()
    broken.write_text("raise SystemExit('no')")
    group = click.Group()
    failures = load_commands(group, catalogue)
    assert list(group.commands) == ["works"]
    assert failures == {"breaks": "SystemExit: no"}


def test_readiness_is_asked_again(shelf: Shelf) -> None:
    file = shelf.install("asking", ASKING.format(name="asking", rank=1))
    shelf.install("steady", ENGINE.format(name="steady", rank=1))
    catalogue = read_catalogue()
    states = {engine.name: (engine.info.status, engine.changeable) for engine in catalogue.engines}
    assert states == {"asking": ("needs_weights", True), "steady": ("ready", False)}
    file.with_suffix(".weights").touch()
    assert {e.name: e.info.status for e in read_catalogue().engines}["asking"] == "needs_weights"
    fresh = read_readiness(catalogue)
    assert {engine.name: engine.info.status for engine in fresh.engines} == {
        "asking": "ready",
        "steady": "ready",
    }
    assert fresh.tasks == catalogue.tasks


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise OSError('no disk')", "could not report whether it is ready: no disk."),
        ("import os; os._exit(5)", "exit code 5"),
        ("import time; time.sleep(60)", "not load within 4 s"),
    ],
)
def test_an_engine_that_cannot_say_is_unavailable(shelf: Shelf, code: str, reason: str) -> None:
    shelf.install("another", ASKING.format(name="another", rank=1))
    file = shelf.install("asking", ASKING.format(name="asking", rank=1))
    catalogue = read_catalogue()
    file.with_suffix(".weights").write_text(code)
    first, second = read_readiness(catalogue, timeout=4).engines
    assert first.info.status == "needs_weights"
    assert second.info.status == "unavailable"
    assert reason in second.info.reason
