"""The words: upstream's exact form, and what does not fit."""

from __future__ import annotations

import pytest

from bandmate_plugins._engines.acestep.sampling.modules import ResidentModules
from bandmate_plugins._engines.acestep.sampling.prompt import (
    INSTRUMENTAL,
    PromptFields,
    task_instruction,
    tokenize_prompt,
)
from bandmate_protocol.errors import ErrorCode, RequestError


@pytest.mark.parametrize(
    "words",
    [
        PromptFields("lo-fi", task_instruction("repaint"), 90, "4", "C major", 12.9, "la", "en"),
        PromptFields("", task_instruction("complete", ("drums", "bass"))),
    ],
)
def test_the_form_is_the_pipelines(words: PromptFields) -> None:
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
    assert (words.text_prompt(), words.lyric_prompt()) == theirs


@pytest.mark.parametrize("mode", ["text2music", "cover", "repaint", "extract", "lego", "complete"])
@pytest.mark.parametrize("tracks", [(), ("drums",)])
def test_instructions_are_the_pipelines(mode: str, tracks: tuple[str, ...]) -> None:
    from diffusers import AceStepPipeline

    name = tracks[0] if tracks else None
    theirs = AceStepPipeline._get_task_instruction(mode, name, list(tracks) or None)
    assert task_instruction(mode, tracks) == theirs
    assert task_instruction("complete", ("drums", "bass")) == "Complete the input track with DRUMS | BASS:"


def test_a_caption_never_pushes_tempo_and_key_out(turbo: ResidentModules) -> None:
    tokenizer = turbo.checkpoint.load_tokenizer()
    text, _ = tokenize_prompt(PromptFields("x" * 100, task_instruction("text2music"), 90), tokenizer)
    assert tokenizer.decode(text[0]).endswith("<|endoftext|>\n")
    with pytest.raises(RequestError, match="too long") as caught:
        tokenize_prompt(PromptFields("x" * 1000, task_instruction("text2music"), 90), tokenizer)
    assert caught.value.code == ErrorCode.BAD_PARAMS


def test_lyrics_have_their_limit(turbo: ResidentModules) -> None:
    tokenizer = turbo.checkpoint.load_tokenizer()
    with pytest.raises(RequestError, match="lyrics are too long"):
        tokenize_prompt(PromptFields("", task_instruction("text2music"), lyrics="x" * 2100), tokenizer)
    assert INSTRUMENTAL in PromptFields("", task_instruction("text2music")).lyric_prompt()
