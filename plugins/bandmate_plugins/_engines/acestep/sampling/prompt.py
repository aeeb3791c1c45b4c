"""The words that a rendering is conditioned on, in the exact form that the model was trained with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

TEXT_TOKENS = 256
LYRIC_TOKENS = 2048
INSTRUMENTAL = "[Instrumental]"
"""The lyrics of music in which nobody sings."""

INSTRUCTIONS = {
    "text2music": "Fill the audio semantic mask based on the given conditions:",
    "cover": "Generate audio semantic tokens based on the given conditions:",
    "repaint": "Repaint the mask area based on the given conditions:",
    "extract": "Extract the {track} track from the audio:",
    "lego": "Generate the {track} track based on the audio context:",
    "complete": "Complete the input track with {track}:",
}
_WITHOUT_TRACK = {
    "extract": "Extract the track from the audio:",
    "lego": "Generate the track based on the audio context:",
    "complete": "Complete the input track:",
}


def task_instruction(mode: str, tracks: tuple[str, ...] = ()) -> str:
    """What the model is told to do, by upstream's name of the task; tracks are named in capitals."""
    if mode in _WITHOUT_TRACK and not tracks:
        return _WITHOUT_TRACK[mode]
    return INSTRUCTIONS[mode].format(track=" | ".join(track.upper() for track in tracks))


@dataclass(frozen=True)
class PromptFields:
    """What is asked for in words. `bpm`, `timesignature` and `keyscale` are None where nobody decided."""

    caption: str
    instruction: str
    bpm: int | None = None
    timesignature: str | None = None
    keyscale: str | None = None
    duration_s: float = 30.0
    lyrics: str = INSTRUMENTAL
    language: str = "unknown"

    def text_prompt(self) -> str:
        """What the text encoder reads."""
        metas = (
            f"- bpm: {self.bpm or 'N/A'}\n"
            f"- timesignature: {self.timesignature or 'N/A'}\n"
            f"- keyscale: {self.keyscale or 'N/A'}\n"
            f"- duration: {int(self.duration_s)} seconds\n"
        )
        head = f"# Instruction\n{self.instruction}\n\n# Caption\n{self.caption}"
        return f"{head}\n\n# Metas\n{metas}<|endoftext|>\n"

    def lyric_prompt(self) -> str:
        """What the lyric encoder reads."""
        return f"# Languages\n{self.language}\n\n# Lyric\n{self.lyrics}<|endoftext|>"


def tokenize_prompt(words: PromptFields, tokenizer: Any) -> tuple[Any, Any]:
    """The token numbers of the text and of the lyrics, each of shape (1, tokens).

    Raises RequestError (`bad_params`) where the text is too long: the model would read only its beginning,
    and tempo, key and length stand at its end.
    """
    text = tokenizer(words.text_prompt(), return_tensors="pt").input_ids
    sung = tokenizer(words.lyric_prompt(), return_tensors="pt").input_ids
    if text.shape[1] > TEXT_TOKENS:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say(
                "The prompt is too long for ACE-Step: {shape} tokens with tempo, key and length, but only "
                "{text_tokens} fit.",
                shape=text.shape[1],
                text_tokens=TEXT_TOKENS,
            ),
            "Shorten it to about 150 words. Words to be sung belong in the lyrics.",
        )
    if sung.shape[1] > LYRIC_TOKENS:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say(
                "The lyrics are too long for ACE-Step: {shape} tokens, but only {lyric_tokens} fit.",
                shape=sung.shape[1],
                lyric_tokens=LYRIC_TOKENS,
            ),
            "Give only those of the selected range.",
        )
    return text, sung
