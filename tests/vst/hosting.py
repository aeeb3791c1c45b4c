"""The plugin in a real VST3 host, pedalboard, and how the tests work it."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pedalboard

BLOCK = 512


class Hosted:
    """One instance; `pedalboard` has no transport, so stems are heard by auditioning."""

    def __init__(self, path: Path, rate: int = 48_000, state: bytes | None = None) -> None:
        self.plugin: Any = pedalboard.load_plugin(str(path))
        self.rate = rate
        if state is not None:
            self.plugin.raw_state = state
        self.play(np.zeros((BLOCK, 2)))

    def play(self, audio: np.ndarray, block: int = BLOCK) -> np.ndarray:
        """Processes (frames, 2)."""
        given = np.ascontiguousarray(audio.T, dtype=np.float32)
        return self.plugin.process(given, self.rate, buffer_size=block, reset=False).T

    def silence(self, frames: int, block: int = BLOCK) -> np.ndarray:
        return self.play(np.zeros((frames, 2)), block)

    def press(self, trigger: str) -> None:
        """Turns a trigger on and off again, as a button on a controller does."""
        for value in (True, False):
            setattr(self.plugin, trigger, value)
            self.silence(BLOCK)

    @property
    def song(self) -> dict[str, Any]:
        """What the plugin saves."""
        raw = self.plugin.preset_data
        start = raw.index(b'{"instance"')
        return json.JSONDecoder().raw_decode(raw[start:].decode("utf-8", "replace"))[0]

    def until(self, good: Callable[[dict[str, Any]], bool], seconds: float = 90) -> dict[str, Any]:
        """Processes silence until the state is as it should be."""
        deadline = time.monotonic() + seconds
        while True:
            self.silence(BLOCK)
            song = self.song
            if good(song):
                return song
            assert time.monotonic() < deadline, song
            time.sleep(0.02)

    def until_status(self, *names: str) -> dict[str, Any]:
        return self.until(lambda song: song["status"] in names)

    def generate(self, bars: int = 1) -> dict[str, Any]:
        """One generation, to its end."""
        self.until_status("Ready", "Done", "Failed")
        count = len(self.song["takes"])
        self.plugin.bars = bars
        self.press("generate")
        return self.until(
            lambda song: (
                song["status"] in ("Done", "Failed")
                and len(song["takes"]) == count + 1
                and song["takes"][-1]["settled"]
            )
        )


def stems(take: dict[str, Any]) -> list[tuple[dict[str, Any], np.ndarray]]:
    """The stems of a saved take with the audio that lies in their files, (frames, channels)."""
    import soundfile

    found = []
    for stem in take["stems"].values():
        audio, rate = soundfile.read(stem["path"], dtype="float32", always_2d=True)
        assert rate == stem["sample_rate"]
        found.append((stem, audio))
    return found


def mixed(take: dict[str, Any]) -> np.ndarray:
    """What the take sounds like on one output; added up in the order in which the plugin does."""
    total: np.ndarray | None = None
    for _, audio in stems(take):
        total = audio.copy() if total is None else total + audio
    assert total is not None
    return total


def reopen(path: Path, state: bytes, frames: int) -> tuple[dict[str, Any], np.ndarray]:
    """A saved song opened in another process: its state, and what an audition sounds like.

    pedalboard closes no plugin before its process ends, and an open instance keeps its id.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_reopened, path, state, frames).result()


def _reopened(path: Path, state: bytes, frames: int) -> tuple[dict[str, Any], np.ndarray]:
    hosted = Hosted(path, state=state)
    hosted.plugin.audition = True
    return hosted.song, hosted.silence(frames)
