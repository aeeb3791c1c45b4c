"""Scores for engines whose model reads them: a request's timeline as ABC or MusicXML.

The score has bars, tempo, metre, key, chord symbols, sections, and the notes of the timeline's `parts`.
"""

from __future__ import annotations

from bandmate_plugins._score.abc_writer import write_abc
from bandmate_plugins._score.from_timeline import score_of
from bandmate_plugins._score.musicxml_writer import write_musicxml
from bandmate_protocol.messages import Timeline


def timeline_abc(timeline: Timeline, title: str = "") -> str:
    """A timeline as ABC notation. Raises RequestError (`bad_params`) for a metre that cannot be written."""
    return write_abc(score_of(timeline, title))


def timeline_musicxml(timeline: Timeline, title: str = "") -> str:
    """A timeline as MusicXML. Raises RequestError (`bad_params`) for a metre that cannot be written."""
    return write_musicxml(score_of(timeline, title))
