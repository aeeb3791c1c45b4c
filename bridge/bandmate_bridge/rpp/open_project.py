"""The project that REAPER has open, as REAPER describes it: ranges, tracks and items without a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bandmate_bridge.rpp import settings
from bandmate_bridge.rpp.chunks import RppChunk, RppDocument, draft_chunk, parse_items
from bandmate_bridge.rpp.items import read_item
from bandmate_bridge.rpp.lines import number_text
from bandmate_bridge.rpp.markers import Marker
from bandmate_bridge.rpp.project import Project
from bandmate_bridge.rpp.read_midi import MidiPools, read_pools
from bandmate_bridge.rpp.tempo_envelope import TempoEnvelope
from bandmate_bridge.rpp.tracks import Track
from bandmate_protocol.tempo import TempoMap


@dataclass(frozen=True, slots=True)
class OpenTrack:
    """A track of an open project."""

    guid: str
    name: str
    items: Sequence[str] = ()
    """Each as the text that REAPER saves for it."""
    selected: bool = False
    muted: bool = False
    gain: float = 1.0
    """The factor at which it plays, with its pan and the folders around it."""


class OpenProject(Project):
    """A project to read from. REAPER itself changes it, so that it cannot be saved here."""

    def __init__(
        self,
        path: Path,
        *,
        sample_rate: int,
        tempo: TempoEnvelope,
        tracks: Sequence[OpenTrack] = (),
        selection_seconds: tuple[float, float] | None = None,
        cursor_seconds: float = 0.0,
        markers: Sequence[Marker] = (),
    ) -> None:
        """``path``: its file, or where an unsaved one would be. Raises RequestError (`not_a_project`)."""
        self.path = path
        self.rate = settings.ProjectRate(sample_rate, fixed=True)
        self.ruler_start = tempo.ruler_start
        self.tempo_map = tempo.tempo_map(sample_rate)
        self._tempo = tempo
        self._tracks = tuple(self._read_track(number, track) for number, track in enumerate(tracks, 1))
        begin, end = selection_seconds or (0.0, 0.0)
        self._selection = settings.span_between(begin, end, sample_rate)
        self._markers = tuple(markers)
        self._cursor = settings.cursor_frame(cursor_seconds, sample_rate)
        self._document = RppDocument(RppChunk("<REAPER_PROJECT"))
        self._read = None

    def tempo_at(self, sample_rate: int) -> TempoMap:
        """The tempo map in frames at another rate."""
        return self._tempo.tempo_map(sample_rate)

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The tracks that REAPER told of, numbered in their order."""
        return self._tracks

    @property
    def markers(self) -> tuple[Marker, ...]:
        """Those that REAPER told of."""
        return self._markers

    @property
    def time_selection(self) -> settings.FrameSpan | None:
        """None when nothing is selected."""
        return self._selection

    @property
    def cursor(self) -> int:
        """The edit cursor's frame."""
        return self._cursor

    def encode(self) -> bytes:
        """Raises TypeError: there is no file."""
        raise TypeError("REAPER holds the open project; only a project file can be encoded")

    def _midi_pools(self) -> MidiPools:
        return read_pools(track.chunk for track in self._tracks)

    def _read_track(self, number: int, track: OpenTrack) -> Track:
        chunks = [chunk for text in track.items for chunk in parse_items(text, self.path.name)]
        return Track(
            number=number,
            guid=track.guid or f"track-{number}",
            name=track.name,
            colour=None,
            depth=0,
            is_folder=False,
            selected=track.selected,
            muted=track.muted,
            items=tuple(read_item(chunk, self.sample_rate, self._folder_path) for chunk in chunks),
            chunk=draft_chunk("TRACK", f"VOLPAN {number_text(track.gain)} 0 -1 -1 1", *chunks),
        )
