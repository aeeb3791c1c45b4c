"""A DAWproject as a project of REAPER, with its audio beside it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from bandmate_bridge.dawproject.as_rpp import ReadProject
from bandmate_bridge.dawproject.project import DawProject
from bandmate_bridge.export.losses import Losses
from bandmate_bridge.file_errors import file_errors
from bandmate_bridge.files import partial_path, put_in_place
from bandmate_bridge.rpp import Project, media_folder
from bandmate_bridge.rpp.blank_project import blank_document
from bandmate_bridge.rpp.chunks import RppChunk, RppDocument, draft_chunk, lay_out
from bandmate_bridge.rpp.guids import new_guid
from bandmate_bridge.rpp.lines import first_word
from bandmate_bridge.rpp.media_files import free_media_path, stored_path
from bandmate_bridge.rpp.write_midi import TICKS
from bandmate_bridge.rpp.write_tracks import new_track
from bandmate_bridge.xml_projects.heard_clips import MediaReference

_TEMPO = ("TEMPO", "TEMPOENVEX")
_ENVELOPES = ("VOLENV2", "PANENV2")
_ENVELOPE_HEAD = ("VIS 1 1 1", "LANEHEIGHT 0 0", "ARM 1", "DEFSHAPE 0 -1 -1")


class MediaCopies:
    """The audio of an archive as files in the media folder of a project, each once."""

    def __init__(self, source: DawProject, target: Path) -> None:
        self._source = source
        self._base = target.parent
        self._folder = media_folder(target, "")
        self._made_folder = False
        self._known: dict[tuple[str, bool], str] = {}
        self.made: list[Path] = []
        self.missing = 0

    def locate(self, media: MediaReference) -> Path:
        """Where the new project has the audio of a reference, from its own folder; copied there if need be.

        Raises RequestError (`not_a_project`, `disk_full`, ...) for an entry that cannot be unpacked.
        """
        key = (media.path, media.external)
        if key not in self._known:
            self._known[key] = self._place(media)
        return Path(self._known[key])

    def _place(self, media: MediaReference) -> str:
        file = self._source.media.locate(media)
        if not file.is_file():
            self.missing += 1
            return media.path
        if media.external:
            return stored_path(file, self._base)
        with file_errors(self._folder):
            if not self._folder.is_dir():
                self._folder.mkdir()
                self._made_folder = True
            copy = free_media_path(self._folder, Path(media.path).name)
            partial = partial_path(copy)
            try:
                shutil.copyfile(file, partial)
                put_in_place(partial, copy)
            finally:
                partial.unlink(missing_ok=True)
            self.made.append(copy)
        return stored_path(copy, self._base)

    def abandon(self) -> None:
        """Removes what was copied."""
        for path in self.made:
            path.unlink(missing_ok=True)
        if self._made_folder:
            with contextlib.suppress(OSError):
                self._folder.rmdir()


@contextlib.contextmanager
def to_reaper(source: DawProject, path: Path) -> Iterator[tuple[Project, Losses, MediaCopies]]:
    """The project, to be saved at ``path``, what the other format does not hold of it, and the audio beside it.

    Raises RequestError; then, and where the block raises, no audio is left behind.
    """
    copies = MediaCopies(source, path)
    try:
        read = source.as_reaper(copies.locate, TICKS)
        losses = Losses()
        losses.left_out.update(read.unread)
        losses.left_out["effects and instruments"] += source.count_devices()
        losses.changed["files of audio that are missing are named where they were"] += copies.missing
        yield Project(path, _laid_out(read), None), losses, copies
    except BaseException:
        copies.abandon()
        raise


def _laid_out(read: ReadProject) -> RppDocument:
    """A whole project as REAPER would save it, with what was read."""
    document = blank_document(read.sample_rate, read.tempo.points[:1])
    root = document.root
    drafts = [child for child in read.document.root.children if _name(child) in (*_TEMPO, "MARKER")]
    tracks = [_track(chunk) for chunk in read.document.root.chunks("TRACK")]
    at = next(index for index, child in enumerate(root.children) if _name(child) == "TEMPOENVEX")
    kept = [child for child in root.children if _name(child) not in _TEMPO]
    laid = lay_out(draft_chunk("REAPER_PROJECT", *drafts, *tracks), 0, document.newline).children
    root.children[:] = [*kept[: at - 1], *laid, *kept[at - 1 :]]
    return document


def _name(child: str | RppChunk) -> str:
    return child.name if isinstance(child, RppChunk) else first_word(child)


def _track(read: RppChunk) -> RppChunk:
    """A track with REAPER's defaults for all that was not read."""
    made = new_track("", None)
    further: list[str | RppChunk] = []
    for child in read.children:
        if isinstance(child, RppChunk):
            further.append(_envelope(child) if child.name in _ENVELOPES else child)
        elif (index := made.index(first_word(child))) is not None:
            made.put(index, child)
        else:
            further.append(child)
    made.children += further
    return made


def _envelope(read: RppChunk) -> RppChunk:
    points: Sequence[str | RppChunk] = read.children
    return draft_chunk(read.opening[1:], f"EGUID {new_guid()}", points[0], *_ENVELOPE_HEAD, *points[1:])
