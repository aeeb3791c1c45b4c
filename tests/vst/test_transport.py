"""In DawDreamer, whose position runs: tempo, place, and work on the track's own audio."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bandmate_bridge.client import Client
from bandmate_protocol.messages import JobSummary
from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer

RATE, BPM = 48_000, 93.0
BAR = 4 * 60 * RATE / BPM
TRIGGERS = {"generate": 0, "cover": 1, "repaint": 2, "accompany": 3, "separate": 4}
BARS, SLOT, OUTPUTS = 6, 9, 12


class Song:
    """A track with noise on it and the plugin behind."""

    def __init__(self, path: Path, seconds: int = 12) -> None:
        import dawdreamer

        self.engine = dawdreamer.RenderEngine(RATE, 512)
        self.engine.set_bpm(BPM)
        noise = np.random.default_rng(2).normal(size=(2, seconds * RATE)) * 0.05
        self.noise = noise.astype(np.float32)
        self.plugin: Any = self.engine.make_plugin_processor("bandmate", str(path))
        source = self.engine.make_playback_processor("track", self.noise)
        self.engine.load_graph([(source, []), (self.plugin, ["track"])])

    def render(self, seconds: float) -> np.ndarray:
        """From the song's start; the first output."""
        self.engine.render(seconds)
        return self.engine.get_audio()[:2]

    def outputs(self, seconds: float) -> np.ndarray:
        """The same, all sixteen channels."""
        self.engine.render(seconds)
        return self.engine.get_audio()

    def press(self, trigger: str) -> None:
        for value in (1.0, 0.0):
            self.plugin.set_parameter(TRIGGERS[trigger], value)
            self.render(0.05)

    def until(self, good: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := good()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return found


class Jobs:
    """Those that the server gets from now on."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.before = {job.job for job in client.jobs()}

    def ended(self, task: str) -> JobSummary | None:
        for job in self.client.jobs():
            if job.task == task and job.state == "done" and job.job not in self.before:
                return job
        return None


def files(server: RunningServer, job: JobSummary) -> list[np.ndarray] | None:
    import soundfile

    paths = sorted((server.home / "media").glob(f"* {job.job}-*.wav"), key=lambda path: path.stem[-1])
    if len(paths) < len(job.stems):
        return None
    return [soundfile.read(path, dtype="float32", always_2d=True)[0] for path in paths]


@pytest.fixture
def jobs(server: RunningServer) -> Iterator[Jobs]:
    with Client.connect(server.address, token=server.token, start=False) as connected:
        yield Jobs(connected)


def test_a_generation_lies_on_the_bars_of_the_hosts_tempo(
    vst3: Path, server: RunningServer, jobs: Jobs
) -> None:
    song = Song(vst3)
    song.plugin.set_parameter(BARS, 1 / 31)
    time.sleep(0.3)
    song.press("generate")
    job = song.until(lambda: jobs.ended("generate"))
    assert job.timeline is not None
    assert job.timeline.tempo[0].bpm == pytest.approx(BPM)
    assert (job.timeline.start_frame, job.timeline.end_frame) == (0, int(2 * BAR + 0.501))
    stems = song.until(lambda: files(server, job))
    wanted = song.noise[:, : job.timeline.end_frame].T + sum(stems)
    time.sleep(0.3)
    heard = song.render(8).T
    assert np.abs(heard[: len(wanted)] - wanted).max() < 1e-6
    after = len(wanted) + 64
    assert np.array_equal(heard[after:], song.noise[:, after : len(heard)].T)


def test_each_stem_has_an_output_of_its_own(vst3: Path, server: RunningServer, jobs: Jobs) -> None:
    song = Song(vst3)
    for control, value in ((BARS, 0.0), (SLOT, 0.0), (OUTPUTS, 1.0)):
        song.plugin.set_parameter(control, value)
    song.press("generate")
    job = song.until(lambda: jobs.ended("generate"))
    stems = song.until(lambda: files(server, job))
    assert len(stems) > 1
    song.until(lambda: song.outputs(3)[2].any())
    heard = song.outputs(3)
    length = len(stems[0])
    # The track's own audio is on the first.
    assert np.abs(heard[:2, :length] - song.noise[:, :length] - stems[0].T).max() < 1e-6
    for number, stem in enumerate(stems[1:], 1):
        assert np.array_equal(heard[2 * number : 2 * number + 2, :length], stem.T)
    assert not heard[2 * len(stems) :].any()


def test_a_repaint_stands_in_the_place_of_the_track(vst3: Path, server: RunningServer, jobs: Jobs) -> None:
    song = Song(vst3)
    song.plugin.set_parameter(BARS, 0.0)
    song.render(11)
    # A position that does not run on is a host that stands still: what was heard stays captured.
    song.plugin.set_parameter(TRIGGERS["repaint"], 1.0)
    job = song.until(lambda: song.render(0.02) is not None and jobs.ended("repaint"))
    assert job.timeline is not None
    assert job.timeline.end_frame - job.timeline.start_frame in (int(BAR), int(BAR) + 1)
    stems = song.until(lambda: files(server, job))
    time.sleep(0.3)
    heard = song.render(11).T
    inside = heard[job.timeline.start_frame : job.timeline.end_frame]
    assert np.array_equal(inside, stems[0])
    end = job.timeline.end_frame
    assert np.array_equal(heard[end:], song.noise[:, end : len(heard)].T)


@pytest.mark.parametrize("task", ["cover", "accompany", "separate"])
def test_work_on_the_track_stands_where_it_was_played(
    vst3: Path, server: RunningServer, jobs: Jobs, task: str
) -> None:
    song = Song(vst3)
    song.plugin.set_parameter(BARS, 0.0)
    song.render(8)
    song.plugin.set_parameter(TRIGGERS[task], 1.0)
    job = song.until(lambda: song.render(0.02) is not None and jobs.ended(task))
    assert job.timeline is not None
    stems = song.until(lambda: files(server, job))
    time.sleep(0.3)
    heard = song.render(8).T
    inside = slice(job.timeline.start_frame, job.timeline.end_frame)
    wanted = sum(stems)
    assert len(wanted) == inside.stop - inside.start
    if task == "accompany":
        wanted = wanted + song.noise[:, inside].T
    assert np.abs(heard[inside] - wanted).max() < 1e-5
