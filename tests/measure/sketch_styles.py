"""Compares genres of the engine `sketch` with styles of the program MMA, from Debian's package mma.

python -m tests.measure.sketch_styles SOUNDFONT [--seeds N]

Debian's packages hold too little music of these genres for a range; MMA's styles are accompaniments of them
by musicians, as notes: drums, bass and chords, without a melody. They play at the genre's tempo, and so does
the genre's own band without its lead. A SoundFont (General MIDI, such as FluidR3_GM.sf2 of Debian's
fluid-soundfont-gm) plays the styles. Onsets and the spread of levels are a matter of the notes; spectra are
those of the SoundFont.
"""

from __future__ import annotations

import argparse
import io
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import soundfile
from midirenderer import render_wave_from
from numpy.typing import NDArray

from bandmate_plugins._engines.sketch import library
from tests.material.sketch_bands import mix_of, played, when
from tests.measure.sketch_balance import FIGURES, SECONDS, figures
from tests.metrics import sketch_audio as measure

STYLES: dict[str, tuple[str, ...]] = {
    "blues": (
        "stdlib:Blues", "stdlib:Blues1", "stdlib:SlowBlues", "stdlib:FastBlues", "stdlib:FastBlues1",
        "stdlib:CountryBlues", "stdlib:CountryBlues1", "stdlib:ShuffleBoggie", "stdlib:BoggieWoggie",
        "casio:Blues",
    ),
    "bossa_nova": (
        "stdlib:BossaNova", "stdlib:BossaNovaPlus", "stdlib:BossaNova1Sus", "stdlib:BossaNova2Sus",
        "stdlib:BossaNova3Sus", "kara:kbossaA", "yamaha:JazzBossaA", "yamaha:JazzBossaB", "stdlib:Samba",
    ),
    "hip_hop": (
        "casio:Hip-Hop", "alexis:HipHop", "alexis:HipHopSus", "alexis:HipHopPlus1", "alexis:HipHopPlus2",
        "alexis:HipHopPlusPlus", "casio:TripHop",
    ),
    "jazz": (
        "stdlib:Bebop", "stdlib:BebopPlus", "stdlib:Swing", "stdlib:SwingWalk", "stdlib:JazzCombo",
        "stdlib:JazzCombo1", "stdlib:ModernJazz", "stdlib:MellowJazz", "yamaha:JazzTrioMainA",
        "yamaha:JazzTrioMainB", "yamaha:JazzSwingMainA", "casio:JazzCombo", "casio:ModernJazz",
    ),
    "reggae": ("stdlib:Ska", "stdlib:Ska1", "stdlib:SkaSus", "stdlib:Ska1Sus", "stdlib:SkaClap"),
    "salsa": (
        "stdlib:Salsa", "stdlib:SalsaPlus", "stdlib:Mambo", "stdlib:Mambo1", "stdlib:Son", "stdlib:ChaCha",
        "yamaha:Salsa1MainA", "yamaha:Salsa1MainB", "yamaha:Salsa2MainA", "yamaha:Salsa2MainB",
        "yamaha:MamboMainA",
    ),
    "soul": (
        "casio:Soul", "casio:60sSoul", "casio:SoulPop", "stdlib:DSoulPlus", "stdlib:R&B", "stdlib:R&BPlus",
        "stdlib:R&B-Ballad", "casio:ModernR&B", "casio:MellowRB", "kara:8beatmotownA", "kara:8beatmotownC",
    ),
}  # fmt: skip
"""For each genre, styles by library and name."""
CHORDS = ("Am7", "Dm7", "G7", "CM7")


def accompaniment(style: str, bpm: float, folder: Path) -> bytes:
    """Some twenty bars of a style, as a MIDI file."""
    bars = "\n".join(f"{bar + 1} {CHORDS[bar % len(CHORDS)]}" for bar in range(24))
    (folder / "style.mma").write_text(f"Tempo {bpm:g}\nGroove {style}\n{bars}\n")
    subprocess.run(
        ["mma", "style.mma", "-f", "style.mid"], cwd=folder, check=True, capture_output=True, text=True
    )
    return (folder / "style.mid").read_bytes()


def of_style(style: str, bpm: float, font: bytes) -> NDArray[np.float64]:
    """The figures of a style, after its first bar or so."""
    with TemporaryDirectory() as folder:
        midi = accompaniment(style, bpm, Path(folder))
    stereo, rate = soundfile.read(io.BytesIO(render_wave_from(font, midi)), dtype="float32", always_2d=True)
    assert rate == measure.RATE
    return figures(stereo[2 * rate : (2 + SECONDS) * rate])


def of_genre(genre: str, bpm: float, seeds: int) -> NDArray[np.float64]:
    """The figures of a genre's band without its lead, the median over pieces."""
    prompt = f"{library.genres()[genre].words[0]} without melody"
    pieces = [figures(mix_of(played(prompt, when(SECONDS, bpm), seed))) for seed in range(1, seeds + 1)]
    return np.asarray(np.median(pieces, axis=0))


def _row(name: str, cells: list[Any]) -> None:
    print(f"| {name} | " + " | ".join(map(str, cells)) + " |", flush=True)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("soundfont", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    font = arguments.soundfont.read_bytes()
    _row("", list(FIGURES))
    _row("---", ["---"] * len(FIGURES))
    for genre, styles in STYLES.items():
        low, high = library.genres()[genre].tempo
        bpm = round((low + high) / 2)
        found = np.array([of_style(style, bpm, font) for style in styles])
        least, middle, most = np.min(found, axis=0), np.median(found, axis=0), np.max(found, axis=0)
        mine = of_genre(genre, bpm, arguments.seeds)
        spans = [f"{a:.1f} to {b:.1f}" for a, b in zip(least, most, strict=True)]
        _row(f"{genre}: {len(styles)} styles", spans)
        _row("median", [f"{value:.1f}" for value in middle])
        inside = (mine >= least) & (mine <= most)
        _row(genre, [f"{v:.1f}" if ok else f"**{v:.1f}**" for v, ok in zip(mine, inside, strict=True)])


if __name__ == "__main__":
    main()
