"""Measures what ACE-Step costs with full-size random weights, beside diffusers' own pipeline in the same run.

python -m tests.measure.acestep_cost [--device cuda:0] [--seconds 240] [--caps 4 8 16] [--planner] [--folder FOLDER]
python -m tests.measure.acestep_cost --size mid --seconds 20        the same on a CPU, with a smaller checkpoint

Speed does not depend on the weights' values. A first run of each is thrown away; then they run in turn, and
the medians are given. Every cap is a process of its own under `MAX_CUDA_VRAM`. `--folder` keeps the weights
(6.4 GB in full size) for the next time. `--planner` adds a song that the 0.6B planner (1.2 GB) plans and that is fitted
to its grid in the end.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch

from bandmate_plugins._engines.acestep.latents import LatentStore
from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins._engines.acestep.sampling.checkpoint import open_checkpoint
from bandmate_plugins._engines.acestep.sampling.modules import ResidentModules
from bandmate_plugins._host.checked_run import run_checked
from bandmate_plugins._host.loading import load_task, read_catalogue
from bandmate_plugins._models.place import MIRROR
from bandmate_plugins._platform.devices import choose_device
from bandmate_plugins.outputs import StemAudio
from bandmate_plugins.testing import MemoryInput, make_timeline
from bandmate_plugins.testing.running import PatientContext, make_request
from tests.measure.acestep_weights import add_planner, transformer_folder, write_hub

RATE = 48_000
REPAINTED_SECONDS = 8
PROMPT = "warm upright bass and brushed drums"


@dataclass(frozen=True)
class Cost:
    """Seconds to the first audio and to the end, and the most memory on the device, in GB."""

    first: float
    took: float
    peak_gb: float


def measured(device: str, runs: int, *kinds: Callable[[], float | None]) -> list[Cost]:
    """The median of each kind of run, all of them in turn; one returns when its first audio came."""
    found: list[list[Cost]] = [[] for _ in kinds]
    for turn in range(runs + 1):
        for costs, run in zip(found, kinds, strict=True):
            cost = _once(device, run)
            if turn:
                costs.append(cost)
    return [
        Cost(*(statistics.median(each) for each in zip(*map(astuple, costs), strict=True))) for costs in found
    ]


def _once(device: str, run: Callable[[], float | None]) -> Cost:
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats()
    started = time.perf_counter()
    first = run()
    ended = time.perf_counter()
    peak = torch.cuda.max_memory_allocated() / 1e9 if device.startswith("cuda") else float("nan")
    return Cost((first or ended) - started, ended - started, peak)


def asked(engine: LoadedAceStep, name: str, params: dict[str, Any], **more: Any) -> float | None:
    """Runs a task through the engine and returns when its first audio came."""
    task = load_task(read_catalogue(), name)
    request = make_request(task, params, more["timeline"], more.get("inputs", ()), 3, engine=engine)
    first = None
    for output in run_checked(task, request, engine, PatientContext()):
        if isinstance(output, StemAudio) and first is None:
            first = time.perf_counter()
    return first


def song(engine: LoadedAceStep, seconds: int) -> float | None:
    """A song from a prompt."""
    over = make_timeline(frames=seconds * RATE, sample_rate=RATE)
    return asked(engine, "generate", {"prompt": PROMPT}, timeline=over)


def planned_song(engine: LoadedAceStep, seconds: int) -> float | None:
    """A song whose plan the language model writes first, and which is fitted to its grid in the end."""
    over = make_timeline(frames=seconds * RATE, sample_rate=RATE)
    params = {"prompt": PROMPT, "think": True, "fit": "always"}
    return asked(engine, "generate", params, timeline=over)


def repaint(engine: LoadedAceStep, seconds: int, source: np.ndarray) -> float | None:
    """Eight seconds in the middle of a song, whose latents are there from the run before."""
    frames = min(REPAINTED_SECONDS, seconds // 2) * RATE
    around = (seconds * RATE - frames) // 2
    bare = make_timeline(frames=frames, sample_rate=RATE, start_frame=around)
    over = msgspec.structs.replace(bare, context_before_frames=around, context_after_frames=around)
    return asked(engine, "repaint", {"prompt": PROMPT}, timeline=over, inputs=[MemoryInput(source)])


def pipeline(hub: Path, device: str) -> Callable[[int], None]:
    """diffusers' own, on the same checkpoint and in the same number format, its codec in tiles."""
    from diffusers import AceStepPipeline, FlowMatchEulerDiscreteScheduler
    from diffusers.models.transformers.ace_step_transformer import AceStepAttnProcessor2_0

    checkpoint = open_checkpoint(transformer_folder(hub))
    modules = ResidentModules(checkpoint, torch.device(device), number_format(device))
    parts: dict[str, Any] = {}
    for name in checkpoint.names:
        with modules.use(name) as part:
            parts[name] = part
    for layer in parts["transformer"].layers:  # the engine's own way is no part of their pipeline
        layer.self_attn.set_processor(AceStepAttnProcessor2_0())
    scheduler = FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0)
    made: Any = AceStepPipeline(tokenizer=checkpoint.load_tokenizer(), scheduler=scheduler, **parts)
    made.set_progress_bar_config(disable=True)
    made.vae.enable_tiling()

    def run(seconds: int) -> None:
        with torch.no_grad():
            made(prompt=PROMPT, lyrics="[Instrumental]", audio_duration=seconds).audios.float().cpu()

    return run


def number_format(device: str) -> torch.dtype:
    """What the engine works in there."""
    return torch.float32 if device == "cpu" else getattr(torch, choose_device().number_format)


def show(what: str, cost: Cost) -> None:
    """One line."""
    memory = "" if np.isnan(cost.peak_gb) else f"   peak {cost.peak_gb:5.2f} GB"
    print(f"{what:34} first audio {cost.first:7.3f} s   all {cost.took:7.3f} s{memory}")


def compare(options: argparse.Namespace, hub: Path, store: Path) -> None:
    """The engine, and after it the pipeline unless the memory is capped."""
    device, seconds = options.device, options.seconds
    if device != "cpu":
        choose_device()
    engine = LoadedAceStep(device, "full", LatentStore(store))
    cap = os.environ.get("MAX_CUDA_VRAM")
    at = f" in {cap} GB" if cap else ""
    source = np.random.default_rng(1).uniform(-0.3, 0.3, (seconds * RATE, 2)).astype(np.float32)
    kinds: list[Callable[[], float | None]] = [
        lambda: song(engine, seconds),
        lambda: repaint(engine, seconds, source),
    ]
    if options.planner:
        kinds.append(lambda: planned_song(engine, seconds))
    if cap is None:
        theirs = pipeline(hub, device)
        kinds.append(lambda: theirs(seconds))
    whole, part, *other = measured(device, options.runs, *kinds)
    show(f"{seconds} s of song{at}", whole)
    show(f"repaint in it{at}", part)
    print(f"first audio / all {whole.first / whole.took:.2f}")
    print(f"repaint / song {part.took / whole.took:.2f}")
    if options.planner:
        planned = other.pop(0)
        show(f"planned by 0.6B, and fitted{at}", planned)
        print(f"planned / song {planned.took / whole.took:.2f}")
    for cost in other:
        show("the same song by diffusers", cost)
        print(f"song / diffusers {whole.took / cost.took:.2f}")


def main() -> None:
    """Reads the command line, writes the checkpoint, measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", choices=["tiny", "mid", "full"], default="full")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--device", default="cuda:0" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seconds", type=int, default=240)
    parser.add_argument("--caps", type=float, nargs="*", default=[])
    parser.add_argument("--planner", action="store_true", help="also a song that is planned and fitted")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    warnings.filterwarnings("ignore", ".*weight_norm.*", FutureWarning)
    with tempfile.TemporaryDirectory() as scratch:
        root = options.folder or Path(scratch)
        hub = write_hub(root, options.size, options.device)
        if options.planner:
            add_planner(hub, options.size, options.device)
        os.environ |= {MIRROR: str(hub), "BANDMATE_HOME": f"{scratch}/home"}
        compare(options, hub, Path(scratch) / "latents")
        for cap in options.caps:
            command = [sys.executable, "-m", "tests.measure.acestep_cost", "--folder", str(root)]
            command += [
                "--device",
                options.device,
                "--seconds",
                str(options.seconds),
                "--runs",
                str(options.runs),
            ]
            command += ["--planner"] if options.planner else []
            subprocess.run(command, check=False, env=os.environ | {"MAX_CUDA_VRAM": f"{cap:g}"})


if __name__ == "__main__":
    main()
