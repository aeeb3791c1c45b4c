"""Which of the model's twelve tracks a prompt names."""

from __future__ import annotations

import re

from bandmate_plugins._tasks.separate import Track

_WORDS: dict[Track, str] = {
    "woodwinds": r"woodwinds?|flutes?|clarinets?|oboes?|bassoons?|saxophones?|sax",
    "brass": r"brass|trumpets?|trombones?|horns?|tubas?",
    "fx": r"fx|risers?|sweeps?|effects?",
    "synth": r"synths?|synthesi[sz]ers?|arpeggios?|pads?",
    "strings": r"strings?|violins?|violas?|cellos?|orchestra",
    "percussion": r"percussion|shakers?|tambourines?|congas?|bongos?|claps?|cowbells?",
    "keyboard": r"keyboards?|keys|pianos?|organs?|rhodes|wurlitzer|clavinet",
    "guitar": r"guitars?|banjo|ukulele",
    "bass": r"bass|basses|bassline|sub",
    "drums": r"drums?|drum kit|beats?|breakbeats?",
    "backing_vocals": r"(?:backing|background) vocals?|choir|harmonies",
    "vocals": r"(?<!backing )(?<!background )(?:vocals?|singer|singing|voice|rap)",
}
_PATTERNS: dict[Track, re.Pattern[str]] = {
    track: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for track, words in _WORDS.items()
}


def tracks_in_prompt(prompt: str) -> list[Track]:
    """The tracks that a prompt names, in the model's order."""
    # `bass guitar` is one instrument, and `string pad` strings.
    text = re.sub(r"\bbass guitars?\b", "bass", prompt, flags=re.IGNORECASE)
    text = re.sub(r"\bstrings? pads?\b", "strings", text, flags=re.IGNORECASE)
    return [track for track, pattern in _PATTERNS.items() if pattern.search(text)]


def track_title(track: Track) -> str:
    """A track's name for people."""
    return track.replace("_", " ").capitalize()


def stem_for_prompt(prompt: str) -> tuple[str, str]:
    """Name and role of the stem that a prompt makes: the one track that it names, else a mix."""
    found = tracks_in_prompt(prompt)
    return (track_title(found[0]), found[0]) if len(found) == 1 else ("Mix", "mix")
