"""Builds the demo: one band, first in 4/4, then in 7/8 while the tempo rises; then work on what it played."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bandmate_bridge.client import Client
from bandmate_bridge.demo.audio import MeasuredJob, mix_band, render_job, repaint_drums, separate_mix
from bandmate_bridge.demo.followed import follow_melody
from bandmate_bridge.file_errors import file_errors
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.jobs.receive import ReceivedStem, make_folder
from bandmate_bridge.progress import ProgressCallback, SubjectChanged
from bandmate_bridge.rpp import NewStem, NewTake, Project, new_project
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap

PROJECT = "demo.rpp"
_MARK = "made by bandmate demo.json"
_RATE = 48_000
_BARS = 8
_BAND = "drums, upright bass, electric piano, vibraphone"
_BY_PRODUCTS = (".reapeaks", ".rpp-bak", ".rpp-undo")
"""What REAPER leaves beside a project that was only listened to."""


def build_demo(
    client: Client, folder: Path, seed: int, engine: str, progress: ProgressCallback
) -> list[MeasuredJob]:
    """Makes the project and its audio in an empty folder. Raises RequestError."""
    project = new_project(folder / PROJECT, sample_rate=_RATE, tempo=_demo_tempo().points)
    make_folder(project.media_folder())
    passes: list[MeasuredJob] = []
    bands: list[tuple[JobRequest, list[ReceivedStem]]] = []
    for title, prompt, first_bar in (
        ("4/4 at 92", f"dusty lo-fi, {_BAND}", 1),
        ("7/8, 104 to 132", f"driving funk, {_BAND}", _BARS + 1),
    ):
        progress(SubjectChanged(title))
        timeline = project.range(str(first_bar), bars=_BARS, key="A minor")
        order = JobRequest("generate", timeline, {"prompt": prompt}, (), engine, seed)
        made, received = render_job(client, project, title, order, progress)
        _insert_stems(project, received)
        passes.append(made)
        bands.append((order, received))
    order, band = bands[0]
    made, new = repaint_drums(client, project, band, order, seed, progress)
    mix_file = project.media_path("mix", "", ".wav")
    mix = mix_band(band, new, mix_file)
    passes += [made, separate_mix(client, project, mix, mix_file, 2 * _BARS + 1, seed, progress)]
    followed = follow_melody(client, project, *bands[1], progress)
    passes += [followed] if followed is not None else []
    project.save()
    return passes


def _demo_tempo() -> TempoMap:
    """Eight bars of 4/4 at 92; then 7/8, whose tempo rises from 104 to 132 over four bars."""
    steady = TempoMap([TempoPoint(position=0.0, bpm=92.0)], _RATE)
    rise = steady.position_of(_BARS + 1)
    quarters = 4 * 7 / 2
    top = rise + quarters * 60 / ((104 + 132) / 2) * _RATE
    return TempoMap(
        [
            *steady.points,
            TempoPoint(position=rise, bpm=104.0, numerator=7, denominator=8, shape="linear", starts_bar=True),
            TempoPoint(position=top, bpm=132.0, numerator=7, denominator=8),
        ],
        _RATE,
    )


def _insert_stems(project: Project, received: list[ReceivedStem]) -> None:
    """A stem goes on the track of its name, on a new one where there is none yet."""
    names = {track.name: track for track in project.tracks}
    fresh: list[NewStem] = []
    for each in received:
        stem = NewStem(
            name=each.stem.name,
            start_frame=each.stem.start_frame,
            frames=each.stem.frames,
            takes=[NewTake(name=each.stem.name, file=each.path)],
            colour=each.stem.colour,
        )
        if each.stem.name in names:
            project.insert_stems([stem], track=names[each.stem.name])
        else:
            fresh.append(stem)
    project.insert_stems(fresh)


class DemoFolder:
    """The demo's folder: made whole beside its place and then moved there, over an untouched demo only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self) -> None:
        """Raises RequestError (`file_exists`) when there is anything but a demo as it was made."""
        if not self._path.exists():
            return
        if not self._path.is_dir():
            raise _in_the_way_error(f"{self._path} is a file.")
        there = {path: path.relative_to(self._path).as_posix() for path in self._path.rglob("*")}
        files = {name: path for path, name in there.items() if path.is_file() or path.is_symlink()}
        if not files:
            return
        try:
            known = msgspec.json.decode((self._path / _MARK).read_bytes(), type=dict[str, str])
        except (OSError, msgspec.DecodeError) as error:
            raise _in_the_way_error(f"{self._path} contains files that are not from a demo.") from error
        for name, path in files.items():
            if name == _MARK or name.lower().endswith(_BY_PRODUCTS):
                continue
            if known.get(name) != _hash_file(path):
                raise _in_the_way_error(f"{path} has changed since the demo was built.")

    @contextmanager
    def fresh_folder(self) -> Iterator[Path]:
        """An empty folder that takes the demo's place at the end; on an error all is as it was."""
        parent = self._path.absolute().parent
        make_folder(parent)
        place = parent / f".{self._path.name}.{secrets.token_hex(4)}.part"
        with file_errors(place):
            place.mkdir()
        try:
            yield place
            files = {path.relative_to(place).as_posix(): _hash_file(path) for path in _folder_files(place)}
            with file_errors(place):
                (place / _MARK).write_bytes(msgspec.json.format(msgspec.json.encode(files)))
            self._swap_in(place)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _swap_in(self, place: Path) -> None:
        """Puts the new demo in the old one's place."""
        self.check()
        old = place.with_suffix(".old")
        with file_errors(self._path):
            if self._path.exists():
                self._path.rename(old)
            try:
                place.rename(self._path)
            except OSError:
                if old.exists():
                    old.rename(self._path)
                raise
        shutil.rmtree(old, ignore_errors=True)


def _folder_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _in_the_way_error(sentence: str) -> RequestError:
    return RequestError(
        ErrorCode.FILE_EXISTS,
        sentence,
        "Move it away, or choose another folder: bandmate demo -o other-demo.",
    )
