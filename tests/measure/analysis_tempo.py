"""Measures the tempo by ear: one tempo for a constant song, moving ones followed, and beats on their attacks.

python -m tests.measure.analysis_tempo --wads FOLDER --soundfont FILE.sf2 --rendered FOLDER [--most 70]
python -m tests.measure.analysis_tempo --attacks

The songs are the MIDI files in the WADs of a Doom-like game (Debian's `freedoom`) of at least 55 s. Each is
rendered by FluidSynth as it is, and once more with another tempo: a step, a ramp, rubato or a slow drift.
"""

from __future__ import annotations

import argparse
import struct
import subprocess
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from bandmate_plugins._listening import MusicAnalyser, MusicAnalysis
from tests.material.attack_trains import KINDS, attack_train

RATE, RENDERED_RATE = 22_050, 44_100
SHORTEST_SECONDS, LONGEST_SECONDS = 55.0, 180.0
_TRAIN_BPM = 112.0
WARPS = ("step", "ramp", "rubato", "drift")
_RATIOS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1.0, 4 / 3, 3 / 2, 2.0, 3.0, 4.0)
"""Paces that music may be felt at, times its quarter notes."""
Floats = NDArray[np.floating]
Tempo = list[tuple[float, float]]
"""Quarter notes from the start, and the tempo from there on."""


@dataclass(frozen=True)
class Rendered:
    """A song: mono samples at RATE, and the times of its quarter notes in seconds."""

    name: str
    samples: Floats
    quarters: Floats


def tempo_of(midi: mido.MidiFile) -> Tempo:
    """The tempo changes of a file, in order; the last one of those at the same place counts."""
    found: dict[float, float] = {}
    for track in midi.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            if message.type == "set_tempo":
                found[ticks / midi.ticks_per_beat] = 60e6 / message.tempo
    return sorted(found.items()) or [(0.0, 120.0)]


def on_quarters(midi: mido.MidiFile) -> bool:
    """Whether its notes begin on quarters, sixteenths and triplets; else its tempo is not the music's."""
    places: list[float] = []
    for track in midi.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            if message.type == "note_on" and message.velocity:
                places.append(ticks / midi.ticks_per_beat)
    at = np.array(places)
    off = np.min([np.abs(at * parts - np.round(at * parts)) / parts for parts in (3, 4)], axis=0)
    return bool(np.mean(off < 0.03) > 0.6)


def warped(kind: str, tempo: Tempo, quarters: float, seed: int) -> Tempo:
    """Another tempo for a song of so many quarter notes; `const` keeps its own."""
    base, random = tempo[0][1], np.random.default_rng(seed)
    if kind == "step":
        ratio = float(random.choice([0.8, 0.88, 0.94, 1.05, 1.1, 1.22]))
        return [(0.0, base), (4.0 * round(quarters / 8), base * ratio)]
    if kind == "ramp":
        ratio = float(random.choice([0.85, 0.92, 1.1, 1.2]))
        steps = np.arange(64)
        places = quarters / 4 + quarters / 2 * steps / 64
        return [
            (0.0, base),
            *zip(places.tolist(), (base * (1 + (ratio - 1) * (steps + 1) / 64)).tolist(), strict=True),
        ]
    at = np.arange(0.0, quarters)
    turns = random.uniform(0, 6.28, 3)
    if kind == "rubato":
        share = 0.05 * np.sin(2 * np.pi * at / 16 + turns[0]) + 0.03 * np.sin(2 * np.pi * at / 37 + turns[1])
        share += 0.01 * random.standard_normal(len(at))
    elif kind == "drift":
        share = 0.012 * np.sin(2 * np.pi * at / 90 + turns[0]) + 0.006 * np.sin(
            2 * np.pi * at / 53 + turns[1]
        )
    else:
        return tempo
    return list(zip(at.tolist(), (base * (1 + share)).tolist(), strict=True))


def render(path: Path, kind: str, seed: int, soundfont: Path, folder: Path) -> Rendered | None:
    """A file at a tempo, from the folder if it was rendered before; None for one that has several already."""
    cached = folder / f"{path.stem}.{kind}.npz"
    if not cached.exists():
        midi = mido.MidiFile(path)
        own = tempo_of(midi)
        if kind != "const" and len(own) > 1:
            return None
        ticks = max(sum(message.time for message in track) for track in midi.tracks)
        quarters = ticks / midi.ticks_per_beat
        tempo = warped(kind, own, quarters, seed)
        samples = played(_with_tempo(midi, tempo), soundfont)
        times = _seconds(tempo, np.arange(0.0, quarters))
        np.savez(cached, mono=samples, beats=times[times < len(samples) / RATE])
    with np.load(cached) as kept:
        return Rendered(cached.stem, kept["mono"], kept["beats"])


def _with_tempo(midi: mido.MidiFile, tempo: Tempo) -> mido.MidiFile:
    out = mido.MidiFile(ticks_per_beat=midi.ticks_per_beat, type=1)
    changes, before = mido.MidiTrack(), 0
    for quarters, bpm in tempo:
        ticks = round(quarters * midi.ticks_per_beat)
        changes.append(mido.MetaMessage("set_tempo", tempo=round(60e6 / bpm), time=ticks - before))
        before = ticks
    out.tracks.append(changes)
    for track in midi.tracks:
        kept, waiting = mido.MidiTrack(), 0
        for message in track:
            waiting += message.time
            if message.type != "set_tempo":
                kept.append(message.copy(time=waiting))
                waiting = 0
        out.tracks.append(kept)
    return out


def played(midi: mido.MidiFile, soundfont: Path) -> Floats:
    """A file as FluidSynth plays it: mono samples at RATE."""
    with tempfile.TemporaryDirectory() as folder:
        notes, audio = Path(folder, "song.mid"), Path(folder, "song.wav")
        midi.save(notes)
        rate = str(RENDERED_RATE)
        command = ["fluidsynth", "-ni", "-F", str(audio), "-r", rate, "-g", "0.4", str(soundfont), str(notes)]
        subprocess.run(command, check=True, capture_output=True)
        samples = soundfile.read(audio, dtype="float32", always_2d=True)[0]
    mono = samples[: round(LONGEST_SECONDS * RENDERED_RATE)] @ np.array([4 / 7, 3 / 7], np.float32)
    return np.asarray(soxr.resample(mono, RENDERED_RATE, RATE), np.float32)


def _seconds(tempo: Tempo, quarters: Floats) -> Floats:
    places, speeds = np.array(tempo).T
    starts = np.concatenate(([0.0], np.cumsum(np.diff(places) * 60 / speeds[:-1])))
    held = np.clip(np.searchsorted(places, quarters, "right") - 1, 0, len(places) - 1)
    return np.asarray(starts[held] + (quarters - places[held]) * 60 / speeds[held])


def listen(samples: Floats, rate: int = RATE) -> MusicAnalysis:
    """What is heard in mono samples."""
    ear = MusicAnalyser(rate, 1, len(samples))
    ear.add(np.asarray(samples, np.float32)[:, np.newaxis])
    return ear.finish_analysis(lambda: None)


def told(heard: MusicAnalysis) -> str:
    """What is said of the tempo."""
    if not len(heard.beats):
        return "no beat"
    return "unsure" if not heard.sure else "steady" if heard.is_steady else "moving"


def followed(heard: MusicAnalysis, quarters: Floats) -> float:
    """The share of the seconds in which the tempo is right to 2 %, at any one pace that music is felt at."""
    at = np.arange(quarters[0] + 1.0, quarters[-1] - 1.0)
    truth = 60 / np.interp(at, (quarters[:-1] + quarters[1:]) / 2, np.diff(quarters))
    starts = np.array([change.seconds for change in heard.tempo])
    speeds = np.array([change.bpm for change in heard.tempo])
    said = speeds[np.clip(np.searchsorted(starts, at, "right") - 1, 0, len(starts) - 1)]
    return max(float(np.mean(np.abs(said / truth / ratio - 1) < 0.02)) for ratio in _RATIOS)


def songs_of(wads: Path, into: Path) -> list[Path]:
    """The different MIDI files in the WADs of a folder, written into another one."""
    found: dict[bytes, Path] = {}
    for wad in sorted(wads.glob("*.wad")):
        data = wad.read_bytes()
        count, directory = struct.unpack("<II", data[4:12])
        for entry in range(directory, directory + 16 * count, 16):
            at, size, name = struct.unpack("<II8s", data[entry : entry + 16])
            lump = data[at : at + size]
            if lump[:4] == b"MThd" and lump not in found:
                found[lump] = into / f"{wad.stem[-1]}{name.rstrip(bytes(1)).decode()}.mid"
                found[lump].write_bytes(lump)
    return sorted(found.values())


def score_songs(wads: Path, soundfont: Path, rendered: Path, most: int) -> None:
    """Prints a table of what is told of constant and of moving songs."""
    rendered.mkdir(parents=True, exist_ok=True)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    shares: dict[str, list[float]] = defaultdict(list)
    for number, path in enumerate(songs_of(wads, rendered)[:most]):
        midi = mido.MidiFile(path)
        if midi.length < SHORTEST_SECONDS or not on_quarters(midi):
            continue
        for kind in ("const", WARPS[number % len(WARPS)]):
            song = render(path, kind, number, soundfont, rendered)
            if song is None:
                continue
            # A file with changes of its own is none of the constant ones.
            group = kind if kind != "const" or len(tempo_of(midi)) == 1 else "own changes"
            heard = listen(song.samples)
            counts[group][told(heard)] += 1
            right = followed(heard, song.quarters) if len(heard.beats) else 0.0
            if len(heard.beats):
                shares[group].append(right)
            speeds = [round(change.bpm, 2) for change in heard.tempo][:8]
            print(song.name, told(heard), f"{right:.2f}", speeds, flush=True)
    names = ("steady", "moving", "unsure", "no beat")
    print(f"| tempo | songs | {' | '.join(names)} | right to 2 % |\n|---|---|---|---|---|---|---|")
    for group, by_name in counts.items():
        cells = " | ".join(str(by_name[name]) for name in names)
        print(f"| {group} | {sum(by_name.values())} | {cells} | {np.mean(shares[group]):.2f} |")


def score_attacks() -> None:
    """Prints how late beats are that lie on attacks of a kind, alone and over a held chord with noise."""
    print("| attack | alone | over a held chord |\n|---|---|---|")
    for kind in KINDS:
        cells = []
        for bed in (0.0, 0.05):
            late: list[float] = []
            for start in (0.3, 0.3043):
                heard = listen(attack_train(kind, _TRAIN_BPM, start, bed), RENDERED_RATE)
                period = 60 / _TRAIN_BPM
                off = (heard.beats - start + period / 2) % period - period / 2
                late += off[np.abs(off) < 0.06].tolist()
            cells.append(f"{1000 * np.mean(late):+.1f}" if late else "no beat")
        print(f"| {kind} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Reads the command line and measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wads", type=Path, help="a folder of WADs")
    parser.add_argument("--soundfont", type=Path)
    parser.add_argument("--rendered", type=Path, help="where rendered songs are kept")
    parser.add_argument("--most", type=int, default=70, help="how many of the files")
    parser.add_argument("--attacks", action="store_true")
    asked = parser.parse_args()
    if asked.attacks:
        score_attacks()
    if asked.wads:
        score_songs(asked.wads, asked.soundfont, asked.rendered, asked.most)


if __name__ == "__main__":
    main()
