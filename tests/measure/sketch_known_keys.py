"""How well the estimators that `sketch_score key` uses hear the keys of named works, for comparison.

uv run --with music21 --with essentia python -m tests.measure.sketch_known_keys SOUNDFONT

The works are scores of music21's corpus: openings whose key their titles give, and chorales of Bach that end
on the tonic of their signature. A SoundFont plays them (General MIDI, such as TimGM6mb of Debian's
timgm6mb-soundfont), 40 seconds of each.
"""

from __future__ import annotations

import argparse
import importlib
import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from midirenderer import render_wave_from

from tests.measure.sketch_score import confused
from tests.metrics import sketch_audio as measure

SECONDS = 40
OPENINGS = {
    "beethoven/opus18no1/movement1.mxl": "F major", "beethoven/opus18no3.mxl": "D major",
    "beethoven/opus18no4.mxl": "C minor", "beethoven/opus18no5.mxl": "A major",
    "beethoven/opus59no1/movement1.mxl": "F major", "beethoven/opus59no2/movement1.mxl": "E minor",
    "beethoven/opus74.mxl": "Eb major", "haydn/opus1no1/movement1.mxl": "Bb major",
    "haydn/opus74no1/movement1.mxl": "C major", "mozart/k155/movement1.mxl": "D major",
    "mozart/k156/movement1.mxl": "G major", "mozart/k458/movement1.mxl": "Bb major",
    "mozart/k545/movement1_exposition.mxl": "C major", "mozart/k80/movement1.mxl": "G major",
    "joplin/maple_leaf_rag.mxl": "Ab major", "schubert/Lindenbaum.xml": "E major",
    "chopin/mazurka06-2.krn": "C# minor", "schumann_clara/polonaise_op1n1.mxl": "Eb major",
}  # fmt: skip
CHORALES, MEASURES = 24, 40


def works(corpus: Any) -> Iterator[tuple[str, str, Any]]:
    """Name, key and score."""
    for name, key in OPENINGS.items():
        yield name, key, corpus.parse(name)
    found = 0
    for name in sorted(path for path in map(str, corpus.getComposer("bach")) if path.endswith(".mxl")):
        score = corpus.parse(name)
        key = _signature(score)
        if key and found < CHORALES:
            found += 1
            yield Path(name).stem, key, score


def _signature(score: Any) -> str | None:
    """The key of a score of four parts that ends on the tonic of its signature; None of others."""
    signature = score.flatten().getElementsByClass("KeySignature").first()
    if signature is None or len(score.parts) != 4:
        return None
    last = score.parts[-1].flatten().notes.last()
    if last is None:
        return None
    for mode in ("major", "minor"):
        key = signature.asKey(mode)
        if last.pitches[0].pitchClass == key.tonic.pitchClass:
            return f"{key.tonic.name.replace('-', 'b')} {mode}"
    return None


def _opening(score: Any) -> Any:
    """Its first measures, played through: some scores' repeats cannot be followed."""
    first = score.measures(0, MEASURES)
    for measure_ in first.recurse().getElementsByClass("Measure"):
        measure_.leftBarline = measure_.rightBarline = None
    for mark in list(first.recurse().getElementsByClass(("RepeatMark", "RepeatBracket"))):
        mark.activeSite.remove(mark)
    return first


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("soundfont", type=Path)
    font = parser.parse_args().soundfont.read_bytes()
    music21 = importlib.import_module("music21")
    scores: dict[str, list[float]] = defaultdict(list)
    for name, key, score in works(music21.corpus):
        midi = music21.midi.translate.music21ObjectToMidiFile(_opening(score)).writestr()
        stereo, rate = soundfile.read(io.BytesIO(render_wave_from(font, midi)), always_2d=True)
        assert rate == measure.RATE
        mono = np.ascontiguousarray(stereo[: SECONDS * rate].mean(axis=1), dtype=np.float32)
        heard = {"librosa": measure.heard_key(mono)}
        if measure.essentia() is not None:
            heard |= {f"Essentia {one}": measure.essentia_key(mono, one) for one in ("edma", "bgate")}
        for way, found in heard.items():
            scores[way].append(measure.key_score(key, found))
        print(f"{name}: {key}, heard {heard}", flush=True)
    for way, values in scores.items():
        print(f"| {way} | {len(values)} | {np.mean(values):.2f} | {confused(values)} |")


if __name__ == "__main__":
    main()
