"""What an item plays, as far as the project says it, and whether Bandmate can hear the same.

A take's offset (`SOFFS`) is in seconds of its source; a take at play rate r runs through r seconds of it in
one second of the project. A section is a part of a file that is played as if it were a whole one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bandmate_bridge.rpp.items import Item, Take, chosen_part
from bandmate_bridge.rpp.take_reach import recording_reach
from bandmate_bridge.rpp.tracks import Track
from bandmate_bridge.rpp.unplayable_items import GLUE, check_playable
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.texts import say

_ODD_MODES = {1: (1, 0), 2: ()}
"""Swapped, and both to mono: that one is left to REAPER, which mixes what it is given."""
_FIRST_SINGLE, _FIRST_PAIR = 3, 67


@dataclass(frozen=True, slots=True)
class PlayableItem:
    """One item whose sounding take plays an audio file in a way that can be heard outside REAPER too.

    Times are exact seconds.
    """

    track: Track
    item: Item
    take: Take
    file: Path
    position: float
    """Where the item begins in the project."""
    length: float
    """Of the item."""
    section_start: float
    """Where in the file what is played begins; 0 unless the take plays a section."""
    section_seconds: float | None
    """Its length; to the end of the file when None."""
    reach: tuple[float, float]
    """From where to where in the project the same recording plays on, in this item and in those beside it."""

    @property
    def end(self) -> float:
        """Where the item ends in the project."""
        return self.position + self.length

    @property
    def channels(self) -> tuple[int, ...]:
        """Which channels of the file sound, in that order; empty for all of them."""
        return channels_of(self.take.channel_mode)

    @property
    def is_downmixed(self) -> bool:
        """REAPER mixes the channels to one after the file was read."""
        return self.take.channel_mode == 2

    @property
    def is_varispeed(self) -> bool:
        """It plays faster or slower, and higher or lower with it."""
        return self.take.play_rate != 1.0


def channels_of(mode: int) -> tuple[int, ...]:
    """The channels that a channel mode chooses (3 the first alone, 4 the second, ...; 67 the first pair)."""
    if mode in _ODD_MODES:
        return _ODD_MODES[mode]
    if mode >= _FIRST_PAIR:
        return mode - _FIRST_PAIR, mode - _FIRST_PAIR + 1
    return (mode - _FIRST_SINGLE,) if mode >= _FIRST_SINGLE else ()


def resolve_item(track: Track, item: Item, tempo: TempoMap, take: Take | None = None) -> PlayableItem:
    """The item as Bandmate hears it, by the take that sounds or by another ``take`` of it.

    ``tempo`` is the project's, for the sentences. Raises RequestError (`input_unusable`, `file_unusable`)
    that names what stands in the way and what would work.
    """
    where = f"The item on {track.title} at {item_bar_text(item, tempo)}"
    take = take or item.take
    file = check_playable(where, item, take)
    assert take is not None, "what can be heard has a take"
    assert take.source is not None, "and that a source"
    source = take.source
    return PlayableItem(
        track,
        item,
        take,
        file,
        position=item.chunk.number("POSITION"),
        length=item.chunk.number("LENGTH"),
        section_start=source.section_start_seconds,
        section_seconds=source.section_seconds,
        reach=recording_reach(track.items, item, take),
    )


def playback_remarks(heard: Sequence[PlayableItem], tempo: TempoMap) -> list[str]:
    """How items are heard that REAPER plays by a stretcher of its own."""
    changed = [(one, one.take.change_text) for one in heard if one.take.change_text]
    if len(changed) == 1:
        ((one, how),) = changed
        return [
            say(
                "The item on {title} at {item_bar_text} {how}; Bandmate reads it like that.",
                title=one.track.title,
                item_bar_text=item_bar_text(one.item, tempo),
                how=how,
            )
        ]
    if changed:
        return [
            say(
                "{count} of the items are stretched or pitch-shifted; Bandmate reads them like that.",
                count=len(changed),
            )
        ]
    return []


def check_splittable(heard: PlayableItem, tempo: TempoMap) -> None:
    """Raises RequestError (`input_unusable`) for an item that would play otherwise once it is split."""
    heard.track.check_writable()
    where = f"The item on {heard.track.title} at {item_bar_text(heard.item, tempo)}"
    if any(take.source is not None and take.source.is_midi for take in heard.item.takes):
        raise _unusable_error(say("{where} has a MIDI take, which Bandmate cannot split.", where=where), GLUE)
    if heard.take.change_text:
        raise _unusable_error(
            say("{where} {change_text}.", where=where, change_text=heard.take.change_text), GLUE
        )
    if any(take.has_stretch_markers for take in heard.item.takes):
        raise _unusable_error(say("{where} has another take with stretch markers.", where=where), GLUE)
    if heard.is_varispeed and list(chosen_part(heard.item.chunk).chunks("TAKEFX", *ENVELOPES)):
        raise _unusable_error(
            say(
                "{where} plays at {play_rate:g} times its speed and has envelopes or effects.",
                where=where,
                play_rate=heard.take.play_rate,
            ),
            GLUE,
        )


ENVELOPES = ("VOLENV", "PANENV", "MUTEENV", "PITCHENV")
"""The envelopes of a take."""


def item_bar_text(item: Item, tempo: TempoMap) -> str:
    """Bar and beat where an item begins, for a sentence."""
    bar, beat = tempo.bar_beat_at(item.start_frame)
    return f"{bar}.{int(beat + 1e-6) + 1}"


def overlapping_items(items: Sequence[Item], start: float, end: float, sample_rate: int) -> list[Item]:
    """The items that sound somewhere in a span of seconds, by more than a frame."""
    frame = 1.0 / sample_rate
    found = []
    for item in items:
        position = item.chunk.number("POSITION")
        if position < end - frame and position + item.chunk.number("LENGTH") > start + frame:
            found.append(item)
    return found


def _unusable_error(sentence: str, remedy: str) -> RequestError:
    return RequestError(ErrorCode.INPUT_UNUSABLE, sentence, remedy)
