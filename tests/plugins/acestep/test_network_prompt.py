"""The words: upstream's exact form, and what does not fit."""

from __future__ import annotations

import pytest

from bandmate_plugins._engines.acestep.sampling.modules import ResidentModules
from bandmate_plugins._engines.acestep.sampling.prompt import INSTRUMENTAL, Words, instruction, tokens
from bandmate_protocol.errors import ErrorCode, RequestError


@pytest.mark.parametrize(
    "words",
    [
        Words("lo-fi", instruction("repaint"), 90, "4", "C major", 12.9, "la", "en"),
        Words("", instruction("complete", ("drums", "bass"))),
    ],
)
def test_the_form_is_the_pipelines(words: Words) -> None:
    from diffusers import AceStepPipeline

    pipeline = AceStepPipeline.__new__(AceStepPipeline)
    theirs = pipeline._format_prompt(
        words.caption,
        words.lyrics,
        words.language,
        words.duration_s,
        words.instruction,
        words.bpm,
        words.keyscale,
        words.timesignature,
    )
    assert (words.text(), words.sung()) == theirs


@pytest.mark.parametrize("mode", ["text2music", "cover", "repaint", "extract", "lego", "complete"])
@pytest.mark.parametrize("tracks", [(), ("drums",)])
def test_instructions_are_the_pipelines(mode: str, tracks: tuple[str, ...]) -> None:
    from diffusers import AceStepPipeline

    name = tracks[0] if tracks else None
    theirs = AceStepPipeline._get_task_instruction(mode, name, list(tracks) or None)
    assert instruction(mode, tracks) == theirs
    assert instruction("complete", ("drums", "bass")) == "Complete the input track with DRUMS | BASS:"


def test_a_caption_never_pushes_tempo_and_key_out(turbo: ResidentModules) -> None:
    tokenizer = turbo.checkpoint.tokenizer()
    text, _ = tokens(Words("x" * 100, instruction("text2music"), 90), tokenizer)
    assert tokenizer.decode(text[0]).endswith("<|endoftext|>\n")
    with pytest.raises(RequestError, match="too long") as caught:
        tokens(Words("x" * 1000, instruction("text2music"), 90), tokenizer)
    assert caught.value.code == ErrorCode.BAD_PARAMS


def test_lyrics_have_their_limit(turbo: ResidentModules) -> None:
    tokenizer = turbo.checkpoint.tokenizer()
    with pytest.raises(RequestError, match="lyrics are too long"):
        tokens(Words("", instruction("text2music"), lyrics="x" * 2100), tokenizer)
    assert INSTRUMENTAL in Words("", instruction("text2music")).sung()
