"""Times and memory of separation by networks, next to the packages' own calls in the same run.

python -m tests.tools.network_cost                                   HTDemucs in its real weights, on the CPU
python -m tests.tools.network_cost --device cuda:0 --batches 1 4 8    a GPU, and a RoFormer
python -m tests.tools.network_cost --memory 60 600 10800 --tiny       memory against length, by a tiny network
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any

import numpy as np
import psutil
import torch
from demucs.apply import apply_model
from demucs.hf import load_safetensors_model
from demucs.htdemucs import HTDemucs
from pymss_core.modules.bs_roformer import BSRoformer

from bandmate_plugins.networks.runner import Runner
from bandmate_plugins.networks.stream import Ensemble, StemStream, Way
from bandmate_plugins.request import AudioInput
from tests.tools.htdemucs_weights import SIGNATURE, model_folder

RATE = 44_100
ROFORMER_TILE = 352_800
"""Eight seconds, as the published BS-RoFormers have it."""


class Noise(AudioInput):
    """A source of any length that takes no memory: each block is made when it is read."""

    def __init__(self, seconds: float) -> None:
        self.role, self.start_frame, self.channels = "source", 0, 2
        self.frames = round(seconds * RATE)

    def read(self, offset: int = 0, frames: int | None = None) -> Any:
        stop = self.frames if frames is None else min(offset + frames, self.frames)
        random = np.random.default_rng(offset)
        return 0.1 * random.standard_normal((stop - offset, 2), np.float32)


@dataclass(frozen=True)
class Subject:
    """A network, what it gives, its tile, and the package's own call where it has one."""

    title: str
    network: Any
    roles: tuple[str, ...]
    tile_frames: int
    package: Callable[[Any, float, str], Any] | None = None


def htdemucs() -> Subject:
    path = model_folder() / "adefossez" / "HTDemucs" / f"{SIGNATURE}.safetensors"
    network = load_safetensors_model(path).eval()
    return _of_demucs("HTDemucs", network)


def tiny() -> Subject:
    """Some of HTDemucs, with random weights."""
    torch.manual_seed(0)
    network = HTDemucs(
        sources=["drums", "bass", "other", "vocals"],
        channels=8,
        bottom_channels=32,
        t_layers=1,
        t_heads=2,
        segment=Fraction(2),
        samplerate=RATE,
        audio_channels=2,
    )
    return _of_demucs("a tiny HTDemucs", network.eval())


class Nothing(torch.nn.Module):
    """Gives each tile back four times: what is left is what is done around a network."""

    def forward(self, tiles: torch.Tensor) -> torch.Tensor:
        return tiles[:, None].expand(-1, 4, -1, -1)


def around() -> Subject:
    """Tiles as HTDemucs has them, and no network."""
    return Subject("no network", Nothing(), tuple("dbov"), round(7.8 * RATE))


def _of_demucs(title: str, network: Any) -> Subject:
    def package(mix: Any, overlap: float, device: str) -> Any:
        return apply_model(network, mix[None], shifts=0, overlap=overlap, device=device)

    tile = int(network.samplerate * network.segment)
    return Subject(title, network, tuple(network.sources), tile, package)


def roformer() -> Subject:
    """As large as the published BS-RoFormers of four stems, with random weights."""
    torch.manual_seed(0)
    network = BSRoformer(dim=384, depth=8, stereo=True, num_stems=4, time_transformer_depth=1,
                         freq_transformer_depth=1, stft_hop_length=441)  # fmt: skip
    return Subject("a BS-RoFormer of random weights", network.eval(), tuple("dbov"), ROFORMER_TILE)


def stream(subject: Subject, source: AudioInput, overlap: float, device: str, batch: int) -> Iterator[int]:
    """Ours; yields the frames that are done."""
    runner = Runner(subject.network, device)
    shares = [1.0] * len(subject.roles)
    ensemble = Ensemble([(runner, shares)], subject.roles, RATE, subject.tile_frames, batch)
    done = 0
    for _, stems in StemStream(source, RATE, ensemble, Way(overlap), lambda: None).blocks():
        done += stems.shape[1]
        yield done


def compare(subject: Subject, seconds: float, overlap: float, device: str, batch: int, rounds: int) -> str:
    """A row: times real time, next to the package, in turn, and the GPU's highest memory."""
    source = Noise(seconds)
    mix = torch.from_numpy(source.read().T.copy())

    def ours() -> None:
        for _ in stream(subject, source, overlap, device, batch):
            pass

    def theirs() -> None:
        assert subject.package is not None, "asked for where there is one only"
        with torch.inference_mode():
            subject.package(mix, overlap, device)

    # Once before the clock: the first call sets up what later ones use.
    for _ in stream(subject, Noise(1), overlap, device, 1):
        pass
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats()
    turns = [_in_turn(ours, theirs if subject.package else None, turn) for turn in range(rounds)]
    memory = torch.cuda.max_memory_allocated() / 1e9 if device.startswith("cuda") else 0.0
    speed = seconds / median(own.clock for own, _ in turns)
    by_clock = _spread([own.clock / other.clock for own, other in turns if other])
    by_processor = _spread([own.processor / other.processor for own, other in turns if other])
    peak = f"{memory:.1f} GB" if memory else ""
    return f"| {subject.title} | {overlap:g} | {batch} | {speed:.2f} | {by_clock} | {by_processor} | {peak} |"


@dataclass(frozen=True)
class Cost:
    """Seconds of one call, by the clock and of the processor."""

    clock: float
    processor: float


def _in_turn(
    ours: Callable[[], None], theirs: Callable[[], None] | None, turn: int
) -> tuple[Cost, Cost | None]:
    """Both, one straight after the other; which is first changes with each turn."""
    if theirs is None:
        return _cost(ours), None
    if turn % 2:
        other = _cost(theirs)
        return _cost(ours), other
    own = _cost(ours)
    return own, _cost(theirs)


def _cost(call: Callable[[], None]) -> Cost:
    clock, processor = time.perf_counter(), time.process_time()
    call()
    return Cost(time.perf_counter() - clock, time.process_time() - processor)


def _spread(ratios: list[float]) -> str:
    """The median, with the lowest and the highest."""
    if not ratios:
        return ""
    return f"{median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"


def memory_row(subject: Subject, seconds: float, device: str) -> str:
    """A row: the process's highest memory above what it had with the network loaded."""
    process = psutil.Process()
    for _ in stream(subject, Noise(min(seconds, 20)), 0.25, device, 1):
        pass
    before = highest = process.memory_info().rss
    for _ in stream(subject, Noise(seconds), 0.25, device, 1):
        highest = max(highest, process.memory_info().rss)
    return f"| {subject.title} | {seconds:g} s | {(highest - before) / 1e6:.0f} MB |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed, in turn")
    parser.add_argument("--overlaps", type=float, nargs="+", default=[0.25, 0.1])
    parser.add_argument("--batches", type=int, nargs="+", default=[1])
    parser.add_argument("--memory", type=float, nargs="+", help="lengths in seconds, in place of times")
    parser.add_argument("--tiny", action="store_true", help="a tiny network in place of the real ones")
    parser.add_argument("--around", action="store_true", help="no network, only what is done around it")
    asked = parser.parse_args()
    subjects = [around()] if asked.around else [tiny()] if asked.tiny else [htdemucs()]
    if asked.device != "cpu" and not (asked.tiny or asked.around):
        subjects.append(roformer())
    if asked.memory:
        print("| network | length | memory above the start |\n|---|---|---|")
        for seconds in asked.memory:
            print(memory_row(subjects[0], seconds, asked.device), flush=True)
        return
    print(
        "| network | overlap | tiles at a time | times real time | next to the package's, by the clock "
        "| by the processor | GPU memory |"
    )
    print("|---|---|---|---|---|---|---|")
    for subject in subjects:
        for overlap in asked.overlaps:
            for batch in asked.batches:
                row = compare(subject, asked.seconds, overlap, asked.device, batch, asked.rounds)
                print(row, flush=True)


if __name__ == "__main__":
    main()
