"""What the commands that work on audio have in common: their options, and where the source is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bandmate_bridge.cli.options.file_format import format_options
from bandmate_bridge.cli.options.types import KeyText, MetreType, check_positive, json_option, play_option
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

if TYPE_CHECKING:
    from bandmate_bridge.requests.ranges import GivenRanges
    from bandmate_bridge.runs.on_audio import GivenTempo

Command = Callable[..., Any]


@dataclass(frozen=True)
class CommonOptions:
    """The options that all of them have, as click read them."""

    words: tuple[str, ...]
    into: Path | None
    track: str | None
    begins: tuple[str, ...]
    ends: tuple[str, ...]
    at: str | None
    bars: float | None
    beats: float | None
    seconds: float | None
    sections: tuple[str, ...]
    engine: str | None
    force: bool

    @property
    def ranges(self) -> GivenRanges:
        """The ranges that were asked for. Raises click.UsageError for what does not go together."""
        from bandmate_bridge.requests.ranges import GivenRanges
        from bandmate_bridge.requests.timing import MusicLength

        lengths = [name for name in ("bars", "beats", "seconds") if getattr(self, name) is not None]
        if len(lengths) > 1:
            raise click.UsageError(
                say(
                    "Give one length: --{first} or --{second}, not both.",
                    first=lengths[0],
                    second=lengths[1],
                )
            )
        if len(self.begins) != len(self.ends):
            raise click.UsageError("Give one --to for each --from.")
        check_sections_alone(self.sections, self.begins, self.at, *lengths)
        if self.begins and (self.at is not None or lengths):
            raise click.UsageError("Give --from and --to, or --at and a length, not both.")
        return GivenRanges(
            tuple(zip(self.begins, self.ends, strict=True)),
            self.at,
            MusicLength(self.bars, self.beats, self.seconds),
            self.sections,
        )

    def place(self, *, prompt: bool, needs_prompt: bool = False) -> tuple[Path | None, str]:
        """The file, where no project is named, and the prompt, whose words need no quotes.

        Raises click.UsageError, and RequestError (`file_unusable`) for a project in the place of a file.
        """
        words = list(self.words)
        file = None
        if self.into is None:
            if not words:
                raise click.UsageError("No source given. Give a FILE, or --into song.rpp.")
            if self.track is not None:
                raise click.UsageError("--track needs a project; add --into song.rpp.")
            file = Path(words.pop(0))
            _check_not_project(file)
        if words and not prompt:
            wanted = "options only" if self.into else "one FILE"
            raise click.UsageError(
                say("Unexpected argument '{words}'; expected {wanted}.", words=words[0], wanted=wanted)
            )
        if needs_prompt and not words:
            raise click.UsageError("No PROMPT given. Describe what to make of the source.")
        return file, " ".join(words)


def _check_not_project(file: Path) -> None:
    from bandmate_bridge.projects import names_project

    if names_project(file):
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{file} is a project, not audio.", file=file),
            say("Pass it as --into {file}.", file=file),
        )


def source_options(command: Command) -> Command:
    """Where the audio is, which part of it, and the prompt."""
    return _add_source_options(command, "[FILE] [PROMPT]")


def context_options(command: Command) -> Command:
    """What else plays, for commands that play along."""
    options = [
        click.option("--alone", is_flag=True, help="Use only the source; ignore the other tracks."),
        click.option(
            "--context",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="For files: audio that plays at the same time, from the start of FILE. It sets tempo, key and "
            "chords.",
        ),
    ]
    return _apply_options(options, command)


def take_context_options(options: dict[str, Any]) -> dict[str, Any]:
    """Takes these out of what click gave: what `TaskOptions` has to know. Raises click.UsageError."""
    from bandmate_bridge.cli.options.input_files import readable_audio_file

    alone, context = options.pop("alone"), options.pop("context")
    if options["into"] is None and alone:
        raise click.UsageError("--alone needs a project; add --into song.rpp.")
    if options["into"] is not None and context is not None:
        raise click.UsageError("--context is for files. In a project, the other tracks are the context.")
    return {
        "listens": not alone,
        "follows_chords": not alone,
        "context": readable_audio_file(context) if context else None,
    }


def section_option(command: click.decorators.FC) -> click.decorators.FC:
    """`--section`, a range by its name."""
    return click.option(
        "--section",
        "sections",
        multiple=True,
        metavar="NAME",
        help='A range by name: a region or marker of the project, such as chorus, "Verse 2" or B:2; in a file, a '
        "section that `analyse` detects.",
    )(command)


def check_sections_alone(sections: Sequence[str], *others: object) -> None:
    """Raises click.UsageError where a range is given by name and by position too."""
    if sections and any(others):
        raise click.UsageError("Give --section or positions, not both.")


def bare_source_options(command: Command) -> Command:
    """The same for what takes no prompt."""
    return _add_source_options(command, "[FILE]")


def _add_source_options(command: Command, words: str) -> Command:
    options = [
        click.argument("words", nargs=-1, metavar=words),
        click.option(
            "--into",
            type=click.Path(path_type=Path),
            metavar="SONG.rpp",
            help="Work in this project: of REAPER or Ardour, or a DAWproject.",
        ),
        click.option(
            "--track", metavar="NAME", help="Track: name, number or id.  [default: the selected one]"
        ),
        click.option(
            "--from",
            "begins",
            multiple=True,
            metavar="POSITION",
            help="Start of the range, such as 11.1 or 12.5s.",
        ),
        click.option("--to", "ends", multiple=True, metavar="POSITION", help="End of the range."),
        click.option("--at", metavar="POSITION", help="Start of a range whose length you give."),
        click.option("--bars", type=float, callback=check_positive, help="Length in bars."),
        click.option("--beats", type=float, callback=check_positive, help="Length in beats of the metre."),
        click.option("--seconds", type=float, callback=check_positive, help="Length in seconds."),
        section_option,
        click.option("--engine", metavar="NAME", help="Engine.  [default: the best available]"),
        click.option(
            "--force", is_flag=True, help="Replace existing files; write to the project even if it is open."
        ),
    ]
    return _apply_options(options, command)


def making_options(command: Command) -> Command:
    """What those have that make audio."""
    options = [
        click.option(
            "-o",
            "--output",
            metavar="FILE.wav|FILE.flac|FOLDER/|SONG.dawproject",
            help="Without --into: a new audio file; with a slash at the end, a folder; or a new project, of "
            "REAPER or a DAWproject.",
        ),
        format_options,
        click.option(
            "--seed", type=click.IntRange(0, 2**32 - 1), help="Seed; the same seed gives the same result."
        ),
        play_option,
        json_option,
    ]
    return _apply_options(options, command)


def music_options(command: Command) -> Command:
    """What can be said of the music; a project says it itself."""
    options = [
        click.option("--bpm", type=click.FloatRange(1, 2000), help="Tempo of the file.  [default: detected]"),
        click.option(
            "--metre", type=MetreType(), help="Metre of the file, such as 7/8.  [default: detected]"
        ),
        click.option(
            "--key", type=KeyText(), metavar="KEY", help='Key, such as "A minor".  [default: detected]'
        ),
    ]
    return _apply_options(options, command)


def take_common_options(options: dict[str, Any]) -> CommonOptions:
    """Takes the common options out of what click gave."""
    return CommonOptions(**{name: options.pop(name) for name in CommonOptions.__dataclass_fields__})


def take_music_options(
    options: dict[str, Any], *, needs_prompt: bool = True
) -> tuple[CommonOptions, str, GivenTempo]:
    """What commands that make music of audio begin with: the common options, taken out of what click
    gave, the prompt, and what was said of the music. Raises click.UsageError.
    """
    from bandmate_bridge.runs.on_audio import GivenTempo

    common = take_common_options(options)
    _, prompt = common.place(prompt=True, needs_prompt=needs_prompt)
    check_output(common, options["output"])
    check_tempo_options(common, options["bpm"], options["metre"])
    return common, prompt, GivenTempo(options["bpm"], options["metre"])


def check_tempo_options(common: CommonOptions, bpm: float | None, metre: tuple[int, int] | None) -> None:
    """Raises click.UsageError where a project says it itself."""
    for name, value in (("bpm", bpm), ("metre", metre)):
        if common.into is not None and value is not None:
            raise click.UsageError(say("The project sets its own {name}. Remove --{name}.", name=name))


def check_output(common: CommonOptions, output: str | None, *, play: bool = False) -> None:
    """Raises click.UsageError when it is not said, or said twice, where the result goes."""
    if common.into is not None and output is not None:
        raise click.UsageError("Give -o for files or --into for a project, not both.")
    if common.into is None and output is None and not play:
        raise click.UsageError("No output given. Use -o out.wav, -o folder/ or -o song.dawproject.")


def _apply_options(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
