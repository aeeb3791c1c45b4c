"""Draws the pictures of docs/reaper.md: `python -m tests.reaper.pictures`."""

import math
import os
import re
import struct
import sys
import tempfile
import time
from pathlib import Path

from tests.plugins.models.hub import Hub
from tests.reaper.model import Item, Source, Take, Track
from tests.reaper.models_stage import REPOSITORY, WEIGHTS
from tests.reaper.stage import Stage
from tests.running import RunningServer

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
RATE = 48_000


def source_item(folder: Path, seconds: float = 16.0) -> Item:
    """An item of a file with a few beats in it."""
    path = folder / f"loop-{seconds:g}.wav"
    if not path.exists():
        samples = []
        for index in range(int(seconds * RATE)):
            since = index % (RATE // 2) / RATE
            value = (
                0.6
                * math.exp(-18 * since)
                * math.sin(2 * math.pi * 110 * since * (1 + 3 * math.exp(-40 * since)))
            )
            samples.append(int(20_000 * value))
        data = struct.pack(f"<{len(samples)}h", *samples)
        form = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
        size = struct.pack("<I", 36 + len(data))
        path.write_bytes(
            b"RIFF"
            + size
            + b"WAVEfmt "
            + struct.pack("<I", 16)
            + form
            + b"data"
            + struct.pack("<I", len(data))
            + data
        )
    item = Item(takes=[Take("loop", Source(str(path)))])
    item.values |= {"D_LENGTH": seconds, "B_LOOPSRC": 0.0, "D_FADEINLEN": 0.0, "D_FADEOUTLEN": 0.0}
    return item


def _shown(stage: Stage, seconds: float = 1.5) -> None:
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        stage.reaper.tick()
        time.sleep(0.03)


def _picture(stage: Stage, name: str) -> None:
    gfx = stage.reaper.service.gfx
    gfx.save(PICTURES / f"reaper-{name}.png")
    print(name)


def _click(stage: Stage, text: str, seconds: float = 0.3) -> None:
    gfx = stage.reaper.service.gfx
    gfx.click(*gfx.find(text))
    _shown(stage, 0.1)
    gfx.release()
    _shown(stage, seconds)


def _draw_models(stage: Stage, hub: Hub) -> None:
    """The list with what is offered, and with what is on its way."""
    gfx = stage.reaper.service.gfx
    _click(stage, "Models")
    _click(stage, "demucs")
    _click(stage, "Download ...")
    stage.reaper.run_until(lambda: "Accept the licence and download" in gfx.texts)
    _picture(stage, "models")
    hub.pause_seconds = 0.02
    _click(stage, "Accept the licence and download")
    stage.reaper.run_until(lambda: any(re.search(r"2\d\.\d MB of", one) for one in gfx.texts), 120)
    _picture(stage, "fetching")
    _click(stage, "Cancel", 1.0)
    _click(stage, "Close")
    _click(stage, "Models")


def draw(folder: Path, server: RunningServer, hub: Hub) -> None:
    stage = Stage(folder, server)
    try:
        track = Track("Drums", selected=True)
        item = source_item(stage.song)
        item.selected = True
        track.items.append(item)
        stage.project.tracks = [track, Track("Voice")]
        stage.project.bpm = 120.0
        stage.project.selection = (4.0, 8.0)
        stage.action("Panel")
        stage.reaper.run_until(lambda: "Generate" in stage.reaper.service.gfx.texts)
        gfx = stage.reaper.service.gfx
        prompts = {
            "Generate into track": "dusty lo-fi drums, brushed snare",
            "Repaint selection": "busier fill",
            "Cover selection": "as a string quartet",
            "Accompany selection": "warm jazz trio",
        }
        for action, prompt in prompts.items():
            stage.action(action)
            _shown(stage, 0.3)
            gfx.type(prompt)
            _shown(stage)
            _picture(stage, action.split()[0].lower())
        for task in ("Separate", "Analyse"):
            _click(stage, task, 1.5)
            _picture(stage, task.lower())
        _click(stage, "Settings")
        _picture(stage, "settings")
        _click(stage, "Settings")
        _draw_models(stage, hub)
        stage.project.selection = (0.0, 240.0)
        track.selected = item.selected = False
        stage.forget_jobs()
        stage.action("Generate into track")
        _shown(stage, 0.3)
        for _ in range(40):
            gfx.keys.append(8)
        gfx.type("slow jazz trio, strings\r")
        stage.reaper.run_until(
            lambda: stage.project.items()[1:] and any(re.search(r"bar \d\d.* left", one) for one in gfx.texts)
        )
        _picture(stage, "progress")
    finally:
        stage.end()


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as where, Hub() as hub:
        weights = bytes(84_000_000)
        hub.repositories[REPOSITORY] = {"htdemucs.yaml": b"models: ['955717e8']", WEIGHTS: weights}
        hub.licences[REPOSITORY] = "mit"
        environ = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")} | hub.environ(Path(where))
        running = RunningServer(Path(where) / "home", environ=environ)
        running.start()
        try:
            (Path(where) / "stage").mkdir()
            draw(Path(where) / "stage", running, hub)
        finally:
            running.stop()
    sys.exit(0)
