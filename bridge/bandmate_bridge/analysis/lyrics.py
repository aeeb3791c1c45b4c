"""Lyrics of an analysis as texts that lie in the project."""

from __future__ import annotations

import re

from bandmate_bridge.analysis.report import AnalysisReport
from bandmate_bridge.rpp import NewText

_MARK = re.compile(r"^\s*\[[^\]]+\]\s*$")
"""A line that names a section, such as `[Chorus]`."""


def lyric_texts(report: AnalysisReport) -> list[NewText]:
    """The lyrics by section where there are as many of them as sections were detected, else in one text.

    A planner hears words but not when they are sung.
    """
    lyrics = report.song.lyrics.strip() if report.song else ""
    if not lyrics:
        return []
    blocks, sections = split_sections(lyrics), report.sections
    if len(blocks) != len(sections) or len(sections) < 2:
        return [NewText(lyrics, report.start_frame, report.frames)]
    return [
        NewText(block, one.start_frame, one.end_frame - one.start_frame)
        for block, one in zip(blocks, sections, strict=True)
    ]


def split_sections(lyrics: str) -> list[str]:
    """The sections of lyrics, each with its mark; lines before the first mark are one of their own."""
    blocks: list[list[str]] = [[]]
    for line in lyrics.splitlines():
        if _MARK.match(line) and any(blocks[-1]):
            blocks.append([])
        blocks[-1].append(line)
    return [text for block in blocks if (text := "\n".join(block).strip())]
