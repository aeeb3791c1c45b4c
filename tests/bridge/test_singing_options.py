"""The options for engines with a model arrive, and the embedded band says what it cannot do."""

from __future__ import annotations

import numpy as np
import soundfile
from click.testing import CliRunner

from bandmate_bridge.cli.commands.generate import generate
from tests.bridge.command_line import CommandLine


def test_lyrics_and_a_reference_go_along_and_the_embedded_band_says_that_it_does_not_sing(
    bandmate: CommandLine,
) -> None:
    (bandmate.folder / "words.txt").write_text("[Verse]\nhello\n", encoding="utf-8")
    noise = 0.1 * np.random.default_rng(1).standard_normal((48_000, 2))
    soundfile.write(bandmate.folder / "like.wav", noise, 48_000)
    where = ("-o", "out.wav", "--bars", 1, "--bpm", 120, "--metre", "4/4", "--engine", "sketch")
    sung = ("--lyrics", "@words.txt", "--language", "en", "--reference", "like.wav", "--steps", 8)
    done = bandmate.good("generate", "bass", *where, *sung)
    assert "does not sing" in done.out
    assert "`steps` has no effect" in done.out
    assert (bandmate.folder / "out.wav").exists()


def test_any_parameter_of_a_task_can_be_set_and_an_unknown_one_is_named(bandmate: CommandLine) -> None:
    where = ("-o", "out.wav", "--bars", 1, "--bpm", 120, "--metre", "4/4", "--engine", "sketch")
    done = bandmate.good("generate", "bass", *where, "--set", "sampler=sde", "--set", "mix=false")
    assert "`sampler` has no effect" in done.out
    again = ("generate", "bass", *where, "--force", "--set")
    assert "no parameter or option `samplr`. Parameters: prompt, mix," in bandmate.refused(
        *again, "samplr=sde"
    )
    assert "--set takes NAME=VALUE" in bandmate.refused(*again, "sampler", code=2)


def test_a_file_of_lyrics_that_is_not_there_is_said_before_anything_starts() -> None:
    ended = CliRunner().invoke(generate, ["pad", "-o", "out.wav", "--lyrics", "@nowhere.txt"])
    assert ended.exit_code == 2
    assert "nowhere.txt cannot be read" in ended.output
