"""The planner's tokens: text, marks and audio codes, read from `tokenizer.json`.

That file is read as it is: transformers' tokenizers take minutes where a checkpoint lists its 64 000 codes as extra
special tokens. Text is encoded without the marks, so lyrics that contain `<|im_end|>` cannot end a turn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

AUDIO_CODES = 64_000
"""How many audio codes the model was trained with; the vocabulary has room for more."""
CODES_PER_SECOND = 5
_TEXT_ALONE: Mapping[str, Any] = {
    "added_tokens": [],
    "post_processor": None,
    "padding": None,
    "truncation": None,
}
"""What is replaced in a tokenizer's description, so that it neither adds nor reads anything but text."""
_MARKS = ("<|im_start|>", "<|im_end|>", "<think>", "</think>")


class PlannerVocabulary:
    """Text to tokens and back, and what each token looks like."""

    def __init__(self, tokenizer_json: str) -> None:
        """Raises ValueError or KeyError where marks or audio codes are missing."""
        from tokenizers import Tokenizer

        described = json.loads(tokenizer_json)
        added = {entry["content"]: int(entry["id"]) for entry in described["added_tokens"]}
        text_ids: Mapping[str, int] = described["model"]["vocab"]
        self._text = Tokenizer.from_str(json.dumps({**described, **_TEXT_ALONE}))
        known: dict[str, int] = dict(text_ids) | added
        self.turn_start, self.turn_end, self.think_start, self.think_end = (known[mark] for mark in _MARKS)
        self.first_code = known["<|audio_code_0|>"]
        last = known[f"<|audio_code_{AUDIO_CODES - 1}|>"]
        if last - self.first_code != AUDIO_CODES - 1:
            raise ValueError("its audio codes are not numbered one after the other")
        self._pieces = {number: piece for piece, number in text_ids.items() if number not in added.values()}
        if max(self._pieces) >= self.first_code or self.turn_end >= self.first_code:
            raise ValueError("its audio codes do not come last")

    @classmethod
    def read_folder(cls, folder: Path) -> PlannerVocabulary:
        """That of a checkpoint. Raises OSError, ValueError or KeyError."""
        return cls((folder / "tokenizer.json").read_text(encoding="utf-8"))

    @property
    def code_end(self) -> int:
        """One past the last audio code."""
        return int(self.first_code) + AUDIO_CODES

    def encode_text(self, text: str) -> list[int]:
        """Tokens of text; marks and codes in it are text like any other."""
        ids: list[int] = self._text.encode(text, add_special_tokens=False).ids
        return ids

    def decode_text(self, tokens: Sequence[int]) -> str:
        """The text of tokens, without marks, codes, and characters of which a part is missing."""
        raw = b"".join(self.text_bytes(token) for token in tokens)
        return raw.decode("utf-8", "ignore")

    def text_bytes(self, token: int) -> bytes:
        """The bytes that a token stands for; none for marks and codes."""
        piece = self._pieces.get(token)
        return b"" if piece is None else bytes(map(_byte_values().__getitem__, piece))

    def audio_codes(self, tokens: Sequence[int]) -> list[int]:
        """The numbers of the audio codes among tokens, 0 to 63 999."""
        return [token - self.first_code for token in tokens if self.first_code <= token < self.code_end]

    def code_tokens(self, codes: Sequence[int]) -> list[int]:
        """The tokens of audio codes."""
        return [self.first_code + code for code in codes]

    @cached_property
    def shapes(self) -> TokenShapes:
        """What every token below the codes looks like, worked out once."""
        return TokenShapes([self.text_bytes(token) for token in range(self.first_code)])


class TokenShapes:
    """Arrays over the tokens of text, for grammars: where newlines and spaces are in each."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        size = len(texts)
        self.usable: NDArray[np.bool_] = np.fromiter(map(_is_usable, texts), np.bool_, size)
        """No mark, no control character but newlines, no backtick."""
        self.newlines = np.fromiter((text.count(b"\n") for text in texts), np.int16, size)
        self.ends_line = np.fromiter((text.endswith(b"\n") for text in texts), np.bool_, size)
        self.indent = np.fromiter((len(text) - len(text.lstrip(b" ")) for text in texts), np.int16, size)
        """Spaces that it begins with."""
        self.blank = np.fromiter((not text.strip(b" ") for text in texts), np.bool_, size)
        """Nothing but spaces."""


def _is_usable(text: bytes) -> bool:
    newline, delete, backtick = 10, 127, ord("`")
    return bool(text) and not any(
        byte in (delete, backtick) or (byte < ord(" ") and byte != newline) for byte in text
    )


@lru_cache(maxsize=1)
def _byte_values() -> dict[str, int]:
    """Bytes by the characters that byte-level BPE writes for them: printable ones stand for themselves."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {
        chr(256 + place): byte for place, byte in enumerate(others)
    }
