"""Items of a REAPER project as clips, on as many timelines as they need.

The take that sounds is a clip on the first timeline where no other one is in its way; the further takes are disabled
clips on timelines of their own, as the format has no takes. Where an item fades in over the end of the one before it
for as long as both sound, the two are a crossfade of the format, on one timeline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bandmate_bridge.dawproject.arriving_audio import ArrivingAudio
from bandmate_bridge.dawproject.new_clips import AudioFile, NewClip, NewNote
from bandmate_bridge.export.audio_facts import audio_facts
from bandmate_bridge.export.losses import Losses
from bandmate_bridge.rpp import Item, Project, Take, TakeSource, Track
from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_bridge.rpp.items import take_parts
from bandmate_bridge.rpp.lines import as_float, readable_text
from bandmate_bridge.rpp.made_files import made_file
from bandmate_bridge.rpp.playable_item import ENVELOPES
from bandmate_bridge.rpp.unplayable_items import UnplayableItemError
from bandmate_bridge.rpp.write_like import take_sound

_SAME_SECONDS = 1e-6
_MIX_TO_MONO = 2
_MIDI_NOTES, _ALL_NOTES_OFF = (0x80, 0x90), 0x7B
_CONTROL = 0xB0


class ItemWriter:
    """Makes the clips of a project's items, and counts what they lose."""

    def __init__(self, project: Project, audio: ArrivingAudio, losses: Losses) -> None:
        self._project = project
        self._audio = audio
        self._losses = losses
        self._facts: dict[Path, AudioFile | None] = {}

    def lanes(self, track: Track) -> list[list[NewClip]]:
        """The clips of a track, timeline by timeline; the first ones sound.

        Raises RequestError (`engine_unavailable`) for audio that cannot be looked into here.
        """
        sounding: list[list[NewClip]] = [[]]
        further: dict[int, list[NewClip]] = {}
        for item in sorted(track.items, key=lambda one: one.chunk.number("POSITION")):
            self._count_item(item)
            takes = self._takes(track, item)
            if item.takes and not takes:
                continue
            chosen, *others = takes or [self._text_clip(item)]
            _lay(sounding, chosen)
            for number, clip in enumerate(others):
                further.setdefault(number, []).append(clip)
        lanes = [*sounding, *(lane for number in sorted(further) for lane in _apart(further[number]))]
        return [lane for lane in lanes if lane]

    def _takes(self, track: Track, item: Item) -> list[NewClip]:
        """A clip for each take that can be one, that which sounds first; none where that cannot."""
        parts = take_parts(item.chunk)
        made: list[NewClip] = []
        for take, part in sorted(zip(item.takes, parts, strict=True), key=lambda one: not one[0].chosen):
            clip = self._take_clip(track, item, take, part) if take.source else None
            if clip is None and take.chosen:
                if take.source is not None:
                    self._losses.left_out["takes beside one that cannot be written"] += len(item.takes) - 1
                return []
            if clip is not None:
                made.append(clip if take.chosen else replace(clip, enabled=False))
        return made

    def _take_clip(self, track: Track, item: Item, take: Take, part: RppChunk) -> NewClip | None:
        assert take.source is not None, "asked only for one that plays"
        plain = _plain_clip(item, take, part)
        if part.chunk("TAKEFX") is not None:
            self._losses.left_out["effects of takes"] += 1
        self._losses.left_out["envelopes of takes"] += sum(1 for _ in part.chunks(*ENVELOPES))
        if take.source.is_midi:
            return self._notes_clip(track, item, take, part, plain)
        return self._audio_clip(item, take, plain)

    def _notes_clip(
        self, track: Track, item: Item, take: Take, part: RppChunk, plain: NewClip
    ) -> NewClip | None:
        if not take.chosen:
            self._losses.left_out["further MIDI takes"] += 1
            return None
        try:
            played = self._project.played_notes(track, item)
        except UnplayableItemError:
            self._losses.left_out["MIDI items without their notes"] += 1
            return None
        self._losses.left_out["controllers, bends and pressure of MIDI items"] += _other_events(part)
        first = self._project.tempo_map.quarters_at(plain.start * self._project.sample_rate)
        notes = [
            NewNote(note.start - first, note.end - note.start, note.pitch, note.velocity, note.channel)
            for note in played
        ]
        return replace(plain, notes=notes)

    def _audio_clip(self, item: Item, take: Take, plain: NewClip) -> NewClip | None:
        source = take.source
        assert source is not None, "asked only for one that plays"
        reason = _unwritable(item, source)
        if reason:
            self._losses.left_out[reason] += 1
            return None
        audio = self._file_of(source, plain, take)
        if audio is None:
            self._losses.left_out["items whose file is no audio"] += 1
            return None
        if take.channel_mode:
            what = "mixed to mono" if take.channel_mode == _MIX_TO_MONO else "with chosen channels"
            self._losses.changed[f"items {what} play all channels"] += 1
        if plain.gain < 0:
            self._losses.changed["items with inverted polarity play upright"] += 1
        clip = replace(
            plain,
            audio=audio,
            gain=abs(plain.gain),
            offset=source.section_start_seconds + take.offset_seconds,
            rate=take.play_rate,
            keeps_pitch=take.preserve_pitch,
            semitones=take.pitch_semitones,
        )
        end = source.section_start_seconds + (
            source.section_seconds or audio.seconds - source.section_start_seconds
        )
        part_end = end if source.section_seconds is not None else None
        return _within_source(clip, source.section_start_seconds, end, part_end, loops=item.loops)

    def _file_of(self, source: TakeSource, plain: NewClip, take: Take) -> AudioFile | None:
        file = source.file
        if file is None:
            return None
        if source.offline or not made_file(file).is_file():
            self._losses.changed["items whose file is missing name it where it was"] += 1
            needed = take.offset_seconds + plain.length * take.play_rate + source.section_start_seconds
            return AudioFile(source.written, self._project.sample_rate, 2, max(needed, 1.0), external=True)
        if file not in self._facts:
            facts = audio_facts(file)
            self._facts[file] = self._audio.take_in(file, facts) if facts else None
        return self._facts[file]

    def _text_clip(self, item: Item) -> NewClip:
        """An empty item, named by its notes as REAPER shows them."""
        notes = item.chunk.chunk("NOTES")
        texts = [child.strip() for child in notes.children if isinstance(child, str)] if notes else []
        name = " / ".join(readable_text(text[1:]) for text in texts if text.startswith("|") and text[1:])
        return replace(_item_frame(item), name=name)

    def _count_item(self, item: Item) -> None:
        if item.plays_all_takes:
            self._losses.changed["items that play all their takes play one"] += 1
        self._losses.left_out["stretch markers of takes"] += sum(
            take.has_stretch_markers for take in item.takes
        )


def _item_frame(item: Item) -> NewClip:
    return NewClip(
        "",
        item.chunk.number("POSITION"),
        item.chunk.number("LENGTH"),
        fade_in=min(item.fade_in_seconds, item.chunk.number("LENGTH")),
        fade_out=min(item.fade_out_seconds, item.chunk.number("LENGTH")),
        enabled=not item.muted,
    )


def _plain_clip(item: Item, take: Take, part: RppChunk) -> NewClip:
    """A clip without content, as an item and one of its takes have it."""
    first = take_parts(item.chunk)[0]
    words = take_sound(part).volume.split()
    volume = as_float(words[1], 1.0) if len(words) > 1 else 1.0
    return replace(
        _item_frame(item),
        name=take.name,
        gain=as_float(first.word("VOLPAN", 0, "1"), 1.0) * volume,
        pan=min(max(as_float(words[0], 0.0), -1.0), 1.0) if words else 0.0,
    )


def _unwritable(item: Item, source: TakeSource) -> str:
    """Why a take cannot be a clip, as a kind in the plural; empty where it can."""
    if source.file is None:
        return f"items of the kind {source.kind}" if source.kind else "items without a source"
    if source.kind == "VIDEO":
        return "videos"
    if source.reversed:
        return "reversed items"
    return "items without a length" if item.chunk.number("LENGTH") <= 0 else ""


def _within_source(
    clip: NewClip, begin: float, end: float, part_end: float | None, *, loops: bool
) -> NewClip | None:
    """A clip that plays nothing beyond its source, which is a file from ``begin`` to ``end``: it loops there, or ends
    at ``part_end``, where a section does; None where nothing is left.
    """
    last = clip.offset + clip.length * clip.rate
    if loops and end > begin and (last > end + _SAME_SECONDS or clip.offset < begin):
        offset = begin + (clip.offset - begin) % (end - begin)
        return replace(clip, offset=offset, loop=(begin, end))
    if clip.offset < begin:
        silent = (begin - clip.offset) / clip.rate
        clip = replace(
            clip,
            start=clip.start + silent,
            length=clip.length - silent,
            offset=begin,
            fade_in=max(clip.fade_in - silent, 0.0),
        )
    if part_end is not None and last > part_end + _SAME_SECONDS:
        clip = replace(clip, length=(part_end - clip.offset) / clip.rate, fade_out=0.0)
    return clip if clip.length > _SAME_SECONDS else None


def _lay(lanes: list[list[NewClip]], clip: NewClip, *, may_cross: bool = True) -> None:
    """Puts a clip on the first timeline where it is in no other's way."""
    for lane in lanes:
        end = max((one.start + one.length for one in lane), default=0.0)
        if end <= clip.start + _SAME_SECONDS:
            lane.append(clip)
            return
        overlap = end - clip.start
        fits = abs(clip.fade_in - overlap) < _SAME_SECONDS and overlap < clip.length - _SAME_SECONDS
        before = lane[-1]
        if (
            may_cross
            and fits
            and before.start < clip.start
            and abs(before.start + before.length - end) < _SAME_SECONDS
        ):
            lane.append(replace(clip, crossfades=True))
            return
    lanes.append([clip])


def _apart(clips: Sequence[NewClip]) -> list[list[NewClip]]:
    """Clips that do not sound, on as many timelines as keep them apart."""
    lanes: list[list[NewClip]] = [[]]
    for clip in clips:
        _lay(lanes, clip, may_cross=False)
    return lanes


def _other_events(part: RppChunk) -> int:
    """How many events of a MIDI take are no notes."""
    source = part.chunk("SOURCE")
    count = 0
    for key in ("E", "e", "Em", "em"):
        for words in source.lines(key) if source else ():
            status, first = (_byte(words[at]) if len(words) > at else 0 for at in (1, 2))
            ends = status & 0xF0 == _CONTROL and first == _ALL_NOTES_OFF
            count += status & 0xF0 not in _MIDI_NOTES and not ends
    return count


def _byte(word: str) -> int:
    try:
        return int(word, 16) & 0xFF
    except ValueError:
        return 0
