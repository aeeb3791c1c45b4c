"""What an answer says in words: the music's metadata, its lyrics, and what the musician should know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class MadeMusic:
    """What became of a request."""

    caption: str = ""
    bpm: float | None = None
    seconds: float | None = None
    key: str | None = None
    metre: str = ""
    lyrics: str = ""
    engine: str = ""
    seeds: tuple[int, ...] = ()
    remarks: Sequence[str] = ()


def describe_music(music: MadeMusic) -> str:
    """The Markdown of an answer, with the headings and the order that clients of ACE-Step's server read."""
    lines = [
        f"**{name}:** {value}"
        for name, value in (
            ("Caption", music.caption),
            ("BPM", f"{round(music.bpm, 2):g}" if music.bpm else ""),
            ("Duration", f"{round(music.seconds, 3):g}s" if music.seconds else ""),
            ("Key", music.key or ""),
            ("Time Signature", music.metre),
            ("Engine", music.engine),
            ("Seed", ", ".join(map(str, music.seeds))),
        )
        if value
    ]
    sections = ["## Metadata\n" + "\n".join(lines)] if lines else []
    if music.lyrics:
        sections.append(f"## Lyrics\n{music.lyrics}")
    if music.remarks:
        sections.append("## Remarks\n" + "\n".join(f"- {remark}" for remark in music.remarks))
    return "\n\n".join(sections)
