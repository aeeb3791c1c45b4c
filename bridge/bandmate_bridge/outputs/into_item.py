"""Results in the place of parts of an item: it is split, and each part gets a further take, which sounds."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bandmate_bridge.audiofiles.formats import FLOAT_WAV
from bandmate_bridge.jobs.job_origin import ItemOrigin
from bandmate_bridge.jobs.receive import ReceivedStem
from bandmate_bridge.outputs.ledger import LedgerEntry, PlacedStem, remember_result
from bandmate_bridge.outputs.media_folder import MediaFolder
from bandmate_bridge.outputs.output import ReceivedJob
from bandmate_bridge.outputs.save_project import check_in_place, insert_and_save
from bandmate_bridge.path_text import path_text
from bandmate_bridge.rpp import (
    FrameGrid,
    Item,
    ItemPlace,
    NewPart,
    NewTake,
    Project,
    Track,
    check_splittable,
    resolve_item,
)
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


@dataclass(frozen=True, slots=True)
class ItemSpot:
    """Where in a project a job's parts belong."""

    title: str
    place: ItemPlace
    """Of the item, as it was when the job was asked for."""
    phase: float
    """Of the job's frames; see `FrameGrid`."""

    @classmethod
    def from_origin(cls, origin: ItemOrigin) -> ItemSpot:
        """From what is kept with the job."""
        place = ItemPlace(
            origin.item,
            origin.position,
            origin.length,
            origin.on,
            origin.on_name,
            origin.on_number,
            origin.index,
        )
        return cls(origin.title, place, origin.phase)


class ItemOutput:
    """Collects what all jobs made as takes of the same parts, and writes the project once."""

    audio_format = FLOAT_WAV

    def __init__(
        self,
        project: Project,
        spot: ItemSpot,
        *,
        mixed: bool = False,
        force: bool = False,
        joins: LedgerEntry | None = None,
    ) -> None:
        self.project = project
        self.mixed = mixed
        self._spot = spot
        self._force = force
        self._joins = joins
        self._jobs: list[ReceivedJob] = []
        self._media = MediaFolder(project)
        self._parts: dict[int, list[ReceivedStem]] = {}
        """By the frame where they begin."""
        self._read = project.path

    @property
    def folder(self) -> Path:
        """The project's media folder."""
        return self._media.folder

    @property
    def named(self) -> Path:
        """The media folder of the project."""
        return self.project.media_folder()

    @property
    def origin(self) -> ItemOrigin:
        """The project's absolute path, and the spot."""
        place = self._spot.place
        return ItemOrigin(
            project=path_text(self._read),
            title=self._spot.title,
            mixed=self.mixed,
            item=place.guid,
            position=place.position,
            length=place.length,
            phase=self._spot.phase,
            on=place.track,
            on_name=place.track_name,
            on_number=place.track_number,
            index=place.index,
        )

    def check(self, variations: int) -> None:  # noqa: ARG002 - takes need no names of their own
        """Raises RequestError: `project_changed` when the item is not where it was, `file_unusable`."""
        check_in_place(self.project, self._read, force=self._force)
        self._find_item()

    def add(self, made: ReceivedJob) -> list[ReceivedStem]:
        """Brings one job's audio into the media folder; the project comes to know of it by `finish`."""
        kept = made.receiver.keep(
            lambda stem: self.project.media_path(self._spot.title, stem.name), reserved=True
        )
        self._jobs.append(made)
        for received in kept:
            self._parts.setdefault(received.stem.start_frame, []).append(received)
        return kept

    def finish(self) -> list[str]:
        """Puts everything into the project and saves it.

        Raises RequestError (`project_changed`, ...); then the project is as it was, and the audio is gone.
        """
        try:
            items, saved = insert_and_save(self.project, self._read, self._insert_into, force=self._force)
        except BaseException:
            self.abandon()
            raise
        placed = tuple(
            PlacedStem(name=str(start), item=item.guid, track=self.project.track_of(item).guid)
            for start, item in items.items()
        )
        for made in self._jobs:
            # Without it a redo cannot find its take; the result itself is in the project.
            with contextlib.suppress(OSError):
                remember_result(made.job, LedgerEntry(project=path_text(self.project.path), placed=placed))
        return [*self._result_lines(list(items.values())), *saved]

    @property
    def files(self) -> list[Path]:
        """The audio in the media folder."""
        return self.project.lasting_files(
            received.path for takes in self._parts.values() for received in takes
        )

    @property
    def project_file(self) -> Path:
        """The project, or the copy beside it that was written in its place."""
        return self.project.path

    def abandon(self) -> None:
        """Removes the audio that no project names."""
        self._media.abandon(received for takes in self._parts.values() for received in takes)
        self._parts.clear()

    def _insert_into(self, project: Project) -> dict[int, Item]:
        """Puts everything into the project as it is now."""
        self.project = project
        return self._join_pieces() or self._split_item()

    def _join_pieces(self) -> dict[int, Item]:
        """Further takes on the pieces that an earlier job made, if all of them are still there."""
        known = {placed.name: placed for placed in self._joins.placed} if self._joins else {}
        items = {
            start: self.project.find_item(known[str(start)].item, known[str(start)].track)
            for start in self._parts
            if str(start) in known
        }
        if len(items) < len(self._parts) or None in items.values():
            return {}
        for item in items.values():
            if item is not None:
                self.project.track_of(item).check_not_frozen()
        return {
            start: self.project.add_takes_like(
                item, self._new_takes(self._parts[start], self._take_offset(item, start))
            )
            for start, item in items.items()
            if item is not None
        }

    def _split_item(self) -> dict[int, Item]:
        track, item = self._find_item()
        heard = resolve_item(track, item, self.project.tempo_map)
        check_splittable(heard, self.project.tempo_map)
        parts: list[NewPart] = []
        for start, takes in sorted(self._parts.items()):
            grid = self._frame_grid(takes)
            end = min(grid.time_of(start + takes[0].stem.frames), heard.end)
            begin = max(grid.time_of(start), heard.position)
            parts.append(NewPart(begin, end, self._new_takes(takes, begin - grid.time_of(start))))
        return dict(zip(sorted(self._parts), self.project.insert_parts(heard, parts), strict=True))

    def _new_takes(self, received: Sequence[ReceivedStem], offset: float) -> list[NewTake]:
        name = self._spot.title
        return [
            NewTake(name=name or each.stem.name, file=each.path, offset_seconds=max(offset, 0.0))
            for each in received
        ]

    def _frame_grid(self, takes: Sequence[ReceivedStem]) -> FrameGrid:
        return FrameGrid(takes[0].stem.sample_rate, self._spot.phase)

    def _take_offset(self, item: Item, start: int) -> float:
        """How far into the new audio an item begins, which is under a frame."""
        return max(item.chunk.number("POSITION") - self._frame_grid(self._parts[start]).time_of(start), 0.0)

    def _find_item(self) -> tuple[Track, Item]:
        """The item and its track, as long as it lies where it did."""
        found = self.project.find_placed(self._spot.place)
        if found is not None:
            return found
        raise RequestError(
            ErrorCode.PROJECT_CHANGED,
            say(
                "The source item in {name} has changed or is gone.",
                name=self.project.path.name,
            ),
            "Run the task again on the current item.",
        )

    def _result_lines(self, items: Sequence[Item]) -> list[str]:
        places = []
        for item in items:
            bar, beat = self.project.tempo_map.bar_beat_at(item.start_frame)
            places.append(f"{bar}.{beat + 1:.4g}")
        takes = "A new take" if len(items) == 1 else "New takes"
        return [
            f"{takes} in {self.project.path.name} at {' and '.join(places)}; the old one is kept, and nothing "
            "around it changed.",
        ]
