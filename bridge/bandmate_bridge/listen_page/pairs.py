"""Renders pairs at equal loudness, in an order that nobody knows, and writes their page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bandmate_bridge.audiofiles.wav_patch import read_layout
from bandmate_bridge.client import Client
from bandmate_bridge.file_errors import file_errors
from bandmate_bridge.files import temporary_folder, write_whole
from bandmate_bridge.jobs.receive import ReceivedStem
from bandmate_bridge.listen_page.audio import write_16_bit
from bandmate_bridge.listen_page.pair_page import BlindPair, pair_page_html
from bandmate_bridge.listen_page.render import AUDIO, PageEntry, render_mix
from bandmate_bridge.listen_page.ways import PairSide, SoundPair
from bandmate_bridge.listen_page.write import PAGE
from bandmate_bridge.progress import ProgressCallback, SubjectChanged

MeasureLoudness = Callable[[Path], float | None]
"""The integrated loudness of a file in LUFS; None for silence."""
_LABELS = ("a", "b")


@dataclass(frozen=True)
class _Sound:
    path: Path
    lufs: float | None


def write_pair_page(
    client: Client,
    pairs: Sequence[SoundPair],
    folder: Path,
    progress: ProgressCallback,
    *,
    seed: int,
    measure: MeasureLoudness,
    replace: bool,
) -> list[BlindPair]:
    """Makes all pairs, and the page after each of them, so that what is made can be heard if the rest is not.

    `seed` decides which side of each pair is A. Raises RequestError for files; what the engine refuses is on the page.
    """
    made = []
    order = Random(seed)  # noqa: S311 - an order that can be made again
    for number, pair in enumerate(pairs, 1):
        progress(SubjectChanged(f"{number} of {len(pairs)}, {pair.title}"))
        swapped = order.random() < 0.5
        with temporary_folder() as place:
            made.append(_make_pair(client, pair, number, swapped, Path(place), folder, progress, measure))
        page = pair_page_html(made, seed, wanted=len(pairs))
        write_whole(folder / PAGE, page.encode("utf-8"), replace=replace or number > 1)
    return made


def _make_pair(
    client: Client,
    pair: SoundPair,
    number: int,
    swapped: bool,
    place: Path,
    folder: Path,
    progress: ProgressCallback,
    measure: MeasureLoudness,
) -> BlindPair:
    sounds, remarks = [], []
    for side, name in zip(pair.sides, _LABELS, strict=True):
        sound, entry = _side_sound(client, side, place / f"{name}.wav", progress, measure)
        if sound is None:
            return BlindPair(
                f"pair{number:02d}", pair.title, failure=f"{side.way}: {entry.failure if entry else ''}"
            )
        sounds.append(sound)
        remarks.append(" ".join(entry.remarks) if entry else "")
    targets = [f"{AUDIO}/pair{number:02d}-{label}.wav" for label in _LABELS]
    ways = [side.way for side in pair.sides]
    if swapped:
        sounds, ways, remarks = sounds[::-1], ways[::-1], remarks[::-1]
    gains = equal_gains([sound.lufs for sound in sounds])
    for sound, target, gain in zip(sounds, targets, gains, strict=True):
        layout = read_layout(sound.path)
        write_16_bit(
            sound.path, folder / target,
            rate=layout.sample_rate, channels=layout.channels, frames=layout.frames, gain=gain,
        )  # fmt: skip
    return BlindPair(f"pair{number:02d}", pair.title, tuple(targets), tuple(ways), tuple(remarks))


def equal_gains(lufs: Sequence[float | None]) -> list[float]:
    """Factors that make all as loud as the softest: nothing can clip."""
    known = [value for value in lufs if value is not None]
    return [10 ** ((min(known) - value) / 20) if value is not None else 1.0 for value in lufs]


def _side_sound(
    client: Client, side: PairSide, target: Path, progress: ProgressCallback, measure: MeasureLoudness
) -> tuple[_Sound | None, PageEntry | None]:
    if side.example is None:
        assert side.file is not None, "a side is an example or a file"
        return _Sound(side.file, measure(side.file)), None

    def keep(received: ReceivedStem, shown: PageEntry) -> None:
        del shown
        with file_errors(target):
            shutil.copyfile(received.path, target)

    entry = render_mix(client, "pair", side.example, keep, progress)
    return (None if entry.failure else _Sound(target, entry.lufs)), entry
