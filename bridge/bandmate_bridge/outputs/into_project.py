"""Results into a REAPER project file: tracks, items, takes and MIDI items, or nothing at all."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bandmate_bridge.audiofiles.formats import FLOAT_WAV
from bandmate_bridge.jobs.job_origin import ProjectOrigin
from bandmate_bridge.jobs.receive import ReceivedStem
from bandmate_bridge.outputs.ledger import LedgerEntry, PlacedStem, remember_result
from bandmate_bridge.outputs.media_folder import MediaFolder
from bandmate_bridge.outputs.output import ReceivedJob
from bandmate_bridge.outputs.save_project import check_in_place, insert_and_save
from bandmate_bridge.path_text import path_text
from bandmate_bridge.rpp import (
    Item,
    ItemPlace,
    NewMidi,
    NewStem,
    NewTake,
    Project,
    Track,
)
from bandmate_bridge.rpp.insertions import rescale_notes
from bandmate_bridge.rpp.track_names import TakenNames
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Stem
from bandmate_protocol.tempo import nearest_frame
from bandmate_protocol.texts import say

_FOLDER_CHARS = 60


@dataclass(frozen=True, slots=True)
class TrackLayout:
    """How the results lie in the project."""

    title: str
    """What was asked for; names the folder track and the audio files."""
    track: str | None = None
    """An existing track that takes the mix; None for new tracks."""
    flat: bool = False
    """No folder track around several new ones."""
    midi: bool = False
    below: str | None = None
    """The id or the number of a track that new ones come right below; None for the project's end."""
    mixed: bool = False
    """One new track with the mix of all parts, named by the title."""
    like: ItemPlace | None = None
    """The item that the results stand for: they are played as it is, with its volume, pan and fades."""
    mute: tuple[ItemPlace, ...] = ()
    """Items that are muted, as what was made stands for them."""


class ProjectOutput:
    """Collects what all jobs made, as takes of the same items, and writes the project once."""

    audio_format = FLOAT_WAV

    def __init__(
        self,
        project: Project,
        layout: TrackLayout,
        *,
        force: bool = False,
        joins: LedgerEntry | None = None,
        start: int | None = None,
    ) -> None:
        """``start``: the frame of the project where the job's range begins, if it is not the job's own."""
        self.project = project
        self.mixed = layout.track is not None or layout.mixed
        self._layout = layout
        self._force = force
        self._joins = joins
        self._start = start
        self._jobs: list[tuple[ReceivedJob, dict[str, str]]] = []
        """With the files of its stems."""
        self._media = MediaFolder(project)
        self._stems: dict[str, list[ReceivedStem]] = {}
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
    def origin(self) -> ProjectOrigin:
        """The project's absolute path, and how the results were to lie in it."""
        layout = self._layout
        return ProjectOrigin(
            project=path_text(self._read),
            title=layout.title,
            track=layout.track or "",
            flat=layout.flat,
            midi=layout.midi,
            below=layout.below or "",
            mixed=layout.mixed,
            like=(layout.like,) if layout.like else (),
            mute=layout.mute,
        )

    def check(self, variations: int) -> None:  # noqa: ARG002 - takes need no names of their own
        """Raises RequestError (`no_such_track`, `ambiguous_track`, `input_unusable`, `file_unusable`)."""
        check_in_place(self.project, self._read, force=self._force)
        if self._layout.track is not None:
            self.project.find_track(self._layout.track).check_writable()
        for found in map(self.project.find_placed, self._layout.mute):
            if found is not None:
                found[0].check_not_frozen()

    def add(self, made: ReceivedJob) -> list[ReceivedStem]:
        """Brings one job's audio into the media folder; the project comes to know of it by `finish`."""
        kept = made.receiver.keep(
            lambda stem: self.project.media_path(self._layout.title, stem.name), reserved=True
        )
        self._jobs.append((made, {each.stem.name: path_text(each.path) for each in kept}))
        for received in kept:
            self._stems.setdefault(received.stem.name, []).append(received)
        return kept

    def finish(self) -> list[str]:
        """Puts everything into the project and saves it.

        Raises RequestError (`project_changed`, ...); then the project is as it was, and the audio is gone.
        """
        try:
            (placed, lines), saved = insert_and_save(
                self.project, self._read, self._insert_into, force=self._force
            )
        except RequestError as error:
            self.abandon()
            raise self._with_remedy(error) from error
        except BaseException:
            self.abandon()
            raise
        lines += saved
        self._remember_placed(placed)
        return lines

    def _remember_placed(self, placed: Sequence[PlacedStem]) -> None:
        for made, files in self._jobs:
            own = tuple(msgspec.structs.replace(one, file=files.get(one.name, "")) for one in placed)
            # Without it a redo makes a new track in place of a take; the result itself is in the project.
            with contextlib.suppress(OSError):
                remember_result(made.job, LedgerEntry(project=path_text(self.project.path), placed=own))

    @property
    def files(self) -> list[Path]:
        """The audio in the media folder."""
        return self.project.lasting_files(
            received.path for takes in self._stems.values() for received in takes
        )

    @property
    def project_file(self) -> Path:
        """The project, or the copy beside it that was written in its place."""
        return self.project.path

    def abandon(self) -> None:
        """Removes the audio that no project names."""
        self._media.abandon(received for takes in self._stems.values() for received in takes)
        self._stems.clear()

    def _insert_into(self, project: Project) -> tuple[list[PlacedStem], list[str]]:
        """Puts everything into the project as it is now."""
        self.project = project
        return self._insert_stems()

    def _insert_stems(self) -> tuple[list[PlacedStem], list[str]]:
        placed: list[PlacedStem] = []
        lines: list[str] = []
        fresh: list[list[ReceivedStem]] = []
        for name, takes in self._stems.items():
            item = self._earlier_item(name)
            if item is None:
                fresh.append(takes)
                continue
            self.project.track_of(item).check_not_frozen()
            item = self.project.add_takes_like(item, _new_takes(takes))
            placed.append(self._placed_stem(name, item))
            lines.append(f"A new take of {name} in {self.project.path.name}; the others are kept.")
        items = self._insert_fresh(fresh)
        placed += [
            self._placed_stem(takes[0].stem.name, item) for takes, item in zip(fresh, items, strict=True)
        ]
        if items:
            lines.append(self._placed_text(fresh, items))
        if self._layout.midi:
            lines += self._insert_midi({one.name: self._track_title(one) for one in placed})
        return placed, lines + (self._mute_sources() if items else [])

    def _placed_stem(self, name: str, item: Item) -> PlacedStem:
        return PlacedStem(name=name, item=item.guid, track=self.project.track_of(item).guid)

    def _earlier_item(self, name: str) -> Item | None:
        """The item that an earlier job made of this stem, if it is still there."""
        for placed in self._joins.placed if self._joins else ():
            if placed.name == name:
                return self.project.find_item(placed.item, placed.track)
        return None

    def _insert_fresh(self, stems: list[list[ReceivedStem]]) -> Sequence[Item]:
        found = self.project.find_placed(self._layout.like) if self._layout.like else None
        taken = self._taken_names()
        in_folder = len(stems) > 1 and not self._layout.flat
        folder = taken.free_name(self._folder_title()) if in_folder else None
        names = self._free_names(taken, [takes[0].stem.name for takes in stems])
        new: list[NewStem] = []
        for takes, name in zip(stems, names, strict=True):
            stem = takes[0].stem
            start, end = self._stem_span(stem)
            new.append(
                NewStem(
                    name=name,
                    start_frame=start,
                    frames=end - start,
                    takes=_new_takes(takes),
                    colour=stem.colour,
                    like=found[1] if found else None,
                )
            )
        if self._layout.track is not None:
            track = self.project.find_track(self._layout.track)
            track.check_writable()
            return self.project.insert_stems(new, track=track)
        return self.project.insert_stems(new, folder=folder, below=self._track_above())

    def _taken_names(self) -> TakenNames:
        return TakenNames(track.title for track in self.project.tracks)

    def _free_names(self, taken: TakenNames, stems: Sequence[str]) -> list[str]:
        """Names for new tracks; a single one may be named by the prompt."""
        if self._layout.mixed:
            return [taken.free_name(self._folder_title()) for _ in stems]
        prompt = self._layout.title if len(stems) == 1 else ""
        return [taken.free_name(name, prompt) for name in stems]

    def _stem_span(self, stem: Stem) -> tuple[int, int]:
        """From where to where a stem lies, in the project's frames."""
        scale = self.project.sample_rate / stem.sample_rate
        shift = 0.0
        if self._start is not None:
            shift = self._start - self._jobs[0][0].timeline.start_frame * scale
        ends = (stem.start_frame, stem.start_frame + stem.frames)
        start, end = (max(nearest_frame(edge * scale + shift), 0) for edge in ends)
        return start, max(end, start + 1)

    def _track_above(self) -> Track | None:
        """The track to stand below; the project's end will do where it is gone."""
        if self._layout.below is None:
            return None
        try:
            return self.project.find_track(self._layout.below)
        except RequestError:
            return None

    def _mute_sources(self) -> list[str]:
        if not self._layout.mute:
            return []
        found = [self.project.find_placed(place) for place in self._layout.mute]
        for one in found:
            if one is not None:
                self.project.mute(one[1])
        if None in found:
            if len(found) == 1:
                return ["The source item has moved, so it was not muted."]
            return ["Some source items have moved, so they were not muted."]
        items = "source item is" if len(found) == 1 else "source items are"
        return [f"The {items} muted."]

    def _track_title(self, placed: PlacedStem) -> str:
        """What the track of a stem is called; the stem's own name on a track that was there before."""
        item = self.project.find_item(placed.item, placed.track)
        if item is None or self._layout.track is not None:
            return placed.name
        return self.project.track_of(item).title

    def _insert_midi(self, titles: Mapping[str, str]) -> list[str]:
        """A MIDI track beside each stem, of its first take. ``titles``: the names of the stems' tracks."""
        taken = self._taken_names()
        parts: list[NewMidi] = []
        for takes in self._stems.values():
            stem, notes = takes[0].stem, takes[0].notes
            if not notes:
                continue
            start, end = self._stem_span(stem)
            parts.append(
                NewMidi(
                    name=taken.free_name(f"{titles.get(stem.name, stem.name)} MIDI"),
                    start_frame=start,
                    frames=end - start,
                    notes=rescale_notes(notes, stem.sample_rate, self.project.sample_rate),
                    colour=stem.colour,
                )
            )
        if not parts:
            return ["No MIDI: the engine does not know which notes it played."]
        folder = taken.free_name(f"{self._folder_title()} MIDI")
        self.project.insert_midi(parts, folder=folder if len(parts) > 1 and not self._layout.flat else None)
        return [f"MIDI of {', '.join(part.name.removesuffix(' MIDI') for part in parts)}."]

    def _placed_text(self, stems: list[list[ReceivedStem]], items: Sequence[Item]) -> str:
        bar, beat = self.project.tempo_map.bar_beat_at(items[0].start_frame)
        if self._layout.track:
            where, names = f"on the track {self._layout.track}", [takes[0].stem.name for takes in stems]
        else:
            where = "on a new track" if len(items) == 1 else "on new tracks"
            names = [self.project.track_of(item).title for item in items]
        count = max(len(takes) for takes in stems)
        takes = f", {count} takes each" if count > 1 else ""
        return f"{self.project.path.name} at {bar}.{beat + 1:g}, {where}: {', '.join(names)}{takes}."

    def _folder_title(self) -> str:
        return self._layout.title[:_FOLDER_CHARS].strip() or "Bandmate"

    def _with_remedy(self, error: RequestError) -> RequestError:
        if error.code != ErrorCode.PROJECT_CHANGED or not self._jobs:
            return error
        jobs = " and ".join(f"`bandmate fetch {made.job}`" for made, _ in self._jobs)
        return RequestError(
            error.code, error.sentence, say("{jobs} adds the result to the current project.", jobs=jobs)
        )


def _new_takes(takes: Sequence[ReceivedStem]) -> list[NewTake]:
    return [NewTake(name=received.stem.name, file=received.path) for received in takes]
