"""Parameters of what is sung, shared by the tasks that make music."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

Lyrics = Annotated[
    str,
    Meta(
        max_length=4096,
        title="Lyrics",
        description="Lyrics to sing, with marks such as [Verse] and [Chorus]; nothing is sung if empty",
    ),
]

# fmt: off
LanguageCode = Literal[
    "unknown", "ar", "az", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "fa",
    "fi", "fr", "he", "hi", "hr", "ht", "hu", "id", "is", "it", "ja", "ko", "la",
    "lt", "ms", "ne", "nl", "no", "pa", "pl", "pt", "ro", "ru", "sa", "sk", "sr",
    "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "yue", "zh",
]
# fmt: on
"""The languages that ACE-Step 1.5 was trained on (ISO 639; `yue` is Cantonese)."""

Language = Annotated[LanguageCode, Meta(title="Language", description="Language of the lyrics, as a code")]
