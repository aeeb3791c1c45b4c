"""Writes `drum_spectra.json`, the spectra by which drums are told apart, from the kits of the engine `sketch`.

python -m tests.material.drum_spectra
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import numpy as np

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.sound.percussion import render_hit
from bandmate_plugins._listening.project_features import MIDDLE_RATE, short_spectra

STROKES = {
    "kick": (("studio kick", "jazz kick", "rock kick"), ("eight kick", "nine kick")),
    "snare": (
        ("studio snare", "rock snare", "jazz snare", "nine snare", "eight snare"),
        ("studio clap", "nine clap", "eight clap"),
        ("studio rim", "studio brush"),
    ),
    "hat": (
        ("studio hat", "nine hat", "eight hat", "studio shaker"),
        ("studio open", "studio ride", "nine open"),
    ),
}
"""Strokes of kits whose mean spectra stand for each kind of drum."""


def drum_spectra() -> dict[str, list[list[float]]]:
    """For each kind of drum, magnitudes by bin of the short spectrum at MIDDLE_RATE."""
    return {
        kind: [
            [float(f"{value:.3g}") for value in np.mean([_stroke_spectrum(one) for one in group], axis=0)]
            for group in groups
        ]
        for kind, groups in STROKES.items()
    }


def _stroke_spectrum(stroke: str) -> np.ndarray:
    """The loudest moment of a kit's drum and what follows it; its bands sum to one."""
    kit, name = stroke.split()
    sound = render_hit(library.kits()[kit].drums[name], MIDDLE_RATE, 0.8, 0)[:, 0]
    spectra, bands = short_spectra(sound, MIDDLE_RATE)
    top = int(bands.sum(axis=1).argmax())
    part = slice(max(top - 1, 0), top + 4)
    return np.asarray(spectra[part].mean(axis=0) / max(float(bands[part].mean(axis=0).sum()), 1e-12))


def main() -> None:
    """Writes the file beside the detector of strokes."""
    path = Path(str(files("bandmate_plugins._listening").joinpath("drum_spectra.json")))
    lines = (f' "{kind}": {json.dumps(rows)}' for kind, rows in drum_spectra().items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
