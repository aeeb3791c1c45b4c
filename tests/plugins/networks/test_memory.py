"""What a stream of stems holds depends on its tiles and not on the length of the source."""

from __future__ import annotations

import tracemalloc
from itertools import islice

import pytest

from bandmate_plugins._engines.separation_nets.stream import NetworkEnsemble, PassOptions, StemStream
from tests.plugins.dsp.conftest import EndlessInput
from tests.plugins.networks.test_tiles import keep_all


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("faded", [False, True])
def test_late_tiles_hold_what_early_ones_held(rate: int, faded: bool) -> None:
    source = EndlessInput(3 * 3_600 * rate)
    ensemble = NetworkEnsemble([(keep_all, [1, 1])] * 2, ("one", "two"), 44_100, 44_100, batch=2, faded=faded)
    blocks = StemStream(source, rate, ensemble, PassOptions(shifts=2), lambda: None).stem_blocks()

    def peak(count: int) -> int:
        tracemalloc.reset_peak()
        for _ in islice(blocks, count):
            pass
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        early, late = peak(40), peak(160)
    finally:
        tracemalloc.stop()
    assert late < 1.1 * early
    assert late < 40e6
