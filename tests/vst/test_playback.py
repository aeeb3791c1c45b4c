"""What was generated is heard to the sample, in a real VST3 host with a real server."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.running import RunningServer
from tests.vst.conftest import find
from tests.vst.hosting import Hosted, mixed, reopen

BLOCKS = (1, 17, 64, 128, 512, 1024, 4096)
RATES = (44_100, 48_000, 88_200, 96_000, 192_000)


@pytest.mark.parametrize("rate", RATES)
def test_a_generation_is_heard_to_the_sample(vst3: Path, server: RunningServer, rate: int) -> None:
    hosted = Hosted(vst3, rate)
    take = hosted.generate(bars=1)["takes"][-1]
    wanted = mixed(take)
    # One bar of 4/4 at 120, at the host's own rate.
    assert len(wanted) == 2 * rate
    assert np.abs(wanted).max() > 0.05
    hosted.plugin.audition = True
    assert np.array_equal(hosted.silence(len(wanted)), wanted)


def test_every_block_size_gives_the_same(vst3: Path, server: RunningServer) -> None:
    hosted = Hosted(vst3)
    wanted = mixed(hosted.generate(bars=1)["takes"][-1])
    for block in BLOCKS:
        hosted.plugin.audition = True
        # It begins again after its end: heard twice without a gap.
        heard = hosted.silence(2 * len(wanted), block)
        assert np.array_equal(heard, np.concatenate([wanted, wanted])), block
        hosted.plugin.audition = False
        hosted.silence(4096)


def test_a_saved_song_plays_without_a_server(
    vst3: Path, home: Path, steady: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find(home, steady)
    hosted = Hosted(vst3)
    first = hosted.generate(bars=1)
    wanted = mixed(first["takes"][-1])
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "nobody"))
    song, heard = reopen(vst3, hosted.plugin.raw_state, len(wanted))
    assert song["takes"] == first["takes"]
    assert song["missing"] == 0
    # Under a home of its own nobody else has the id.
    assert song["instance"] == first["instance"]
    assert np.array_equal(heard, wanted)


def test_a_copy_has_an_id_of_its_own(vst3: Path, server: RunningServer) -> None:
    hosted = Hosted(vst3)
    first = hosted.generate(bars=1)
    copy = Hosted(vst3, state=hosted.plugin.raw_state)
    assert copy.song["takes"] == first["takes"]
    assert copy.song["instance"] != first["instance"]
    assert hosted.song["instance"] == first["instance"]
