"""Music whose beats, key, chords and sections are known, to score the task `analyse` on.

- sketches: what the engine `sketch` plays, with the truth from its timeline, its key and its chart;
- tracker modules of the Debian package `biniax2-data` (zlib licence), with beats and chords from their rows;
- recordings of the Debian packages `fretsonfire-songs-sectoid` (MIT-like) and `fretsonfire-songs-muldjord`
  (CC BY-SA 3.0), with the tempo of their games.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from tests.material.sketched_pieces import RATE, Piece
from tests.measure.analysis_chords import clear_chords
from tests.measure.analysis_module import Module

MODULES = {
    "biniax_common00.it": "",
    "biniax_common01.it": "",
    "biniax_common02.it": "",
    "biniax_common03.it": "D minor",
    "biniax_common04.it": "D minor",
    "biniax_common05.it": "Eb minor",
    "biniax_common06.it": "D minor",
    "biniax_common07.it": "Eb minor",
}
"""The keys, labelled by hand from the notes of the patterns and the pitch at which their bass sounds alone.

All of them have four rows to a beat and sixteen to a bar: their snares lie on the rows 4 and 12. The first
three use few notes, or samples of whole chords, so that their key is open.
"""
_ROWS_IN_BEAT, _ROWS_IN_BAR = 4, 16


def modules(folder: Path, library: str, seconds: float = 60.0, *, strict: bool = False) -> Iterator[Piece]:
    """Modules with their beats and what chords are clear in their notes; strict as for `clear_chords`."""
    for name, key in MODULES.items():
        module = Module((folder / name).read_bytes(), library)
        audio, rows = module.played(round(seconds * RATE))
        beats = [row.seconds for row in rows if row.number % _ROWS_IN_BEAT == 0]
        downs = [row.seconds for row in rows if row.number % _ROWS_IN_BAR == 0]
        chords = clear_chords(module, name, audio, rows, strict=strict)
        yield Piece(name, "modules", audio, beats, downs, "4/4", key, chords)


RECORDINGS = {
    "muldjord/armygeddon": 170,
    "muldjord/chaos_god": 170,
    "muldjord/internal_degeneration": 190,
    "muldjord/mutilated_mime": 180,
    "sectoid/Escape from chaosland": 135,
    "sectoid/Feelings": 95,
    "sectoid/Metal madness": 150,
    "sectoid/War of freedom": 140,
}
"""The tempo of each, from its `notes.mid`; a beat lies on the start of the file."""


def recordings(folder: Path, start: int = 30, seconds: int = 60) -> Iterator[Piece]:
    """A minute of each recording, with its beats; their bars are not known for sure."""
    for name, bpm in RECORDINGS.items():
        parts = [
            soundfile.read(
                folder / name / part, seconds * RATE, start * RATE, dtype="float32", always_2d=True
            )
            for part in ("guitar.ogg", "song.ogg")
        ]
        grid = np.arange(0, start + seconds, 60 / bpm) - start
        yield Piece(name, "recordings", parts[0][0] + parts[1][0], grid[grid >= 0].tolist())
