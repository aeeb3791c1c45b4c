"""What the user says: a prompt, lyrics or an idea, and audio."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bandmate_protocol.texts import say
from bandmate_server.compat.chat.body import ChatMessage, ContentPart
from bandmate_server.compat.chat.data_url import AudioPart, read_audio_part
from bandmate_server.compat.chat.errors import FieldError

_PROMPT = re.compile(r"<prompt>(.*?)</prompt>", re.DOTALL | re.IGNORECASE)
_LYRICS = re.compile(r"<lyrics>(.*?)</lyrics>", re.DOTALL | re.IGNORECASE)
_MARKS = re.compile(r"\[(?:verse|chorus|bridge|intro|outro|hook|pre-chorus|refrain|inst)", re.IGNORECASE)
_VERSE_LINES = 4
_VERSE_LINE_CHARS = 60
"""So many lines that are shorter on average are taken for lyrics, as upstream does."""


@dataclass(frozen=True)
class Wish:
    """What the last message of the user says."""

    prompt: str = ""
    lyrics: str = ""
    is_tagged: bool = False
    """The message says which is which."""
    audio: tuple[AudioPart, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing was said and no audio came."""
        return not (self.prompt or self.lyrics or self.audio)


def read_messages(messages: Sequence[ChatMessage]) -> Wish:
    """What the last message of the user says. Raises FieldError for a part that cannot be read."""
    for number in range(len(messages) - 1, -1, -1):
        message = messages[number]
        if message.role == "user" and message.content:
            return _read_content(message.content, f"messages[{number}].content")
    return Wish()


def _read_content(content: str | list[ContentPart], where: str) -> Wish:
    if isinstance(content, str):
        prompt, lyrics, is_tagged = split_text(content)
        return Wish(prompt, lyrics, is_tagged)
    texts, audio = [], []
    for number, part in enumerate(content):
        if part.type == "text":
            texts.append((part.text or "").strip())
        elif part.type in ("input_audio", "audio_url"):
            audio.append(read_audio_part(part, f"{where}[{number}]"))
        else:
            raise FieldError(
                f"{where}[{number}].type",
                say("A part of the type `{type}` is not understood here.", type=part.type[:40]),
                "Send parts of the types `text` and `input_audio`.",
            )
    prompt, lyrics, is_tagged = split_text("\n".join(texts))
    return Wish(prompt, lyrics, is_tagged, tuple(audio))


def split_text(text: str) -> tuple[str, str, bool]:
    """A text as prompt and lyrics, and whether it has tags that say which is which."""
    prompt, lyrics = _PROMPT.search(text), _LYRICS.search(text)
    if prompt is None and lyrics is None:
        text = text.strip()
        return ("", text, False) if looks_like_lyrics(text) else (text, "", False)
    rest = text
    for found in filter(None, (prompt, lyrics)):
        rest = rest.replace(found[0], "")
    said = prompt[1].strip() if prompt else ""
    return said or rest.strip(), lyrics[1].strip() if lyrics else "", True


def looks_like_lyrics(text: str) -> bool:
    """Whether a text without tags has marks such as [Verse], or the short lines of a verse."""
    if _MARKS.search(text):
        return True
    lines = [line for line in (line.strip() for line in text.split("\n")) if line]
    return len(lines) >= _VERSE_LINES and sum(map(len, lines)) < _VERSE_LINE_CHARS * len(lines)
