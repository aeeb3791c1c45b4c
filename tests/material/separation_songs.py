"""Music with known parts to score separation on; none of it is in the repository.

- bands that the engine `sketch` plays, with a voice made here;
- tracker modules of the Debian package `biniax2-data` (zlib licence), rendered by instrument with libopenmpt;
- "Metal madness" of the Debian package `fretsonfire-songs-sectoid` (MIT-like licence): a guitar and the rest.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import signal

from bandmate_plugins.testing import make_timeline, run_task

RATE = 44_100
SECONDS = 40
Audio = NDArray[np.float32]


@dataclass(frozen=True)
class Song:
    """A mix that is the sum of its parts, each of shape (frames, 2), by role."""

    name: str
    group: str
    parts: dict[str, Audio]

    @property
    def mix(self) -> Audio:
        """The sum of the parts."""
        return np.sum(list(self.parts.values()), axis=0, dtype=np.float64).astype(np.float32)


PROMPTS = (
    ("rock", "rock with drums, bass and electric guitar", 132),
    ("funk", "funk with drums, slap bass and electric piano", 104),
    ("ballad", "pop ballad with drums, bass and piano", 72),
    ("house", "house with drums, synth bass and pad", 124),
    ("jazz", "jazz trio with drums, double bass and piano", 140),
    ("reggae", "reggae with drums, bass and organ", 80),
)


FIT_PROMPTS = (
    ("metal", "metal with drums, bass and distorted guitar", 150),
    ("disco", "disco with drums, bass, strings and piano", 118),
    ("blues", "slow blues with drums, bass and organ", 84),
    ("techno", "techno with drums, bass and lead synth", 130),
    ("soul", "soul with drums, bass, brass and keys", 96),
    ("hip hop", "hip hop with drums, bass and piano", 88),
    ("country", "country with drums, bass and acoustic guitar", 110),
    ("bossa", "bossa nova with drums, bass and guitar", 126),
    ("pop", "pop with drums, bass, pad and piano", 120),
    ("punk", "punk rock with drums, bass and guitar", 172),
)
"""Other bands, for fitting only: nothing is scored on what it was fitted to."""


def bands(prompts: Sequence[tuple[str, str, int]] = PROMPTS, seed: int = 0) -> Iterator[Song]:
    """Bands of the engine `sketch`, every second one with a voice."""
    for number, (name, prompt, bpm) in enumerate(prompts, seed):
        asked = make_timeline(frames=RATE * SECONDS, bpm=bpm, sample_rate=RATE)
        result = run_task("generate", {"prompt": prompt}, timeline=asked, seed=number, engine="sketch")
        parts: dict[str, Audio] = {}
        for stem in result.stems:
            role = stem.role if stem.role in ("drums", "bass") else "other"
            parts[role] = parts.get(role, 0) + stem.samples
        if number % 2 == 0:
            parts["vocals"] = voice(RATE * SECONDS, number)
        yield Song(name, "bands with a voice" if "vocals" in parts else "bands", parts)


def voice(frames: int, seed: int) -> Audio:
    """A sung line in the middle: gliding, trembling notes through the formants of vowels, with breaths."""
    random = np.random.default_rng(seed)
    pitch, loud = np.zeros(frames), np.zeros(frames)
    lowest, size, level = random.integers(45, 63), random.uniform(0.85, 1.2), random.uniform(0.05, 0.12)
    place = 0
    while place < frames:
        length = int(RATE * random.uniform(0.2, 1.1))
        note = lowest + random.choice([0, 2, 4, 7, 9, 12])
        pitch[place : place + length] = 440 * 2 ** ((note - 69) / 12)
        loud[place : place + length] = random.random() > 0.25
        place += length
    smooth = np.ones(2_000) / 2_000
    pitch, loud = np.convolve(pitch, smooth, "same"), np.convolve(loud, smooth, "same")
    time = np.arange(frames) / RATE
    phase = np.cumsum(pitch * (1 + 0.012 * np.sin(2 * np.pi * 5.5 * time)) / RATE)
    source = signal.sawtooth(2 * np.pi * phase) + 0.03 * random.standard_normal(frames)
    out = np.zeros(frames)
    for low, high in ((450, 800), (1_000, 1_600), (2_400, 3_200)):
        band = signal.butter(2, (low * size, high * size), "bandpass", fs=RATE, output="sos")
        out += signal.sosfilt(band, source)
    out *= loud * level / max(float(np.std(out)), 1e-9)
    return np.repeat(out[:, np.newaxis], 2, axis=1).astype(np.float32)


MODULES: dict[str, dict[str, tuple[int, ...]]] = {
    "biniax_common02.it": {"kick": (6,), "snare": (4,), "hats": (2,), "bass": (), "other": (5,)},
    "biniax_common03.it": {"kick": (3,), "snare": (4,), "hats": (5,), "bass": (2,), "other": (6, 8, 9)},
    "biniax_common04.it": {"kick": (1,), "snare": (3,), "hats": (2,), "bass": (0,), "other": (4, 5)},
    "biniax_common05.it": {"kick": (4,), "snare": (5,), "hats": (3, 9), "bass": (7,), "other": (1, 6)},
    "biniax_common06.it": {
        "kick": (3, 10, 11, 12), "snare": (2,), "hats": (6,), "bass": (0,), "other": (1, 7, 8, 9),
    },
    "biniax_common07.it": {
        "kick": (4, 12), "snare": (5,), "hats": (3,), "bass": (7,), "other": (0, 1, 2, 11),
    },
}  # fmt: skip
"""Instruments by number, labelled by hand from the names of their samples and from how each sounds alone."""

DRUMS = ("kick", "snare", "hats")


FIT_MODULES = ("biniax_common02.it", "biniax_common04.it", "biniax_common06.it")
"""Those that the curves are fitted to; the others are for scoring."""

SCORE_MODULES = ("biniax_common03.it", "biniax_common05.it", "biniax_common07.it")


def modules(folder: Path, library: str, names: Iterable[str] = SCORE_MODULES) -> Iterator[Song]:
    """Modules as mixes of drums, bass and other."""
    for name in names:
        labels = MODULES[name]
        parts = {role: render(folder / name, library, labels[role]) for role in labels if labels[role]}
        drums = np.sum([parts[role] for role in DRUMS], axis=0)
        rest = {role: audio for role, audio in parts.items() if role not in DRUMS}
        group = "modules it was fitted to" if name in FIT_MODULES else "modules"
        yield Song(name, group, {"drums": drums, **rest})


def kits(folder: Path, library: str, names: Sequence[str] = SCORE_MODULES) -> Iterator[Song]:
    """The drums of modules alone."""
    for name in names:
        labels = MODULES[name]
        yield Song(name, "drums", {role: render(folder / name, library, labels[role]) for role in DRUMS})


def made_kits(count: int = 8) -> Iterator[Song]:
    """Drum tracks made here from falling tones and filtered noise, each with other drums and another beat."""
    for seed in range(count):
        random = np.random.default_rng(seed)
        time = np.arange(RATE // 2) / RATE
        fall = random.uniform(60, 200) * np.exp(-time / random.uniform(0.01, 0.04))
        phase = 2 * np.pi * np.cumsum(fall + random.uniform(42, 70)) / RATE
        kick = np.sin(phase) * np.exp(-time / random.uniform(0.05, 0.2))
        rattle = _between(random, len(time), random.uniform(300, 1_000), random.uniform(5_000, 14_000))
        ring = np.sin(2 * np.pi * random.uniform(160, 260) * time) * np.exp(-time / 0.06)
        snare = rattle * np.exp(-time / random.uniform(0.04, 0.12)) + ring * random.uniform(0.3, 1)
        hiss = _between(random, len(time), random.uniform(3_000, 8_000), 18_000)
        hats = [hiss * np.exp(-time / length) for length in (0.03, random.uniform(0.05, 0.4))]
        tracks = {name: np.zeros(RATE * 20 + len(time)) for name in DRUMS}
        step = RATE * 60 / random.uniform(70, 180) / 4
        for cell in range(int(RATE * 20 / step)):
            at = int(cell * step)
            chances = {
                "kick": 0.7 if cell % 8 == 0 else 0.15,
                "snare": 0.9 if cell % 8 == 4 else 0.08,
                "hats": 0.6,
            }
            for name, chance in chances.items():
                if random.random() < chance:
                    sound = {"kick": kick, "snare": snare, "hats": hats[int(random.random() < 0.2)]}[name]
                    tracks[name][at : at + len(time)] += sound * random.uniform(0.4, 1)
        levels = {"kick": 0.1, "snare": random.uniform(0.04, 0.1), "hats": random.uniform(0.01, 0.05)}
        yield Song(
            f"kit {seed}",
            "made drums",
            {
                name: np.repeat((track * levels[name] / np.std(track))[:, np.newaxis], 2, axis=1).astype(
                    np.float32
                )
                for name, track in tracks.items()
            },
        )


def made_bands(count: int = 5) -> Iterator[Song]:
    """Made drums with a deep bass that holds its notes, down to 30 Hz, and chords to one side."""
    for seed, kit in enumerate(made_kits(count)):
        random = np.random.default_rng(50 + seed)
        drums = np.sum(list(kit.parts.values()), axis=0)
        bass = _line(random, len(drums), range(24, 46), random.uniform(0.3, 2.5), random.uniform(1.2, 2.5))
        chords = sum(_line(random, len(drums), range(50, 80), 1.5, 1.5) for _ in range(3))
        lean = random.uniform(0.2, 1.0)
        parts = {
            "drums": drums,
            "bass": np.outer(bass / np.std(bass), [1.0, 1.0]) * random.uniform(0.06, 0.14),
            "other": np.outer(chords / np.std(chords), [1.0, lean]) * random.uniform(0.03, 0.08),
        }
        made = {name: part.astype(np.float32) for name, part in parts.items()}
        yield Song(f"made {seed}", "made bands", made)


def _line(
    random: np.random.Generator, frames: int, notes: range, seconds: float, slope: float
) -> NDArray[np.float64]:
    """Notes drawn from a range, each with eight partials that fall off with a slope and die away slowly."""
    out = np.zeros(frames)
    length = int(RATE * seconds)
    time = np.arange(length) / RATE
    for start in range(0, frames, length):
        hertz = 440 * 2 ** ((random.choice(notes) - 69) / 12)
        tones = sum(np.sin(2 * np.pi * hertz * n * time) / n**slope for n in range(1, 9))
        shape = np.minimum(1, np.minimum(time, seconds - time) / 0.01) * np.exp(-time * random.uniform(0, 1))
        out[start : start + length] = (tones * shape)[: frames - start]
    return out


def _between(random: np.random.Generator, frames: int, low: float, high: float) -> NDArray[np.float64]:
    """Noise between two frequencies."""
    band = signal.butter(2, (low, high), "bandpass", fs=RATE, output="sos")
    noise: NDArray[np.float64] = signal.sosfilt(band, random.standard_normal(frames))
    return noise


_MUTE_INSTRUMENT = 12
"""Place of `set_instrument_mute_status` in libopenmpt's table `interactive`."""


def render(path: Path, library: str, instruments: tuple[int, ...]) -> Audio:
    """The first seconds of a module with only some of its instruments."""
    openmpt = ctypes.CDLL(library)
    pointer = ctypes.c_void_p
    openmpt.openmpt_module_ext_create_from_memory.restype = pointer
    openmpt.openmpt_module_ext_get_module.restype = pointer
    openmpt.openmpt_module_read_interleaved_float_stereo.restype = ctypes.c_size_t
    data = path.read_bytes()
    handle = pointer(
        openmpt.openmpt_module_ext_create_from_memory(
            data, ctypes.c_size_t(len(data)), *[pointer(None) for _ in range(7)]
        )
    )
    module = pointer(openmpt.openmpt_module_ext_get_module(handle))
    table = (pointer * 16)()
    if not openmpt.openmpt_module_ext_get_interface(
        handle, b"interactive", table, ctypes.c_size_t(ctypes.sizeof(table))
    ):
        raise OSError("this libopenmpt cannot mute instruments")
    mute = ctypes.CFUNCTYPE(ctypes.c_int, pointer, ctypes.c_int32, ctypes.c_int)(table[_MUTE_INSTRUMENT])
    for number in range(openmpt.openmpt_module_get_num_instruments(module)):
        mute(handle, number, int(number not in instruments))
    out = np.zeros((RATE * SECONDS, 2), np.float32)
    place = 0
    while place < len(out):
        got = openmpt.openmpt_module_read_interleaved_float_stereo(
            module, RATE, ctypes.c_size_t(min(4_096, len(out) - place)), pointer(out[place:].ctypes.data)
        )
        if not got:
            break
        place += got
    openmpt.openmpt_module_ext_destroy(handle)
    return out


def metal(folder: Path, start_seconds: int = 60, seconds: int = SECONDS) -> Song:
    """Metal madness: the guitar is the part that should be found in `other`; alone there up to 69 s."""
    read = [
        soundfile.read(folder / name, seconds * RATE, start_seconds * RATE, dtype="float32", always_2d=True)[
            0
        ]
        for name in ("guitar.ogg", "song.ogg")
    ]
    return Song("Metal madness", "guitar", {"other": read[0], "the rest": read[1]})
