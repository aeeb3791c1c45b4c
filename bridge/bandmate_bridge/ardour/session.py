"""An Ardour session in hand, with the interface of a project file of REAPER."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bandmate_bridge.ardour.media_sources import media_name
from bandmate_bridge.ardour.new_elements import (
    NewRegion,
)
from bandmate_bridge.ardour.new_regions import RegionMaker
from bandmate_bridge.ardour.new_tracks import NewRow, new_tracks
from bandmate_bridge.ardour.open_in_ardour import ardour_has_open
from bandmate_bridge.ardour.read_regions import Playlist
from bandmate_bridge.ardour.read_routes import Route, last_order, master_inputs
from bandmate_bridge.ardour.read_session import ReadSession, read_session
from bandmate_bridge.ardour.session_edits import (
    add_region,
    copied_playlist,
    lengthened_session,
    location_texts,
    move_playlist,
    moved_down,
    replace_parts,
    switch_playlist,
)
from bandmate_bridge.ardour.session_rate import session_rate
from bandmate_bridge.ardour.session_text import SessionText, free_playlist_names
from bandmate_bridge.ardour.track_names import ArdourNames
from bandmate_bridge.rpp import (
    Item,
    Marker,
    NewMidi,
    NewPart,
    NewStem,
    NewTake,
    NewText,
    PlayableItem,
    ProjectRate,
    Track,
    cut_times,
)
from bandmate_bridge.rpp.media_files import reserve_media_file
from bandmate_bridge.rpp.save import read_project
from bandmate_bridge.xml_projects.project import XmlProject
from bandmate_bridge.xml_projects.unread import unread_remarks
from bandmate_bridge.xml_projects.xml_tree import Edit, set_attributes
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.texts import say

_SAME_SECONDS = 2e-3


class ArdourSession(XmlProject[ReadSession]):
    """A session file that was read. Times are in frames at its sample rate."""

    daw = "Ardour"

    def __init__(self, path: Path, data: bytes) -> None:
        """Raises RequestError (`not_a_project`)."""
        self.path = path
        self.ruler_start = 0.0
        self._read = data
        self._text = SessionText(data, path.name)
        self.rate = ProjectRate(session_rate(self._text.root, path.name), fixed=True)
        self._read_again()

    @classmethod
    def load(cls, path: Path | str) -> ArdourSession:
        """Reads a session. Raises RequestError (`file_unusable`, `not_a_project`)."""
        path = Path(path)
        if path.is_dir():
            raise RequestError(
                ErrorCode.FILE_UNUSABLE,
                say("{path} is a folder.", path=path),
                "Give the .ardour file in the session's folder.",
            )
        return cls(path, read_project(path))

    def _read_again(self) -> None:
        """Brings all that is told of the session up to its text."""
        text = self._text
        content = read_session(text.root, text.data, self._folder_path, self.sample_rate, self.path.name)
        said = " ".join(unread_remarks(content.unread))
        self._take_content(content, ProjectRate(self.rate.hertz, fixed=True, remark=said))

    def insert_stems(
        self,
        stems: Sequence[NewStem],
        *,
        folder: str | None = None,  # noqa: ARG002 - Ardour has no folders
        track: Track | None = None,
        below: Track | None = None,
    ) -> tuple[Item, ...]:
        """Adds each stem as a region; its other takes are further playlists of the track."""
        maker = self._maker()
        rows = [(stem.name, stem.colour, maker.stem_regions(stem)) for stem in stems]
        return self._insert_rows(rows, maker, track, below)

    def insert_midi(
        self,
        parts: Sequence[NewMidi],
        *,
        folder: str | None = None,  # noqa: ARG002 - Ardour has no folders
        track: Track | None = None,
    ) -> tuple[Item, ...]:
        """Adds notes as regions of MIDI files, placed as `insert_stems` places audio."""
        maker = self._maker()
        folder_of_notes = self.media_folder().parent / "midifiles"
        rows = [
            (part.name, part.colour, [maker.notes_region(part, folder_of_notes, self.tempo_map)])
            for part in parts
        ]
        return self._insert_rows(rows, maker, track, None)

    def insert_texts(self, name: str, texts: Sequence[NewText]) -> None:  # noqa: ARG002 - ranges have no track
        """Adds a range marker for each text."""
        self.insert_markers(
            [
                Marker(0, " / ".join(one.text.splitlines()), one.start_frame, one.start_frame + one.frames)
                for one in texts
            ]
        )

    def insert_parts(self, heard: PlayableItem, parts: Sequence[NewPart]) -> tuple[Item, ...]:
        """Replaces parts of a region in a new playlist of its track, which plays from now on; the one before stays as
        it is. Further takes are further playlists. Returns the new items.

        Raises RequestError (`bad_position`) where that would change a fade.
        """
        cuts = cut_times(heard, parts)
        begins = [heard.position, *cuts]
        edges = [*begins, heard.end]
        spans = {}
        for part in parts:
            index = max(at for at, begin in enumerate(begins) if begin <= part.start + 1e-7 or at == 0)
            spans[index] = part.takes
        return self._replace(heard.item, edges, spans)

    def add_takes_like(self, item: Item, takes: Sequence[NewTake]) -> Item:
        """Adds takes as further playlists; the first of them plays. Returns the item as it is now."""
        start, length = (item.chunk.number(key) for key in ("POSITION", "LENGTH"))
        return self._replace(item, [start, start + length], {0: takes})[0]

    def _replace(
        self, item: Item, edges: Sequence[float], takes: dict[int, Sequence[NewTake]]
    ) -> tuple[Item, ...]:
        track = self.track_of(item)
        part = self._content.parts[item.guid]
        playlist = self._playlist_of(track)
        maker = self._maker()
        ends = [maker.superclock_of(edge) for edge in edges]
        made = {
            index: [maker.take_region(one, part, (ends[index], ends[index + 1])) for one in new]
            for index, new in takes.items()
        }
        copies = [
            replace_parts(
                self._text,
                playlist,
                part,
                ends,
                {index: new[number] for index, new in made.items() if number < len(new)},
                maker.ids,
            )
            for number in range(max(len(new) for new in made.values()))
        ]
        self._play_copies(track, playlist, copies, maker)
        return tuple(self._item_at(track.guid, made[index][0], maker) for index in sorted(made))

    def _play_copies(
        self, track: Track, playlist: Playlist, copies: Sequence[Sequence[Edit]], maker: RegionMaker
    ) -> None:
        """Makes a copy of a playlist with each of several changes, and has the track play the first one."""
        names = free_playlist_names(track.name, self._content.playlists)
        ids = [next(maker.ids) for _ in copies]
        texts = [
            copied_playlist(self._text, playlist, edits, next(names), id_)
            for edits, id_ in zip(copies, ids, strict=True)
        ]
        added = {**maker.added, "Playlists": texts[:1], "UnusedPlaylists": texts[1:]}
        route = self._content.routes[track.number - 1].track.element
        edits = [switch_playlist(self._text, route, playlist.element.get("type"), ids[0])]
        moved = move_playlist(self._text, playlist) if self._is_only_of(playlist, track) else None
        if moved is not None:
            edits.append(moved[0])
            added["UnusedPlaylists"] = [moved[1], *texts[1:]]
        self._text.append(added, *edits)
        self._read_again()

    def _is_only_of(self, playlist: Playlist, track: Track) -> bool:
        """No other track plays it."""
        return all(
            route.playlist != playlist.id or place == track.number
            for place, route in enumerate(self._content.routes, 1)
        )

    def insert_markers(self, markers: Sequence[Marker]) -> None:
        """Adds marks, and ranges for regions."""
        ordered = sorted(markers, key=lambda marker: marker.frame)
        texts = location_texts(ordered, self._superclocks_of_frame, self._text.new_ids())
        self._text.append({"Locations": texts})
        self._read_again()

    def mute(self, item: Item) -> None:
        """Mutes the region of an item."""
        region = self._content.parts[item.guid].region
        self._text.apply(set_attributes(self._text.data, region.element, {"muted": "1"}))
        self._read_again()

    def insert_tempo(self, points: Sequence[TempoPoint]) -> None:  # noqa: ARG002 - it is refused
        """Raises RequestError (`bad_timeline`): a session always has a tempo map, on which regions may lie."""
        raise RequestError(
            ErrorCode.BAD_TIMELINE,
            "Bandmate does not change the tempo map of an Ardour session, on whose beats regions may lie.",
            "Set the tempo in Ardour, or write it into a REAPER project (--into song.rpp).",
        )

    def media_folder(self) -> Path:
        """The session's own folder of audio files."""
        folder = self.path.resolve().parent
        return folder / "interchange" / media_name(folder) / "audiofiles"

    def media_path(self, prompt: str, part: str, suffix: str = ".wav") -> Path:
        """Creates an empty file for new audio; see `media_files.reserve_media_file`."""
        return reserve_media_file(self.media_folder(), prompt, part, suffix)

    @property
    def keeps_selections(self) -> bool:
        """No: Ardour saves no selection of time or of regions."""
        return False

    @property
    def may_be_open(self) -> bool:
        """Whether an Ardour that runs has the session open, and would write it whole at its next save."""
        return ardour_has_open(self.path)

    def check_closed(self) -> None:
        """Raises RequestError (`project_open`) while Ardour has the session open, or was ended with it unsaved."""
        if self.may_be_open:
            raise RequestError(
                ErrorCode.PROJECT_OPEN,
                say(
                    "Ardour has {name} open, and its next save would undo what is written now.",
                    name=self.path.name,
                ),
                "Close the session in Ardour and run the command again, or use --force and do not save there.",
            )
        pending = self.path.with_suffix(".pending")
        if pending.exists():
            raise RequestError(
                ErrorCode.PROJECT_OPEN,
                say(
                    "Ardour was ended while it recorded into {name}, and has its state in {pending}.",
                    name=self.path.name,
                    pending=pending.name,
                ),
                "Open the session in Ardour, recover or discard that state, and close it.",
            )

    def encode(self) -> bytes:
        """The file's bytes as they would be saved."""
        return self._text.data

    @property
    def _superclocks_of_frame(self) -> float:
        return self._content.clock.superclocks / self.sample_rate

    def _maker(self) -> RegionMaker:
        return RegionMaker(
            self._content.clock,
            self.sample_rate,
            self.media_folder(),
            self._content.sources,
            self._text.new_ids(),
        )

    def _playlist_of(self, track: Track) -> Playlist:
        found = self._content.playlists.get(self._route(track).playlist)
        if found is None:
            raise RequestError(
                ErrorCode.INPUT_UNUSABLE,
                say("{title} is a bus, which holds no regions.", title=track.title),
                "Choose a track, or put the result on a new one.",
            )
        return found

    def _route(self, track: Track) -> Route:
        return self._content.routes[track.number - 1]

    def _insert_rows(
        self,
        rows: Sequence[NewRow],
        maker: RegionMaker,
        track: Track | None,
        below: Track | None,
    ) -> tuple[Item, ...]:
        """Regions on new tracks, or all on one. The first of each row sounds."""
        if not rows:
            return ()
        if track is None:
            ids = self._add_tracks(rows, maker, below)
        else:
            ids = [track.guid] * len(rows)
            for _, _, regions in rows:
                self._add_to_track(track, regions, maker)
                maker.added = {}
        self._lengthen(max(maker.end_of(region) for _, _, regions in rows for region in regions))
        return tuple(
            self._item_at(id_, regions[0], maker) for id_, (_, _, regions) in zip(ids, rows, strict=True)
        )

    def _add_to_track(self, track: Track, regions: Sequence[NewRegion], maker: RegionMaker) -> None:
        """The first region comes into the playlist that sounds; each other one into a copy of it."""
        playlist = self._playlist_of(track)
        kind = playlist.element.get("type")
        if any(region.kind != kind for region in regions):
            raise RequestError(
                ErrorCode.INPUT_UNUSABLE,
                say(
                    "{title} is a {kind} track.",
                    title=track.title,
                    kind="MIDI" if kind == "midi" else "audio",
                ),
                "Choose a track of the other kind, or put the result on a new one.",
            )
        names = free_playlist_names(track.name, self._content.playlists)
        copies = [
            copied_playlist(
                self._text,
                playlist,
                [add_region(playlist, one, maker.ids)],
                next(names),
                next(maker.ids),
            )
            for one in regions[1:]
        ]
        added = {**maker.added, "UnusedPlaylists": copies} if copies else maker.added
        self._text.append(added, add_region(playlist, regions[0], maker.ids))
        self._read_again()

    def _add_tracks(
        self,
        rows: Sequence[NewRow],
        maker: RegionMaker,
        below: Track | None,
    ) -> list[str]:
        """New tracks; returns their ids."""
        root = self._text.root
        place = self._route(below).order if below else last_order(root)
        names = ArdourNames(track.name for track in self._tracks)
        ids, made = new_tracks(rows, names, place, master_inputs(root), maker.ids)
        routes = [one.track.element for one in self._content.routes]
        self._text.append({**maker.added, **made}, *moved_down(routes, place, len(rows), self._text))
        self._read_again()
        return ids

    def _lengthen(self, end: int) -> None:
        edits, locations = lengthened_session(self._text, end, self._text.new_ids())
        if edits or locations:
            self._text.append({"Locations": locations} if locations else {}, *edits)
            self._read_again()

    def _item_at(self, track: str, region: NewRegion, maker: RegionMaker) -> Item:
        """The item of a region that was just put in."""
        start, sources = maker.start_of(region), tuple(map(str, region.sources))
        for one in self._tracks:
            for item in one.items if one.guid == track else ():
                part = self._content.parts.get(item.guid)
                near = abs(item.chunk.number("POSITION") - start) < _SAME_SECONDS
                if near and part is not None and part.region.sources == sources and not item.muted:
                    return item
        raise AssertionError("a region that was put in is read back")
