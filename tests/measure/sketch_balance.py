"""Compares the sound of the engine `sketch`'s genres with named music of their kind from Debian packages.

python -m tests.measure.sketch_balance [--libopenmpt LIBRARY] [--seeds N]

It plays modules by libopenmpt0 and projects by lmms, both from Debian.

Prints the tables of docs/measured/balance.md. Each figure is a median over stretches of twenty seconds; the
range of a kind goes from its 5th to its 95th percentile.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import librosa
import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import signal

from bandmate_plugins._engines.sketch import library
from tests.material import separation_songs
from tests.material.sketch_bands import band, mix_of
from tests.measure.sketch_score import GENRES

RATE = 48_000
SECONDS = 20
LMMS_ATTEMPTS = 4
GAMES, WARZONE = Path("/usr/share/games"), Path("/usr/share/games/warzone2100/music/albums")
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "rock and metal bands": (
        "fretsonfire-songs-sectoid, fretsonfire-songs-muldjord",
        tuple(
            f"{GAMES}/fretsonfire/data/songs/{name}/song.ogg"
            for name in (
                "sectoid/Escape from chaosland", "sectoid/Feelings", "sectoid/Metal madness",
                "sectoid/War of freedom", "muldjord/armygeddon", "muldjord/chaos_god",
                "muldjord/internal_degeneration", "muldjord/mutilated_mime",
            )
        ),
    ),
    "scores for games": (
        "hyperrogue-music, warzone2100-music",
        (
            *(
                f"/usr/share/hyperrogue/music/hr{name}.ogg"
                for name in (
                    "3-caves", "3-crossroads", "3-desert", "3-graveyard", "3-hell", "3-icyland", "3-jungle",
                    "3-laboratory", "3-mirror", "3-motion", "3-rlyeh", "-savino-ivory", "-savino-ocean",
                    "-savino-palace",
                )
            ),
            *(f"{WARZONE}/original_soundtrack/track{number}.opus" for number in (1, 2, 3)),
            *(f"{WARZONE}/aftermath_soundtrack/track{number}.opus" for number in (18, 19, 21, 25)),
        ),
    ),
    "dance and game music from trackers": (
        "biniax2-data, pekka-kana-2-data",
        (
            *(f"{GAMES}/biniax2/music/biniax_common0{number}.it" for number in range(8)),
            *(
                f"{GAMES}/pekka-kana-2/data/music/song{number:02d}.xm"
                for number in (1, 2, 3, 5, 6, 7, 8, 9, 10, 12, 13)
            ),
        ),
    ),
    "demos of a music program, 118 to 150 bpm": (
        "lmms-common",
        tuple(
            f"/usr/share/lmms/projects/demos/{name}.mmpz"
            for name in (
                "CapDan/CapDan-ZeroSumGame-OriginalByZakarra", "EsoXLB-CPU", "Impulslogik-Zen",
                "Jousboxx-BuzzerBeater", "Momo64-esp", "Oglsdl-Dr8v2", "Oglsdl-PpTrip", "Saber-FinalStep",
                "Settel-InnerRecreation", "Shovon-ProgressiveHousePluckDemo", "Skiessi/Skiessi-C64",
                "Skiessi/Skiessi-Onion", "TameAnderson-MakeMe", "Thomasso-AxeFromThe80s",
            )
        ),
    ),
    "light bands": (
        "planetblupi-music-ogg, extremetuxracer-data",
        (
            *(f"/usr/share/planetblupi/music/music00{number}.ogg" for number in range(1, 10)),
            *(
                f"{GAMES}/etr/music/{name}.ogg"
                for name in ("race1-jt", "start1-jt", "options1-jt", "spunkyrace-ks")
            ),
        ),
    ),
}  # fmt: skip
"""Each kind's packages and tracks."""
LIKE = {
    "rock and metal bands": ("rock", "metal", "punk"),
    "scores for games": ("cinematic", "ambient", "classical"),
    "dance and game music from trackers": ("chiptune", "disco", "drum_and_bass"),
    "demos of a music program, 118 to 150 bpm": ("techno", "house", "trance", "synthwave"),
    "light bands": ("pop", "country", "funk"),
}  # fmt: skip
"""Which genres are of that kind. Of the others no music was found in Debian's packages."""
BANDS = ((20, 150), (150, 600), (600, 2_500), (2_500, 6_000), (6_000, 16_000))
FIGURES = (
    *(f"{low} to {high} Hz, dB" for low, high in BANDS),
    "crest, dB", "spread of levels, dB", "onsets a second",
)  # fmt: skip
Stretch = NDArray[np.float32]


def figures(stereo: Stretch) -> NDArray[np.float64]:
    """The figures of a stretch, in the order of `FIGURES`."""
    mono = stereo.mean(axis=1).astype(np.float64)
    hertz, power = signal.welch(mono, RATE, nperseg=8_192)
    total = power.sum()
    shares = [
        10 * np.log10(max(power[(hertz >= low) & (hertz < high)].sum() / total, 1e-9)) for low, high in BANDS
    ]
    crest = 20 * np.log10(np.abs(mono).max() / np.sqrt(np.mean(mono**2)))
    blocks = np.sqrt(np.mean(mono[: len(mono) // 19_200 * 19_200].reshape(-1, 19_200) ** 2, axis=1))
    levels = 20 * np.log10(np.maximum(blocks, 1e-5))
    spread = np.percentile(levels, 95) - np.percentile(levels, 10)
    onsets = librosa.onset.onset_detect(
        y=librosa.resample(mono.astype(np.float32), orig_sr=RATE, target_sr=24_000), sr=24_000, units="time"
    )
    return np.array([*shares, crest, spread, len(onsets) / (len(mono) / RATE)])


def stretches(path: Path, library: str) -> Iterator[Stretch]:
    """Two stretches of a track, from a quarter and from the middle of it; of a module its beginning."""
    if path.suffix in (".it", ".xm"):
        whole = separation_songs.render(path, library, tuple(range(256)))
        yield _at_rate(whole[-SECONDS * separation_songs.RATE :], separation_songs.RATE)
        return
    if path.suffix == ".mmpz":
        with TemporaryDirectory() as folder:
            yield from stretches(_rendered(path, Path(folder) / "demo.wav"), library)
        return
    about = soundfile.info(path)
    for part in (0.25, 0.5):
        start, frames = int(about.frames * part), SECONDS * about.samplerate
        audio = soundfile.read(path, frames, start, dtype="float32", always_2d=True)[0]
        guitar = path.with_name("guitar.ogg")
        if guitar.exists():
            audio = audio + soundfile.read(guitar, frames, start, dtype="float32", always_2d=True)[0]
        if len(audio) > frames // 2 and np.abs(audio).max() > 1e-3:
            yield _at_rate(audio, about.samplerate)


def _rendered(project: Path, target: Path) -> Path:
    """A project played by LMMS, which needs no screen. LMMS 1.2.2 crashes now and then, so it may try again."""
    for attempt in range(LMMS_ATTEMPTS):
        done = subprocess.run(
            ["lmms", "--allowroot", "render", str(project), "-o", str(target), "-f", "wav", "-s", str(RATE)],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            check=attempt + 1 == LMMS_ATTEMPTS,
            capture_output=True,
        )
        if done.returncode == 0:
            break
    return target


def _at_rate(audio: Any, rate: int) -> Stretch:
    made = librosa.resample(audio.T, orig_sr=rate, target_sr=RATE).T if rate != RATE else audio
    return np.asarray(made, dtype=np.float32)


def of_kind(kind: str, library: str) -> NDArray[np.float64]:
    """The figures of every stretch of a kind's music."""
    paths = [Path(name) for name in KINDS[kind][1]]
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise SystemExit(f"{missing[0]} is not here: apt install {KINDS[kind][0].replace(',', '')}")
    return np.array([figures(one) for path in paths for one in stretches(path, library)])


def of_genre(genre: str, seeds: int) -> NDArray[np.float64]:
    """A genre's figures, the median over pieces."""
    pieces = [figures(mix_of(band(genre, seed, SECONDS))) for seed in range(1, seeds + 1)]
    return np.asarray(np.median(pieces, axis=0))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--libopenmpt", default="libopenmpt.so.0")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    show: Callable[[str], None] = lambda text: print(text, flush=True)  # noqa: E731
    for kind, genres in LIKE.items():
        found = of_kind(kind, arguments.libopenmpt)
        low, middle, high = np.percentile(found, [5, 50, 95], axis=0)
        show(f"\n{kind} ({KINDS[kind][0]}, {len(KINDS[kind][1])} tracks, {len(found)} stretches)\n")
        show("| | " + " | ".join(FIGURES) + " |")
        show("|---" * (len(FIGURES) + 1) + "|")
        show(
            "| from, to | " + " | ".join(f"{a:.1f} to {b:.1f}" for a, b in zip(low, high, strict=True)) + " |"
        )
        show("| median | " + " | ".join(f"{value:.1f}" for value in middle) + " |")
        for genre in genres:
            mine = of_genre(genre, arguments.seeds)
            inside = (mine >= low) & (mine <= high)
            cells = [f"{v:.1f}" if ok else f"**{v:.1f}**" for v, ok in zip(mine, inside, strict=True)]
            show(f"| {genre} | " + " | ".join(cells) + " |")
    rest = [genre for genre in GENRES if not any(genre in genres for genres in LIKE.values())]
    show(f"\nNo music of their kind was found: {', '.join(library.genres()[genre].title for genre in rest)}.")


if __name__ == "__main__":
    main()
