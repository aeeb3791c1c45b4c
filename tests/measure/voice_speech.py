"""What `cover` takes of people who speak: nothing, or notes that nobody sang.

python -m tests.measure.voice_speech

Wants espeak-ng, which speaks many languages (Debian: espeak-ng), on the path.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr

from bandmate_plugins._listening.melody.lines import MELODY
from bandmate_plugins._listening.melody.voice import BUILT_IN_TRACKER
from bandmate_plugins._listening.transcript import Transcript
from bandmate_plugins.testing import MemoryInput, make_timeline
from tests.material.voices import RATE, Voice

_ENGLISH = "Good morning, we meet at nine in front of the old station, and then we walk to the river."
SAID = {
    "de": "Guten Morgen, wir treffen uns heute um neun Uhr vor dem alten Bahnhof und gehen dann zum Fluss.",
    "en-gb": _ENGLISH,
    "en-us": _ENGLISH,
    "es": "Buenos días, hoy nos vemos a las nueve delante de la vieja estación y luego vamos al río.",
    "fr-fr": "Bonjour, nous nous voyons à neuf heures devant la vieille gare et nous allons à la rivière.",
    "it": "Buongiorno, oggi ci vediamo alle nove davanti alla vecchia stazione e poi andiamo al fiume.",
    "pl": "Dzień dobry, spotykamy się dzisiaj o dziewiątej przed starym dworcem i idziemy nad rzekę.",
    "cmn": "早上好 我们今天九点在老火车站前面见面 然后一起走到河边。",
}
SPEAKERS = ("", "+f3")
"""The man of the program, and a woman."""


def spoken(voice: str, text: str) -> Voice:
    """A sentence, shape (frames,). Raises FileNotFoundError where espeak-ng is not installed."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise FileNotFoundError("espeak-ng is not on the path; Debian has it in the package espeak-ng")
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder, "said.wav")
        subprocess.run([program, "-v", voice, "-w", str(wave), text], check=True, timeout=60)
        samples, rate = soundfile.read(wave, dtype="float32")
    return np.asarray(soxr.resample(samples, rate, RATE), dtype=np.float32)


def heard_as(mono: Voice) -> str:
    """What `cover` takes it for."""
    source, when = (
        MemoryInput(np.stack((mono, mono), axis=1)),
        make_timeline(frames=len(mono), sample_rate=RATE),
    )
    heard = Transcript(source, when, MELODY, lambda: None, BUILT_IN_TRACKER).transcribe_next()
    assert heard is not None, "it is one stretch at least"
    if heard.clear.sings is False:
        return "speech"
    return "a melody" if heard.clear.has_melody else "nothing clear"


def main() -> None:
    """Prints what each speaker is taken for."""
    print("| speaker | seconds | taken for |\n|---|---|---|")
    for language, text in SAID.items():
        for speaker in SPEAKERS:
            mono = spoken(language + speaker, text)
            print(f"| {language}{speaker} | {len(mono) / RATE:.1f} | {heard_as(mono)} |")


if __name__ == "__main__":
    main()
