"""The root of the command line, run as a program: what it prints, and the code that it leaves with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bandmate_protocol.version import __version__
from tests.plugins.shelf import ENGINE, TASK, Shelf

COMMANDS = '''
import os, signal, sys, time
import click
from bandmate_plugins import ErrorCode, RequestError, hookimpl
from bandmate_protocol.errors import BandmateError

@hookimpl
def bandmate_commands(group):
    for command in (fine, mend, nobody, bug, wait, answer, pour, plain_exit, ours, swallow):
        group.add_command(command)

@click.command()
@click.argument("name")
def fine(name):
    """Says hello."""
    click.echo(f"hello {name}")

@click.command()
def mend():
    """Fails."""
    raise RequestError(ErrorCode.NO_SUCH_TRACK, "There is no track `Bas`.", "Tracks: Bass, Drums.")

@click.command()
def nobody():
    """Finds no server."""
    raise BandmateError(ErrorCode.NO_SERVER, "No server answers.", "Start one with `bandmate serve`.")

@click.command()
def ours():
    """Fails inside."""
    raise BandmateError(ErrorCode.INTERNAL, "That should not be.")

@click.command()
def bug():
    """Has a bug."""
    {}["a secret place"]

@click.command()
def wait():
    """Waits."""
    click.echo("waiting")
    sys.stdout.flush()
    time.sleep(60)

class Swallowing:
    """Its destructor is interrupted, and Python drops what destructors raise."""

    def __init__(self, number):
        self.number = number

    def __del__(self):
        os.kill(os.getpid(), self.number)
        time.sleep(0)

@click.command()
@click.argument("number", type=int)
def swallow(number):
    """Is interrupted where it cannot be."""
    thing = Swallowing(number)
    del thing
    time.sleep(60)

@click.command()
def answer():
    """Leaves with a code."""
    return 4

@click.command("plain-exit")
@click.pass_context
def plain_exit(context):
    """Leaves with another."""
    context.exit(5)

@click.command()
def pour():
    """Prints without end."""
    while True:
        click.echo("x" * 1000)
'''


@pytest.fixture
def commands(shelf: Shelf) -> Shelf:
    shelf.install("commands", COMMANDS)
    return shelf


def program(shelf: Shelf) -> dict[str, str]:
    """The environment in which the shelf's plugins are installed."""
    return {**os.environ, "PYTHONPATH": str(shelf.folder), "COLUMNS": "160"}


def bandmate(shelf: Shelf, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bandmate_plugins", *arguments],
        capture_output=True,
        text=True,
        env=program(shelf),
        timeout=120,
    )


def test_the_version_imports_no_plugin(commands: Shelf, home: Path) -> None:
    (commands.folder / "shelf_commands.py").write_text("raise SystemExit('it was imported')")
    run = bandmate(commands, "--version")
    assert (run.returncode, run.stdout, run.stderr) == (0, f"bandmate, version {__version__}\n", "")
    assert not (home / "cache").exists(), "plugins were looked at"


def test_the_help_lists_the_commands_of_plugins(commands: Shelf) -> None:
    run = bandmate(commands, "--help")
    assert run.returncode == 0
    assert "fine" in run.stdout
    assert "Says hello." in run.stdout
    assert "plugins" in run.stdout
    assert run.stderr == ""


def test_a_plugins_command_runs(commands: Shelf) -> None:
    run = bandmate(commands, "fine", "you")
    assert (run.returncode, run.stdout, run.stderr) == (0, "hello you\n", "")


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("mend", 1, "Error: There is no track `Bas`. Tracks: Bass, Drums.\n"),
        ("nobody", 3, "Error: No server answers. Start one with `bandmate serve`.\n"),
        ("ours", 70, "Error: That should not be.\n"),
        ("answer", 4, ""),
        ("plain-exit", 5, ""),
    ],
)
def test_an_expected_error_is_a_sentence_and_a_code(
    commands: Shelf, command: str, code: int, said: str
) -> None:
    run = bandmate(commands, command)
    assert (run.returncode, run.stdout, run.stderr) == (code, "", said)


def test_wrong_usage_is_clicks_own(commands: Shelf) -> None:
    run = bandmate(commands, "fine")
    assert run.returncode == 2
    assert "Missing argument 'NAME'" in run.stderr
    run = bandmate(commands, "--nonsense")
    assert run.returncode == 2
    assert "No such option" in run.stderr


def test_an_unknown_command_names_the_near_one_and_the_plugins_that_failed(commands: Shelf) -> None:
    commands.install("absent", "import shelf_nothing")
    run = bandmate(commands, "plugin")
    assert run.returncode == 2
    assert "No such command 'plugin'" in run.stderr
    assert "plugins" in run.stderr
    assert "The plugin absent is not loaded: It needs the module `shelf_nothing`" in run.stderr


def test_a_fault_is_a_sentence_with_the_details_in_a_file(commands: Shelf, home: Path) -> None:
    run = bandmate(commands, "bug")
    assert run.returncode == 70
    (log,) = (home / "state" / "log").iterdir()
    assert run.stderr == f"Error: Bandmate failed (KeyError); the details are in {log}.\n"
    text = log.read_text("utf-8")
    assert text.startswith(f"bandmate {__version__}, Python ")
    assert "Traceback" in text
    assert "a secret place" in text


def test_debug_shows_what_python_says(commands: Shelf) -> None:
    for command in ("bug", "mend"):
        run = bandmate(commands, "--debug", command)
        assert "Traceback" in run.stderr
        assert run.stderr.splitlines()[-1].startswith("Error: ")


def test_a_fault_is_shown_where_no_log_can_be_written(commands: Shelf, home: Path) -> None:
    bandmate(commands, "fine", "you")
    (home / "state").write_text("a file where the folder should be")
    run = bandmate(commands, "bug")
    assert run.returncode == 70
    assert "Traceback" in run.stderr
    assert "the log could not be written" in run.stderr


def test_old_logs_go(commands: Shelf, home: Path) -> None:
    folder = home / "state" / "log"
    folder.mkdir(parents=True)
    for number in range(30):
        (folder / f"command-20200101-0000{number:02}-1.log").touch()
    (folder / "server.log").touch()
    bandmate(commands, "bug")
    assert len(list(folder.glob("command-*.log"))) == 20
    assert (folder / "server.log").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT between processes")
def test_an_interrupt_leaves_with_130(commands: Shelf) -> None:
    bandmate(commands, "fine", "you")
    with subprocess.Popen(
        [sys.executable, "-m", "bandmate_plugins", "wait"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=program(commands),
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == "waiting\n"
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 130
        assert "Traceback" not in running.stderr.read()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT between processes")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_in_a_destructor_is_not_lost(commands: Shelf, number: signal.Signals, code: int) -> None:
    run = bandmate(commands, "swallow", str(int(number)))
    assert (run.returncode, run.stdout, run.stderr) == (code, "", "\nInterrupted.\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows has other pipes")
def test_a_reader_that_leaves_is_no_fault(commands: Shelf, home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bandmate_plugins", "pour"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=program(commands),
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().startswith("x")
        running.stdout.close()
        assert running.wait(60) == 1
        assert running.stderr.read() == ""
    assert not (home / "state").exists()


def test_plugins_are_listed_with_their_status_and_reason(commands: Shelf) -> None:
    commands.install("sings", TASK.format(name="sing", title="Sing"))
    commands.install("broken", "raise ValueError('no luck')")
    run = bandmate(commands, "plugins")
    assert run.returncode == 0
    rows = {line.split()[0]: " ".join(line.split()) for line in run.stdout.splitlines()}
    assert rows["sings"] == "sings shelf-sings 1.0 enabled tasks: sing"
    assert rows["broken"].startswith(
        "broken shelf-broken 1.0 failed It cannot be imported: ValueError: no luck"
    )
    assert rows["commands"].startswith("commands shelf-commands 1.0 enabled commands: ")
    assert rows["server"].startswith("server bandmate")
    assert "disabled" in rows["server"]


def test_a_tasks_parameters_are_listed(commands: Shelf) -> None:
    params = "class Params(msgspec.Struct):\n        wobble: bool = True\n    def run"
    commands.install("sings", TASK.format(name="sing", title="Sing").replace("def run", params, 1))
    run = bandmate(commands, "plugins", "--task", "sing")
    assert run.returncode == 0, run.stderr
    assert " ".join(run.stdout.splitlines()[1].split()) == "wobble true or false true"
    wrong = bandmate(commands, "plugins", "--task", "sneeze")
    assert "There is no task `sneeze`" in wrong.stderr
    assert "sing" in wrong.stderr


def test_an_engines_options_are_listed_for_a_task_and_alone(commands: Shelf) -> None:
    options = """
import msgspec
class Options(msgspec.Struct):
    wobble: bool = True
class It"""
    engine = ENGINE.format(name="hum", rank=1).replace("class It", options.lstrip(), 1)
    commands.install("hums", engine.replace("abilities =", "Options = Options\n    abilities =", 1))
    commands.install("sings", TASK.format(name="sing", title="Sing"))
    alone = bandmate(commands, "plugins", "--engine", "hum")
    assert alone.returncode == 0, alone.stderr
    assert [" ".join(line.split()) for line in alone.stdout.splitlines()][1:] == ["wobble true or false true"]
    needy = TASK.format(name="croon", title="Croon").replace(
        "name, title", 'ability = "text"\n    name, title', 1
    )
    commands.install("croons", needy)
    both = bandmate(commands, "plugins", "--task", "croon")
    assert "Option of hum" in both.stdout
    assert "wobble" in both.stdout
    none = bandmate(commands, "plugins", "--task", "sing")
    assert "wobble" not in none.stdout
    wrong = bandmate(commands, "plugins", "--engine", "hmu")
    assert "There is no engine `hmu`" in wrong.stderr
    assert "hum" in wrong.stderr


def test_plugins_for_programs(commands: Shelf) -> None:
    commands.install("sings", TASK.format(name="sing", title="Sing"))
    catalogue = json.loads(bandmate(commands, "plugins", "--json").stdout)
    assert [task["name"] for task in catalogue["tasks"]] == ["sing"]
    assert {plugin["name"]: plugin["status"] for plugin in catalogue["plugins"]}["sings"] == "enabled"
    assert catalogue["commands"]["fine"] == "commands"


def test_refresh_looks_again(commands: Shelf) -> None:
    counter = commands.folder / "count.log"
    commands.install(
        "counts",
        f"with open({str(counter)!r}, 'a') as file: file.write('x')\n" + TASK.format(name="c", title="C"),
    )
    bandmate(commands, "plugins")
    bandmate(commands, "plugins")
    assert counter.read_text() == "x"
    bandmate(commands, "plugins", "--refresh")
    assert counter.read_text() == "xx"


def test_a_command_whose_plugin_fails_later_says_so(commands: Shelf) -> None:
    marker = commands.folder / "marker"
    commands.install(
        "moody",
        f"import os\nif os.path.exists({str(marker)!r}): raise ValueError('not today')\n"
        "import click\nfrom bandmate_plugins import hookimpl\n"
        "@hookimpl\ndef bandmate_commands(group): group.add_command(click.Command('sulk'))\n",
    )
    assert bandmate(commands, "sulk").returncode == 0
    marker.touch()
    run = bandmate(commands, "sulk")
    assert run.returncode == 2
    assert "The plugin moody could not be loaded: ValueError: not today" in run.stderr
