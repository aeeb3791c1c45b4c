"""A REAPER project file in hand: what is in it, what can be added, and saving it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from bandmate_bridge.rpp import settings
from bandmate_bridge.rpp.chunks import RppChunk, RppDocument, parse_project
from bandmate_bridge.rpp.insertions import NewMidi, NewPart, NewStem, NewTake, NewText
from bandmate_bridge.rpp.item_place import ItemPlace, find_placed, place_item
from bandmate_bridge.rpp.items import Item, read_item
from bandmate_bridge.rpp.markers import Marker, read_markers
from bandmate_bridge.rpp.media_files import media_folder, reserve_media_file
from bandmate_bridge.rpp.open_elsewhere import reaper_is_running
from bandmate_bridge.rpp.playable_item import PlayableItem, item_bar_text
from bandmate_bridge.rpp.positions import (
    MAX_LENGTH_SECONDS,
    check_range,
    end_after,
    exact_position,
    parse_position,
)
from bandmate_bridge.rpp.read_midi import MidiPools, PlayedNote, played_notes, read_pools
from bandmate_bridge.rpp.ruler import read_ruler_start, time_text
from bandmate_bridge.rpp.save import SavedBackup, create_project, read_project, replace_project, writable_mode
from bandmate_bridge.rpp.tempo_envelope import read_tempo_map
from bandmate_bridge.rpp.track_names import TakenNames
from bandmate_bridge.rpp.tracks import Track, find_track, read_tracks
from bandmate_bridge.rpp.write_items import audio_item, mute_item, next_iid
from bandmate_bridge.rpp.write_markers import insert_markers, insert_tempo
from bandmate_bridge.rpp.write_midi import midi_item
from bandmate_bridge.rpp.write_parts import add_takes_like, insert_parts
from bandmate_bridge.rpp.write_text import insert_texts
from bandmate_bridge.rpp.write_tracks import (
    append_tracks,
    as_folder,
    insert_item,
    insert_tracks_below,
    new_track,
)
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap, nearest_frame
from bandmate_protocol.texts import say


class Project:
    """A project file that was read, or is yet to be written. Times are in frames at the project's sample
    rate.

    What is read is a picture of the moment: ask again for `tracks` after a change. Nothing reaches the disk
    before `save`.
    """

    daw = "REAPER"
    """The DAW whose format it is."""

    def __init__(self, path: Path, document: RppDocument, read: bytes | None) -> None:
        self.path = path
        self._document = document
        self._read = read
        self.rate = settings.read_rate(document.root)
        self.ruler_start = read_ruler_start(document.root)
        """What REAPER's ruler shows at frame 0, in seconds."""
        self.tempo_map: TempoMap = read_tempo_map(document.root, self.rate.hertz)

    @classmethod
    def load(cls, path: Path | str) -> Project:
        """Reads a project. Raises RequestError (`file_unusable`, `not_a_project`)."""
        path = Path(path)
        data = read_project(path)
        return cls(path, parse_project(data, path.name), data)

    def tempo_at(self, sample_rate: int) -> TempoMap:
        """The tempo map in frames at another rate."""
        return read_tempo_map(self._document.root, sample_rate)

    @property
    def root(self) -> RppChunk:
        """All that the project says, as chunks and lines."""
        return self._document.root

    @property
    def sample_rate(self) -> int:
        """Hertz; `rate` says whether the project fixes it."""
        return self.rate.hertz

    @property
    def tracks(self) -> tuple[Track, ...]:
        """All tracks in order."""
        return read_tracks(self._document.root, self.sample_rate, self._folder_path)

    @property
    def markers(self) -> tuple[Marker, ...]:
        """Markers and regions."""
        return read_markers(self._document.root, self.sample_rate)

    @property
    def time_selection(self) -> settings.FrameSpan | None:
        """None when nothing is selected."""
        return settings.read_span(self._document.root, "SELECTION", self.sample_rate)

    @property
    def looping(self) -> bool:
        """Playback repeats the loop."""
        return self._document.root.integer("LOOP") != 0

    @property
    def cursor(self) -> int:
        """The edit cursor's frame."""
        return settings.read_cursor(self._document.root, self.sample_rate)

    def find_track(self, wanted: str) -> Track:
        """The track of that name, number from 1, or id. Raises RequestError (`no_such_track`,
        `ambiguous_track`).
        """
        return find_track(self.tracks, wanted)

    def find_item(self, guid: str, track: str = "") -> Item | None:
        """The item of that id, wherever it lies by now; of several, the one on the ``track`` of that id."""
        found = [(each, item) for each in self.tracks for item in each.items if item.guid == guid]
        if len(found) > 1:
            found = [(each, item) for each, item in found if each.guid == track]
        return found[0][1] if len(found) == 1 else None

    def track_of(self, item: Item) -> Track:
        """The track that an item lies on."""
        return next(track for track in self.tracks if any(one.chunk is item.chunk for one in track.items))

    def item_place(self, track: Track, item: Item) -> ItemPlace:
        """Where an item lies, for `find_placed` once the project was read anew."""
        return place_item(self.tracks, track, item)

    def find_placed(self, place: ItemPlace) -> tuple[Track, Item] | None:
        """The item of a place and its track; None where it is not there any more as it was."""
        return find_placed(self.tracks, place)

    def played_notes(self, track: Track, item: Item, *, as_played: bool = False) -> list[PlayedNote]:
        """The notes of the take of an item that sounds, where it plays MIDI; none where it does not.

        `as_played`: with the sustain pedal, else as long as the keys are held.

        Raises UnheardError where they are not in the project or cannot be read.
        """
        take = item.take
        if take is None or take.source is None or not take.source.is_midi:
            return []
        where = f"The item on {track.title} at {item_bar_text(item, self.tempo_map)}"
        return played_notes(item, take, self.tempo_map, self._midi_pools(), where, as_played=as_played)

    def position(self, at: str) -> int:
        """The frame that a position such as `9.1` or `12.5s` names. Raises RequestError (`bad_position`)."""
        return parse_position(at, self.tempo_map, self.ruler_start)

    def range(
        self,
        at: str | None = None,
        *,
        bars: float | None = None,
        beats: float | None = None,
        seconds: float | None = None,
        end: str | None = None,
        key: str | None = None,
        context_before_frames: int = 0,
        context_after_frames: int = 0,
        limit_frames: int | None = None,
    ) -> Timeline:
        """The timeline from a position over one length, or to the position ``end``.

        Without any of them, the project's time selection. Raises RequestError (`bad_position`).
        """
        start, stop = self._frame_span(at, end, bars, beats, seconds, limit_frames)
        return self.tempo_map.timeline_between(
            start,
            stop,
            key=key,
            context_before_frames=min(context_before_frames, start),
            context_after_frames=context_after_frames,
        )

    def range_at_cursor(self, bars: float) -> Timeline:
        """So many bars from the bar at the edit cursor on.

        Raises RequestError (`bad_position`) where that is out of reach.
        """
        if self.cursor > MAX_LENGTH_SECONDS * self.sample_rate:
            shown = time_text(self.cursor / self.sample_rate + self.ruler_start)
            raise RequestError(
                ErrorCode.BAD_POSITION,
                say(
                    "The edit cursor is at {shown}, over {max_length_seconds} hours into the project.",
                    shown=shown,
                    max_length_seconds=MAX_LENGTH_SECONDS // 3600,
                ),
                "Move it to where the music should go, or select the time in REAPER.",
            )
        bar, _ = self.tempo_map.bar_beat_at(self.cursor)
        return self.range(str(bar), bars=bars)

    def range_in_view(self, bars: float) -> Timeline:
        """What is selected, else the bars from the edit cursor's on, else those from the project's start."""
        try:
            return self.range() if self.time_selection else self.range_at_cursor(bars)
        except RequestError:
            return self.tempo_map.timeline_between(0, end_after(0.0, self.tempo_map, bars=bars))

    def _frame_span(
        self,
        at: str | None,
        end: str | None,
        bars: float | None,
        beats: float | None,
        seconds: float | None,
        limit_frames: int | None,
    ) -> tuple[int, int]:
        lengths = [length for length in (bars, beats, seconds) if length is not None]
        if at is None and end is None and not lengths and self.time_selection:
            span = self.time_selection
            check_range(span.start_frame, span.end_frame, self.sample_rate, limit_frames)
            return span.start_frame, span.end_frame
        if at is None:
            raise RequestError(
                ErrorCode.BAD_POSITION,
                "No start position given"
                + ("." if self.time_selection else ", and the project has no time selection."),
                "Give --at, such as --at 9.1 --bars 8.",
            )
        exact = exact_position(at, self.tempo_map, self.ruler_start)
        start = nearest_frame(exact)
        if end is None:
            return start, end_after(
                exact, self.tempo_map, bars=bars, beats=beats, seconds=seconds, limit_frames=limit_frames
            )
        if lengths:
            raise RequestError(
                ErrorCode.BAD_POSITION, "A range has either an end or a length.", "Give only one of them."
            )
        stop = self.position(end)
        check_range(start, stop, self.sample_rate, limit_frames)
        return start, stop

    def insert_stems(
        self,
        stems: Sequence[NewStem],
        *,
        folder: str | None = None,
        track: Track | None = None,
        below: Track | None = None,
    ) -> tuple[Item, ...]:
        """Adds each stem as an item: on a new track of its own, or all of them on a ``track`` of the project.

        ``folder`` puts the new tracks into a new folder of that name; they come last in the project, or right
        ``below`` a track. Returns the items in order.
        """
        iid = next_iid(self._document.root)
        items = [
            audio_item(stem, self.sample_rate, self._folder_path, iid + index)
            for index, stem in enumerate(stems)
        ]
        return self._place_items([(stem.name, stem.colour) for stem in stems], items, folder, track, below)

    def insert_parts(self, heard: PlayableItem, parts: Sequence[NewPart]) -> tuple[Item, ...]:
        """Splits an item where parts begin and end and adds each as takes of its piece, the first of which
        sounds; returns these pieces. What lies outside plays as before.

        Raises RequestError (`bad_position`) where that would change one of the item's fades.
        """
        pieces = insert_parts(self._document, heard, parts, self._folder_path)
        return tuple(read_item(piece, self.sample_rate, self._folder_path) for piece in pieces)

    def add_takes_like(self, item: Item, takes: Sequence[NewTake]) -> Item:
        """Adds takes after those that an item has, played as the one that sounds now; the first of them will
        sound. Returns the item as it is now.
        """
        add_takes_like(item.chunk, takes, self._folder_path, self._document.newline)
        return read_item(item.chunk, self.sample_rate, self._folder_path)

    def insert_markers(self, markers: Sequence[Marker]) -> None:
        """Adds markers and regions (those with an end) under free numbers, whatever numbers they have."""
        insert_markers(self._document, markers, self.sample_rate)

    def insert_texts(self, name: str, texts: Sequence[NewText]) -> None:
        """Adds a track with a text item for each text; where the name is taken, it gets a number."""
        free = TakenNames(track.name for track in self.tracks).free_name(name)
        insert_texts(self._document, free, texts, self.sample_rate)

    def mute(self, item: Item) -> None:
        """Mutes an item."""
        mute_item(item.chunk, self._document.newline)

    def insert_tempo(self, points: Sequence[TempoPoint]) -> None:
        """Gives a project without changes of tempo a map; the first point at 0.

        Raises RequestError (`bad_timeline`) where it has changes of tempo.
        """
        insert_tempo(self._document, points, self.sample_rate)
        self.tempo_map = read_tempo_map(self._document.root, self.sample_rate)

    def insert_midi(
        self, parts: Sequence[NewMidi], *, folder: str | None = None, track: Track | None = None
    ) -> tuple[Item, ...]:
        """Adds notes as items inside the project, placed as `insert_stems` places audio."""
        iid = next_iid(self._document.root)
        items = [midi_item(part, self.tempo_map, iid + index) for index, part in enumerate(parts)]
        return self._place_items([(part.name, part.colour) for part in parts], items, folder, track)

    def _place_items(
        self,
        names: Sequence[tuple[str, str | None]],
        items: Sequence[RppChunk],
        folder: str | None,
        track: Track | None,
        below: Track | None = None,
    ) -> tuple[Item, ...]:
        if track is not None:
            laid = [insert_item(track.chunk, item, self._document.newline) for item in items]
            return tuple(read_item(item, self.sample_rate, self._folder_path) for item in laid)
        drafts = [new_track(name, colour, item) for (name, colour), item in zip(names, items, strict=True)]
        if not drafts:
            return ()
        tracks = as_folder(folder, names[0][1], drafts) if folder else drafts
        if below is None:
            append_tracks(self._document, tracks)
            return tuple(added.items[0] for added in self.tracks[-len(drafts) :])
        insert_tracks_below(self._document, below.chunk, tracks)
        end = below.number + len(tracks)
        return tuple(added.items[0] for added in self.tracks[end - len(drafts) : end])

    def media_folder(self) -> Path:
        """Where new audio goes: the project's media path, else `Bandmate` beside the project."""
        return media_folder(self.path, settings.read_record_path(self._document.root))

    def media_path(self, prompt: str, part: str, suffix: str = ".wav") -> Path:
        """Creates an empty file for new audio, under a name that is free; see `media_files.reserve_media_file`."""
        return reserve_media_file(self.media_folder(), prompt, part, suffix)

    def lasting_files(self, files: Iterable[Path]) -> list[Path]:
        """Those of the files with new audio that stay beside the project; all of them."""
        return list(files)

    @property
    def keeps_selections(self) -> bool:
        """Whether the file says which tracks, items and times are selected."""
        return True

    @property
    def may_be_open(self) -> bool:
        """Whether the DAW runs, may hold it, and would write it whole at its next save."""
        return self._read is not None and reaper_is_running()

    def check_closed(self) -> None:
        """Raises RequestError (`project_open`) for a project that cannot be added to while its DAW has it open.

        Not so for REAPER's: a copy beside it takes the result.
        """

    def replace_file(self) -> None:
        """Makes `save` put a new project in the place of the file that is there now, which is kept as a backup.

        Raises RequestError (`file_unusable`).
        """
        self._read = read_project(self.path)

    def encode(self) -> bytes:
        """The file's bytes as they would be saved."""
        return self._document.encode()

    def check_writable(self) -> None:
        """Raises RequestError as `save` would, as far as that can be known before."""
        if self._read is not None:
            writable_mode(self.path)

    def save(self, path: Path | None = None) -> SavedBackup | None:
        """Writes the project in its place, or to another ``path`` where no file is yet; it belongs there from
        then on.

        Returns the backup, None for a new file. Raises RequestError (`project_changed`, `file_exists`,
        `file_unusable`, `disk_full`); then every file is as it was.
        """
        data, backup = self.encode(), None
        if path is not None and path != self.path:
            create_project(path, data)
            self.path = path
        elif self._read is None:
            create_project(self.path, data)
        else:
            backup = replace_project(self.path, data, self._read)
        self._read = data
        return backup

    def _midi_pools(self) -> MidiPools:
        return read_pools(self._document.root.chunks("TRACK"))

    @property
    def _folder_path(self) -> Path:
        return self.path.parent
