"""The LV2 in Ardour, a whole DAW, with its transport rolling and without a window."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.client import Client
from bandmate_protocol.messages import JobSummary
from tests.ardour_programs import ATTEMPTS, ardour, ardour_environ, ardour_program
from tests.running import RunningServer

SCRIPT = Path(__file__).with_name("ardour.lua")
RATE, BPM = 48_000, 93.0
BAR = 4 * 60 * RATE / BPM
FROM = 100_000
"""The frame at which the script starts to record."""
pytestmark = pytest.mark.timeout(ATTEMPTS * 2_000)


@dataclass
class Song:
    """What `ardour.lua` left behind."""

    folder: Path
    export: str
    environ: dict[str, str]
    job: JobSummary
    stems: list[np.ndarray]

    def recorded(self) -> np.ndarray:
        """The sixteen channels of the track that recorded, (frames, 16)."""
        files = (self.folder / "interchange" / "song" / "audiofiles").glob("*.wav")
        ordered = sorted(files, key=lambda path: int(path.stem.split("%")[1]))
        return np.stack([soundfile.read(path, dtype="float32")[0] for path in ordered], axis=1)

    def mixdown(self) -> np.ndarray:
        """The master bus from `FROM` on, as Ardour's own export tool writes it."""
        heard = self.folder / "heard.wav"
        ardour(
            self.export,
            "-b",
            "float",
            "-s",
            RATE,
            "-o",
            heard,
            self.folder,
            "song",
            environ=self.environ,
            makes=heard,
        )
        audio, rate = soundfile.read(heard, dtype="float32", always_2d=True)
        assert rate == RATE
        return audio


@pytest.fixture(scope="module")
def song(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Song:
    lua = ardour_program("lua")
    base = tmp_path_factory.mktemp("ardour")
    shutil.copytree(built / "plugins" / "bandmate.lv2", base / "lv2" / "bandmate.lv2")
    server = RunningServer(base / "bandmate").start()
    environ = ardour_environ(base) | {
        "LV2_PATH": str(base / "lv2"),
        "BANDMATE_HOME": str(server.home),
        "SONG": str(base / "song"),
    }
    try:
        ardour(lua, SCRIPT, environ=environ, makes=base / "song")
        with Client.connect(server.address, token=server.token, start=False) as client:
            job = max(client.jobs(), key=lambda job: job.created_ms)
    finally:
        server.stop()
    files = sorted((server.home / "media").glob(f"* {job.job}-*.wav"), key=lambda path: path.stem[-1])
    stems = [soundfile.read(path, dtype="float32", always_2d=True)[0] for path in files]
    assert len(stems) == len(job.stems) > 1
    return Song(base / "song", lua.replace("-lua", "-export"), environ, job, stems)


def test_a_generation_lies_on_the_bar_of_the_playhead(song: Song) -> None:
    line = song.job.timeline
    assert line is not None
    assert line.tempo[0].bpm == pytest.approx(BPM)
    # Ardour says the place in a bar in ticks of 16 frames.
    assert (line.start_frame, line.end_frame, line.bar) == (round(BAR), round(2 * BAR), 2)


def test_the_mixdown_has_it_at_the_frame_without_a_server(song: Song) -> None:
    heard = song.mixdown()
    wanted = np.zeros_like(heard)
    start = round(BAR) - FROM
    wanted[start : start + len(song.stems[0])] = sum(song.stems)
    assert np.array_equal(heard, wanted)


def test_each_stem_is_recorded_from_its_own_output(song: Song) -> None:
    heard = song.recorded()
    # Ardour moves what one track records of another by what it takes for the latency of its sound card.
    first = int(np.flatnonzero(heard[:, 0])[0] - np.flatnonzero(song.stems[0][:, 0])[0])
    wanted = np.zeros_like(heard)
    for number, stem in enumerate(song.stems):
        wanted[first : first + len(stem), 2 * number : 2 * number + 2] = stem
    assert np.array_equal(heard, wanted)
