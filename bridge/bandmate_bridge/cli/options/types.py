"""Values of the command line."""

from __future__ import annotations

import re
from typing import Any

import click

from bandmate_protocol.keys import MODES, read_key
from bandmate_protocol.texts import say

_NOTE_VALUES = (1, 2, 4, 8, 16, 32, 64, 128)
"""Notation, MIDI files and DAWs have no others."""
_METRE = re.compile(r"([0-9]{1,3})/([0-9]{1,3})")


class MetreType(click.ParamType[tuple[int, int]]):
    """A time signature such as `7/8`."""

    name = "metre"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Numerator and denominator."""
        if isinstance(value, tuple):
            return value
        found = _METRE.fullmatch(str(value).strip())
        if not found or not 1 <= int(found[1]) <= 255:
            self.fail(f"{value!r} is not a metre; write it as 4/4 or 7/8.", param, ctx)
        numerator, denominator = int(found[1]), int(found[2])
        if denominator not in _NOTE_VALUES:
            values = ", ".join(map(str, _NOTE_VALUES))
            self.fail(
                f"{value!r} is not a metre: the lower number must be a note value, one of {values}.",
                param,
                ctx,
            )
        return numerator, denominator


class KeyText(click.ParamType[str]):
    """A key such as `A minor`; passed on as it was written."""

    name = "key"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text."""
        if read_key(str(value)) is None:
            modes = ", ".join(MODES)
            self.fail(
                f"{value!r} is not a key; write a letter and a mode: Bb major, F# dorian ({modes}).",
                param,
                ctx,
            )
        return str(value)


class JobPrefix(click.ParamType[str]):
    """A job's id, or as much of its start as makes it clear."""

    name = "job"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text in lower case."""
        text = str(value).strip().lower()
        if not re.fullmatch(r"[0-9a-z]{1,8}", text):
            self.fail(f"{value!r} is not a job id; `bandmate jobs` lists the jobs.", param, ctx)
        return text


def parse_assignment(text: str) -> tuple[str, str]:
    """Name and value of `NAME=VALUE`. Raises click.UsageError."""
    name, equals, value = text.partition("=")
    if not (name.strip() and equals):
        raise click.UsageError(say("--set takes NAME=VALUE, such as strength=0.5, not {text!r}.", text=text))
    return name.strip(), value


def check_positive(_: click.Context, param: click.Parameter, value: float | None) -> float | None:
    """A finite length above zero."""
    if value is not None and not 0 < value < float("inf"):
        raise click.BadParameter(f"{value:g} is not a length; give one above zero.", param=param)
    return value


def can_play(_: click.Context, __: click.Parameter, value: bool) -> bool:
    """Whether to play the result. Raises RequestError (`file_unusable`) where nothing here could."""
    if value:
        from bandmate_bridge.cli.player import check_player

        check_player()
    return value


def json_option(command: click.decorators.FC) -> click.decorators.FC:
    """`--json`, which the root of the command line knows by its name: errors are JSON then too."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print the result as one JSON object, for programs."
    )(command)


def play_option(command: click.decorators.FC) -> click.decorators.FC:
    """`--play`, refused before any work where the machine has no player."""
    return click.option("--play", is_flag=True, callback=can_play, help="Play the result.")(command)
