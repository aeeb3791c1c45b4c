"""A DAWproject in hand, with the interface of a project file of REAPER."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from bandmate_bridge.dawproject.archive import (
    METADATA_XML,
    PROJECT_XML,
    Archive,
    FileStamp,
    open_archive,
    write_archive,
)
from bandmate_bridge.dawproject.arriving_audio import ArrivingAudio
from bandmate_bridge.dawproject.as_rpp import ReadProject, read_document
from bandmate_bridge.dawproject.blank_project import metadata
from bandmate_bridge.dawproject.format_version import check_root
from bandmate_bridge.dawproject.item_edits import disable_item, replace_parts
from bandmate_bridge.dawproject.made_clips import notes_clip, stem_clips, take_clip
from bandmate_bridge.dawproject.media_store import MediaStore
from bandmate_bridge.dawproject.new_clips import NewClip, NewTrack
from bandmate_bridge.dawproject.project_text import ProjectText
from bandmate_bridge.dawproject.read_tracks import channel_around
from bandmate_bridge.dawproject.unread import project_remark
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
from bandmate_bridge.rpp.save import SavedBackup, create_file, replace_file, writable_mode
from bandmate_bridge.rpp.track_names import TakenNames
from bandmate_bridge.xml_projects.document_writer import TICKS, LocateMedia
from bandmate_bridge.xml_projects.heard_clips import AudioPiece, MediaReference
from bandmate_bridge.xml_projects.project import XmlProject
from bandmate_bridge.xml_projects.song_clock import SongClock
from bandmate_bridge.xml_projects.temporary_media import is_temporary, new_folder
from bandmate_bridge.xml_projects.xml_tree import Element
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.texts import say

MOST_BACKUP_BYTES = 2 << 30
"""Of the backups of one archive, which are whole archives with their audio."""


class DawProject(XmlProject[ReadProject]):
    """An archive that was read, or is yet to be written. Times are in frames at the rate of most of its audio."""

    def __init__(
        self,
        path: Path,
        archive: Archive | None,
        xml: bytes,
        *,
        sample_rate: int | None = None,
        title: str = "",
        arriving: ArrivingAudio | None = None,
    ) -> None:
        """``sample_rate``: where there is no audio. ``arriving``: audio that clips of the text name already.

        Raises RequestError (`not_a_project`).
        """
        self.path = path
        self.ruler_start = 0.0
        self._archive = archive
        self._title = title
        self._given_rate = sample_rate
        self._text = ProjectText(xml, path.name)
        self._arriving = arriving or ArrivingAudio(archive)
        self._new_audio: Path | None = None
        self._replaced: FileStamp | None = None
        self._media = MediaStore(archive, path.parent)
        check_root(self._text.root, path.name)
        self._read_again()

    @classmethod
    def load(cls, path: Path | str) -> DawProject:
        """Reads an archive. Raises RequestError (`file_unusable`, `not_a_project`)."""
        path = Path(path)
        archive = open_archive(path)
        return cls(path, archive, archive.project_xml)

    def _read_again(self) -> None:
        """Brings all that is told of the project up to its text."""
        content = read_document(self._text.root, self._locate, self._given_rate)
        rate = ProjectRate(content.sample_rate, fixed=content.rate_is_known, remark=project_remark(content))
        self._take_content(content, rate)

    def as_reaper(self, locate: LocateMedia, ticks: int = TICKS) -> ReadProject:
        """The project as a document of REAPER, with audio where ``locate`` says; ``ticks`` to a quarter note."""
        return read_document(self._text.root, locate, self._given_rate, ticks=ticks)

    def count_devices(self) -> int:
        """The plug-ins, which are not read."""
        around = [one for one in self._text.root.walk() if one.name == "Devices"]
        return sum(len(one.children) for one in around)

    @property
    def media(self) -> MediaStore:
        """The audio as it lies in the archive, and outside it."""
        return self._media

    def _locate(self, media: MediaReference) -> Path:
        added = None if media.external else self._arriving.files.get(media.path)
        return added or self._media.locate(media)

    @property
    def _clock(self) -> SongClock:
        return SongClock(self.tempo_map)

    def insert_stems(
        self,
        stems: Sequence[NewStem],
        *,
        folder: str | None = None,
        track: Track | None = None,
        below: Track | None = None,
    ) -> tuple[Item, ...]:
        """Adds each stem as a clip; its other takes are disabled clips on lanes of their own."""
        rows = [
            (
                stem.name,
                stem.colour,
                stem_clips(stem, self.sample_rate, self._arriving),
            )
            for stem in stems
        ]
        return self._insert_rows(rows, "audio", folder, track, below)

    def insert_midi(
        self, parts: Sequence[NewMidi], *, folder: str | None = None, track: Track | None = None
    ) -> tuple[Item, ...]:
        """Adds notes as clips, placed as `insert_stems` places audio."""
        rows = [(part.name, part.colour, [notes_clip(part, self.tempo_map)]) for part in parts]
        return self._insert_rows(rows, "notes", folder, track, None)

    def insert_texts(self, name: str, texts: Sequence[NewText]) -> None:
        """Adds a track with an empty clip for each text, which it is named by."""
        rate = self.sample_rate
        clips = [
            NewClip(" / ".join(text.text.splitlines()), text.start_frame / rate, text.frames / rate)
            for text in texts
        ]
        free = TakenNames(track.name for track in self.tracks).free_name(name)
        self._add_track_rows([(free, None, clips)], "notes", None, None)
        self._read_again()

    def _insert_rows(
        self,
        rows: Sequence[_Row],
        content: str,
        folder: str | None,
        track: Track | None,
        below: Track | None,
    ) -> tuple[Item, ...]:
        if not rows:
            return ()
        if track is not None:
            ids = [self._track_id(track)] * len(rows)
            for _, _, clips in rows:
                self._add_takes_of_row(ids[0], clips, new=False)
        else:
            ids = self._add_track_rows(rows, content, folder, below)
        self._read_again()
        return tuple(self._item_at(id_, clips[0]) for id_, (_, _, clips) in zip(ids, rows, strict=True))

    def _add_track_rows(
        self, rows: Sequence[_Row], content: str, folder: str | None, below: Track | None
    ) -> list[str]:
        """New tracks with their clips; returns the ids of the tracks."""
        around = channel_around(self._content.tracks, below.number - 1 if below else None)
        master = self._text.master_channel()
        ids = self._text.new_ids()
        group_id, group_channel = next(ids), next(ids)
        output = group_channel if folder else around or master
        tracks = [NewTrack(next(ids), next(ids), name, content, output, colour) for name, colour, _ in rows]
        made = tracks
        if folder:
            made = [
                NewTrack(
                    group_id, group_channel, folder, "tracks", around or master, rows[0][1], inside=tracks
                )
            ]
        self._text.add_tracks(made, self._element_of(below))
        for one, (_, _, clips) in zip(tracks, rows, strict=True):
            self._add_takes_of_row(one.id, clips, new=True)
        return [one.id for one in tracks]

    def _add_takes_of_row(self, track: str, clips: Sequence[NewClip], *, new: bool) -> None:
        if new:
            self._text.add_lanes(track, [[clip] for clip in clips], self._clock)
            return
        self._text.add_clips(track, clips[:1], self._clock)
        if clips[1:]:
            self._text.add_lanes(track, [[clip] for clip in clips[1:]], self._clock)

    def insert_parts(self, heard: PlayableItem, parts: Sequence[NewPart]) -> tuple[Item, ...]:
        """Splits the clip of an item where parts begin and end; each part's first take sounds in its place, what was
        there and the further takes are disabled clips on lanes of their own. Returns the new items.

        Raises RequestError (`bad_position`, `input_unusable`) where that would change what is around.
        """
        cuts = cut_times(heard, parts)
        begins = [heard.position, *cuts]
        edges = [*begins, heard.end]
        made: dict[int, list[NewClip]] = {}
        for part in parts:
            index = max(at for at, begin in enumerate(begins) if begin <= part.start + 1e-7 or at == 0)
            made[index] = [
                self._take_clip(heard, take, edges[index], edges[index + 1], chosen=number == 0)
                for number, take in enumerate(part.takes)
            ]
        return self._replace(heard.item, edges, made)

    def add_takes_like(self, item: Item, takes: Sequence[NewTake]) -> Item:
        """The first take sounds in the place of an item; it and the further takes are disabled clips on lanes."""
        start, length = (item.chunk.number(key) for key in ("POSITION", "LENGTH"))
        clips = [
            take_clip(item, take, (start, start + length), self._arriving, chosen=number == 0)
            for number, take in enumerate(takes)
        ]
        return self._replace(item, [start, start + length], {0: clips})[0]

    def _replace(
        self, item: Item, edges: Sequence[float], made: dict[int, list[NewClip]]
    ) -> tuple[Item, ...]:
        track = self.track_of(item)
        replace_parts(self._text, self._content.clips[item.guid], edges, made, self._clock)
        self._read_again()
        return tuple(self._item_at(track.guid, made[index][0]) for index in sorted(made))

    def _take_clip(
        self, heard: PlayableItem, take: NewTake, start: float, end: float, *, chosen: bool
    ) -> NewClip:
        fades = start <= heard.position, end >= heard.end
        return take_clip(heard.item, take, (start, end), self._arriving, chosen=chosen, fades=fades)

    def insert_markers(self, markers: Sequence[Marker]) -> None:
        """Adds markers. The format has no regions: one becomes a marker where it begins."""
        rate = self.sample_rate
        ordered = sorted(markers, key=lambda marker: marker.frame)
        self._text.add_markers(
            [(marker.frame / rate, marker.name, marker.colour) for marker in ordered], self._clock
        )
        self._read_again()

    def mute(self, item: Item) -> None:
        """Disables the clip of an item."""
        disable_item(self._text, self._content.clips[item.guid])
        self._read_again()

    def insert_tempo(self, points: Sequence[TempoPoint]) -> None:  # noqa: ARG002 - it is refused
        """Raises RequestError (`bad_timeline`): clips lie on beats, and another tempo would move them."""
        raise RequestError(
            ErrorCode.BAD_TIMELINE,
            "The clips of a DAWproject lie on beats, so another tempo would move them in time.",
            "Set the tempo in the DAW, or write it into a REAPER project (--into song.rpp).",
        )

    def media_folder(self) -> Path:
        """A folder outside the archive, for audio that `save` puts into it."""
        if self._new_audio is None:
            self._new_audio = new_folder()
        return self._new_audio

    def media_path(self, prompt: str, part: str, suffix: str = ".wav") -> Path:
        """Creates an empty file for new audio; see `media_files.reserve_media_file`."""
        return reserve_media_file(self.media_folder(), prompt, part, suffix)

    def lasting_files(self, files: Iterable[Path]) -> list[Path]:
        """None: the audio is in the archive, and those files go away."""
        return [file for file in files if not is_temporary(file)]

    @property
    def keeps_selections(self) -> bool:
        """No: the format has none."""
        return False

    @property
    def may_be_open(self) -> bool:
        """No: DAWs import such a project, and do not write to it."""
        return False

    def replace_file(self) -> None:
        """Makes `save` put a new project in the place of the file that is there now, which is kept as a backup."""
        self._replaced = FileStamp.of(self.path)

    def encode(self) -> bytes:
        """The project's text as it would be saved, without the rest of the archive."""
        return self._text.data

    def check_writable(self) -> None:
        """Raises RequestError as `save` would, as far as that can be known before."""
        if self._archive is not None:
            writable_mode(self.path)

    def save(self, path: Path | None = None) -> SavedBackup | None:
        """Writes the archive in its place, or to another ``path`` where no file is yet; it belongs there from then on.

        Returns the backup, None for a new file. Raises as `Project.save`; then every file is as it was.
        """
        target = path or self.path
        backup = None
        stamp = self._archive.stamp if self._archive else self._replaced
        if stamp is None or target != self.path:
            create_file(target, self._write_to)
        else:
            backup = replace_file(
                target,
                self._write_to,
                lambda handle: _copy_to(target, handle),
                lambda: FileStamp.of(target) == stamp,
                most_bytes=MOST_BACKUP_BYTES,
            )
        self.path = target
        self._archive = open_archive(target)
        self._media = MediaStore(self._archive, target.parent)
        return backup

    def _write_to(self, handle: int) -> None:
        texts = {PROJECT_XML: self._text.data}
        if self._archive is None:
            texts[METADATA_XML] = metadata(self._title)
        with os.fdopen(os.dup(handle), "wb") as file:
            write_archive(file, self._archive, texts, self._arriving.files)

    def _item_at(self, track: str, clip: NewClip) -> Item:
        """The item of a clip that was just put in."""
        near = [
            item
            for one in self._tracks
            if one.guid == track
            for item in one.items
            if abs(item.chunk.number("POSITION") - clip.start) < 1e-6 and not item.muted
        ]
        assert near, "a clip that was put in is read back"
        named = [item for item in near if clip.audio is None or self._plays(item, clip.audio.path)]
        return (named or near)[-1]

    def _plays(self, item: Item, path: str) -> bool:
        piece = self._content.clips.get(item.guid)
        return isinstance(piece, AudioPiece) and piece.media.path == path

    def _track_id(self, track: Track) -> str:
        found = self._content.tracks[track.number - 1].id
        if not found:
            raise RequestError(
                ErrorCode.INPUT_UNUSABLE,
                say("The track {title} has no id, so no clip can refer to it.", title=track.title),
                "Put the result on a new track.",
            )
        return found

    def _element_of(self, track: Track | None) -> Element | None:
        return None if track is None else self._content.tracks[track.number - 1].element


_Row = tuple[str, str | None, list[NewClip]]
"""A track's name and colour, and its clip with further takes of it."""


def _copy_to(source: Path, handle: int) -> None:
    with source.open("rb") as read, os.fdopen(os.dup(handle), "wb") as written:
        shutil.copyfileobj(read, written, 1 << 20)
