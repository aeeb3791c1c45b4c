"""The root of the `bandmate` command line; the commands themselves come from plugins.

Exit codes: 0 done, 1 something that the user can mend, 2 wrong usage, 3 no server, 70 a fault of Bandmate's
own, 130 interrupted, 143 and 129 ended by SIGTERM and SIGHUP. An error is one sentence on standard error, and
what would have worked; to a command with `--json` it is an object on standard output, too.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import traceback
from pathlib import Path
from typing import NoReturn

import click

from bandmate_plugins._app.ending_signals import EndingSignals
from bandmate_plugins._app.plugins_command import plugins_command
from bandmate_plugins._app.standard_streams import prepare_streams
from bandmate_plugins._platform import home
from bandmate_plugins._platform.json_text import json_text
from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_protocol.texts import say
from bandmate_protocol.version import __version__

EXIT_MENDABLE = 1
EXIT_NO_SERVER = 3
EXIT_INTERNAL = 70
EXIT_INTERRUPTED = 130

_KEPT_LOGS = 20


class PluginGroup(click.Group):
    """A group that loads the commands of plugins when they are asked for, and only those."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, from the one plugin that brings it."""
        command = super().get_command(ctx, cmd_name)
        if command is None:
            self._load_commands(cmd_name)
            command = super().get_command(ctx, cmd_name)
        return command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, for the help."""
        self._load_commands()
        return super().list_commands(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name; where there is none, plugins that failed may be the reason."""
        with contextlib.suppress(click.UsageError):
            return super().resolve_command(ctx, args)
        # With all commands here, click can say which of them was meant.
        self._load_commands()
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(error.format_message() + _failed_plugins_text(), ctx) from error

    def _load_commands(self, command: str | None = None) -> None:
        """Loads the commands of the plugin that has `command`, or of all when none is named."""
        from bandmate_plugins._host.loading import load_commands, read_catalogue

        plugins = read_catalogue()
        owner = None
        if command is not None:
            owner = plugins.commands.get(command)
            if owner is None:
                return
        # Into a group of its own first: a plugin must not replace what is here.
        loaded = click.Group()
        for name, reason in load_commands(loaded, plugins, only=owner).items():
            click.echo(f"The plugin {name} could not be loaded: {reason}", err=True)
        for name, found in loaded.commands.items():
            self.commands.setdefault(name, found)


def _failed_plugins_text() -> str:
    """A line for each plugin that could not be loaded."""
    from bandmate_plugins._host.loading import read_catalogue

    return "".join(
        f"\nThe plugin {plugin.name} is not loaded: {plugin.reason}"
        for plugin in read_catalogue().plugins
        if plugin.status not in ("enabled", "disabled")
    )


@click.group(cls=PluginGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="bandmate")
@click.option("--debug", is_flag=True, help="Show Python's traceback when something goes wrong.")
def bandmate(debug: bool) -> None:
    """Bandmate makes parts for the song in your DAW: in its tempo, metre and key, on separate tracks.

    Start with `bandmate demo`, which builds a small project to listen to.
    """


bandmate.add_command(plugins_command)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs the command line and leaves with its exit code."""
    prepare_streams()
    arguments = sys.argv[1:] if arguments is None else arguments
    with EndingSignals() as signals:
        try:
            code = _run_command(arguments)
        except OSError:
            # Not even the error could be shown, as the terminal that closed is gone.
            if signals.exit_code is None:
                raise
            code = EXIT_INTERRUPTED
    # Whatever else went wrong came of the signal.
    sys.exit(code and (signals.exit_code or code))


def _run_command(arguments: list[str]) -> int:
    """Runs a command and says what went wrong; its exit code."""
    debug = "--debug" in _root_options(arguments)
    try:
        code = bandmate.main(arguments, prog_name="bandmate", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as `head`, has had enough; keep Python from flushing into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = EXIT_MENDABLE
    except (click.Abort, KeyboardInterrupt):
        with contextlib.suppress(OSError):
            click.echo("Interrupted.", err=True)
            _print_json_error(arguments, BandmateError(ErrorCode.INTERRUPTED, "Interrupted."))
        code = EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        _print_json_error(arguments, BandmateError(ErrorCode.BAD_PARAMS, error.format_message()))
        code = error.exit_code
    except BandmateError as error:
        code = _report_error(error, debug)
        _print_json_error(arguments, error)
    except Exception as error:  # noqa: BLE001 - the last resort: a sentence, and the details in a file
        code = _report_crash(error, debug)
        _print_json_error(
            arguments,
            BandmateError(ErrorCode.INTERNAL, say("Bandmate failed ({name}).", name=type(error).__name__)),
        )
    return code if isinstance(code, int) and not isinstance(code, bool) else 0


def _root_options(arguments: list[str]) -> list[str]:
    """The root's own options."""
    count = next((index for index, word in enumerate(arguments) if not word.startswith("-")), len(arguments))
    return arguments[:count]


def _print_json_error(arguments: list[str], error: BandmateError) -> None:
    """Says an error as JSON, if that is how the command was to answer."""
    if _wants_json(arguments):
        said = {"code": error.code.value, "sentence": error.sentence, "remedy": error.remedy}
        more = {"models": error.models} if error.models else {}
        click.echo(json_text({"error": said | more | {"job": error.job or None}}))


def _wants_json(arguments: list[str]) -> bool:
    """Whether the command that was typed has the flag `--json`, and that was typed too."""
    command: click.Command = bandmate
    for word in arguments:
        if not isinstance(command, click.Group):
            break
        command = command.commands.get(word, command)
    takes = any(isinstance(each, click.Option) and each.name == "as_json" for each in command.params)
    return takes and "--json" in arguments


def _report_error(error: BandmateError, debug: bool) -> int:
    """Says what an expected error means; its exit code."""
    if debug:
        traceback.print_exception(error)
    click.echo(f"Error: {error}", err=True)
    if error.code == ErrorCode.NO_SERVER:
        return EXIT_NO_SERVER
    return EXIT_INTERNAL if error.code == ErrorCode.INTERNAL else EXIT_MENDABLE


def _report_crash(error: Exception, debug: bool) -> int:
    """Says that Bandmate itself failed, and where the details are."""
    text = "".join(traceback.format_exception(error))
    if debug:
        click.echo(text, err=True)
    said = f"Error: Bandmate failed ({type(error).__name__})"
    try:
        path = _write_log(text)
    except OSError:
        click.echo(f"{text}\n{said}; the log could not be written.", err=True)
    else:
        click.echo(f"{said}; the details are in {path}.", err=True)
    return EXIT_INTERNAL


def _write_log(text: str) -> Path:
    folder = home.state_dir() / "log"
    path = folder / f"{time.strftime('command-%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    head = f"bandmate {__version__}, Python {sys.version.split()[0]}, {sys.platform}\n"
    home.write_private(path, (head + text).encode("utf-8", "replace"))
    for old in sorted(folder.glob("command-*.log"))[:-_KEPT_LOGS]:
        old.unlink(missing_ok=True)
    return path
