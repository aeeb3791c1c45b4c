"""The CLAP in a host of its own: place, tempo and metre, every output, and a saved song."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.running import RunningServer
from tests.vst.clap_host import OUTPUTS, RATE, ClapHost, Song
from tests.vst.hosting import stems


@pytest.fixture
def clap(built: Path) -> Path:
    return built / "plugins" / "bandmate.clap"


@pytest.fixture
def hosts() -> Iterator[list[ClapHost]]:
    """Those that the test opens, which are closed after it."""
    opened: list[ClapHost] = []
    yield opened
    for host in opened:
        host.close()


def wanted(take: dict, frames: int, *, separate: bool) -> np.ndarray:
    """The song from its start on: each stem from its frame on its own output, or all on the first."""
    song = np.zeros((frames, OUTPUTS), np.float32)
    for number, (stem, audio) in enumerate(stems(take)):
        at, pair = stem["start_frame"], number if separate else 0
        song[at : at + len(audio), 2 * pair : 2 * pair + 2] += audio
    return song


def heard_beyond_the_first(host: ClapHost, frame: int) -> bool:
    host.song.frame = frame
    return bool(host.play(4096)[:, 2:].any())


@pytest.mark.parametrize(("bpm", "numerator", "denominator"), [(93.0, 4, 4), (140.0, 7, 8), (120.0, 6, 8)])
def test_a_generation_lies_in_the_bar_of_the_playhead(
    clap: Path, server: RunningServer, hosts: list[ClapHost], bpm: float, numerator: int, denominator: int
) -> None:
    song = Song(bpm, numerator, denominator, frame=400_000)
    hosts.append(host := ClapHost(clap, song))
    assert (host.count_ports(inputs=True), host.count_ports(inputs=False)) == (1, 8)
    host.until(lambda state: state["status"] == "Ready")
    host.set("bars", 2)
    host.set("slot", 0)
    host.set("generate", 1)
    host.block(64)
    take = host.until(lambda state: state["status"] == "Done")["takes"][0]
    line = take["recipe"]["timeline"]
    bar = RATE * 240 / bpm * numerator / denominator
    count = int(400_000 // bar)
    assert (line["start_frame"], line["end_frame"], line["bar"]) == (
        int(count * bar + 0.501),
        int((count + 2) * bar + 0.501),
        count + 1,
    )
    assert line["tempo"][0]["bpm"] == bpm
    assert (line["tempo"][0]["numerator"], line["tempo"][0]["denominator"]) == (numerator, denominator)
    for separate in (False, True):
        host.set("outputs", separate)
        host.until(lambda _: heard_beyond_the_first(host, line["start_frame"]) == separate)  # noqa: B023
        song.frame = line["start_frame"] - 1000
        heard = host.play(line["end_frame"] - line["start_frame"] + 3000)
        whole = wanted(take, song.frame, separate=separate)
        assert np.array_equal(heard, whole[line["start_frame"] - 1000 :])


def opened_elsewhere(clap: Path, state: bytes) -> str:
    """The id that the saved song has in another process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_opened, clap, state).result()


def _opened(clap: Path, state: bytes) -> str:
    host = ClapHost(clap, Song(), state)
    try:
        return host.state["instance"]
    finally:
        host.close()


def test_an_id_survives_a_save_and_a_copy_gets_another(
    clap: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    host = ClapHost(clap, Song())
    state, own = host.save(), host.state["instance"]
    copy = ClapHost(clap, Song(), state)
    assert copy.state["instance"] != own
    assert opened_elsewhere(clap, state) != own
    copy.close()
    host.close()
    assert opened_elsewhere(clap, state) == own
    assert not list(tmp_path.rglob("*.lock"))


def test_a_song_whose_files_lie_elsewhere_finds_them(
    clap: Path, server: RunningServer, hosts: list[ClapHost], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts.append(host := ClapHost(clap, Song()))
    host.until(lambda state: state["status"] == "Ready")
    host.set("bars", 1)
    host.set("generate", 1)
    host.block(64)
    take = host.until(lambda state: state["status"] == "Done")["takes"][0]
    # Another machine: other folders, no server.
    moved = tmp_path / "brought along"
    moved.mkdir()
    for stem, _ in stems(take):
        Path(stem["path"]).rename(moved / Path(stem["path"]).name)
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    monkeypatch.setenv("BANDMATE_MEDIA", str(moved))
    hosts.append(again := ClapHost(clap, Song(), host.save()))
    assert again.state["missing"] == 0
    (found,) = again.state["takes"]
    heard = again.play(found["end"] + 1000)
    assert np.array_equal(heard, wanted(found, len(heard), separate=False))


def test_a_saved_song_plays_in_another_instance(
    clap: Path, server: RunningServer, hosts: list[ClapHost]
) -> None:
    hosts.append(host := ClapHost(clap, Song(93.0)))
    host.until(lambda state: state["status"] == "Ready")
    host.set("bars", 1)
    host.set("generate", 1)
    host.block(64)
    take = host.until(lambda state: state["status"] == "Done")["takes"][0]
    hosts.append(again := ClapHost(clap, Song(93.0), host.save()))
    assert again.state["takes"] == [take]
    assert again.get("bars") == 1
    heard = again.play(take["end"] + 1000, 333)
    assert np.array_equal(heard, wanted(take, len(heard), separate=False))
