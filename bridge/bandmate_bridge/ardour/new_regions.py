"""Regions of what Bandmate made, with the sources that they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bandmate_bridge.ardour.media_sources import SourceFile
from bandmate_bridge.ardour.new_elements import (
    Ids,
    NewRegion,
    NewSource,
    region_element,
    source_element,
)
from bandmate_bridge.ardour.read_regions import VisiblePart
from bandmate_bridge.ardour.session_clock import SessionClock
from bandmate_bridge.ardour.session_notes import write_notes
from bandmate_bridge.audiofiles.wav_patch import read_layout
from bandmate_bridge.rpp import Item, NewMidi, NewStem, NewTake
from bandmate_bridge.rpp.media_files import reserve_media_file
from bandmate_bridge.rpp.write_like import item_gain
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.texts import say


class RegionMaker:
    """Makes the regions of one change of a session; `added` has the sources that come with them."""

    def __init__(
        self, clock: SessionClock, rate: int, folder: Path, sources: Mapping[str, SourceFile], ids: Ids
    ) -> None:
        """``folder``: of the session's audio files."""
        self.added: dict[str, list[str]] = {"Sources": [], "Regions": []}
        self.ids = ids
        self._clock, self._rate, self._folder = clock, rate, folder
        self._known = {(one.name, one.channel): int(one.id) for one in sources.values() if one.id.isdecimal()}

    def superclock(self, frame: float) -> int:
        """A frame of the session in superclocks."""
        return round(frame * self._clock.superclocks / self._rate)

    def superclock_of(self, seconds: float) -> int:
        """A time in superclocks."""
        return round(seconds * self._clock.superclocks)

    def stem_regions(self, stem: NewStem) -> list[NewRegion]:
        """A region for each take of a stem, the chosen one first."""
        start, end = self.superclock(stem.start_frame), self.superclock(stem.start_frame + stem.frames)
        region = NewRegion(
            "",
            start,
            end - start,
            0,
            (),
            fade_in=self.superclock_of(stem.fade_in_seconds),
            fade_out=self.superclock_of(stem.fade_out_seconds),
        )
        if stem.like is not None:
            region = self._like(region, stem.like)
        chosen = sorted(enumerate(stem.takes), key=lambda one: one[0] != stem.chosen)
        return [self._played(region, take) for _, take in chosen]

    def _like(self, region: NewRegion, item: Item) -> NewRegion:
        """A region with the gain of an item, and its fades where both begin or end together."""
        frame = self._clock.superclocks / self._rate
        position = item.chunk.number("POSITION") * self._clock.superclocks
        end = position + item.chunk.number("LENGTH") * self._clock.superclocks
        begins = abs(region.position - position) <= frame
        ends = abs(region.position + region.length - end) <= frame
        return replace(
            region,
            gain=item_gain(item) if item.takes else 1.0,
            fade_in=self.superclock_of(item.fade_in_seconds) if begins else 0,
            fade_out=self.superclock_of(item.fade_out_seconds) if ends else 0,
        )

    def take_region(self, take: NewTake, part: VisiblePart, span: tuple[int, int]) -> NewRegion:
        """A take in a part of a region, as loud as that, with its fades at the ends that it has."""
        region = part.region
        made = NewRegion(
            "",
            span[0],
            span[1] - span[0],
            0,
            (),
            fade_in=round(region.fade_in) if span[0] == round(region.start) else 0,
            fade_out=round(region.fade_out) if span[1] == round(region.end) else 0,
            gain=region.gain,
            layer=region.layer,
        )
        return self._played(made, take)

    def _played(self, region: NewRegion, take: NewTake) -> NewRegion:
        return replace(
            region,
            name=take.name,
            offset=self.superclock_of(take.offset_seconds),
            sources=tuple(self._audio_sources(take.file)),
        )

    def _audio_sources(self, file: Path) -> list[int]:
        """The ids of the channels of a file, which comes into the session if it is new there."""
        layout = read_layout(file)
        if layout.sample_rate != self._rate:
            raise RequestError(
                ErrorCode.INPUT_UNUSABLE,
                say(
                    "{name} is at {rate} Hz, and Ardour would play it at the {own} Hz of the session.",
                    name=file.name,
                    rate=layout.sample_rate,
                    own=self._rate,
                ),
                "Import the file in Ardour, which converts it.",
            )
        inside = file.parent.resolve() == self._folder.resolve()
        name = file.name if inside else str(file.resolve())
        channels = range(layout.channels)
        if all((name, channel) in self._known for channel in channels):
            return [self._known[name, channel] for channel in channels]
        found = [NewSource(next(self.ids), name, channel) for channel in channels]
        whole = NewRegion(file.stem, 0, self.superclock(layout.frames), 0, tuple(one.id for one in found))
        self._add(found, whole)
        return [one.id for one in found]

    def _add(self, sources: list[NewSource], whole: NewRegion) -> None:
        self.added["Sources"] += [source_element(one) for one in sources]
        self.added["Regions"].append(region_element(whole, self.ids, whole_file=True))
        self._known |= {(one.name, one.channel): one.id for one in sources}

    def notes_region(self, part: NewMidi, folder: Path, tempo: TempoMap) -> NewRegion:
        """A region of a new MIDI file in a folder."""
        file = reserve_media_file(folder, part.name, "", ".mid")
        try:
            write_notes(file, part, tempo)
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        start, end = (
            round(self._clock.ticks_at(self.superclock(frame)))
            for frame in (part.start_frame, part.start_frame + part.frames)
        )
        source = NewSource(next(self.ids), file.name, kind="midi")
        length = max(end - start, 1)
        region = NewRegion(part.name, start, length, 0, (source.id,), kind="midi")
        self._add([source], replace(region, position=0))
        return region

    def end_of(self, region: NewRegion) -> int:
        """Where a region ends, in superclocks."""
        end = region.position + region.length
        return end if region.kind == "audio" else round(self._clock.superclock_at(end))

    def start_of(self, region: NewRegion) -> float:
        """Where a region begins, in seconds."""
        at = region.position if region.kind == "audio" else self._clock.superclock_at(region.position)
        return self._clock.seconds(at)
