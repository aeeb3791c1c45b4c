"""Time and memory of separation by networks, next to the packages' own calls.

Ours runs as in a worker of the server, the package's call in a Python of its own, each while the other waits.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing.connection import Connection
from statistics import median
from typing import Any

import numpy as np
import psutil
import torch
from demucs.apply import apply_model
from demucs.hf import load_safetensors_model
from demucs.htdemucs import HTDemucs
from pymss_core.modules.bs_roformer import BSRoformer

from bandmate_plugins._engines.separation_nets.runner import NetworkRunner
from bandmate_plugins._engines.separation_nets.stream import NetworkEnsemble, PassOptions, StemStream
from bandmate_plugins.request import AudioInput
from tests.material.htdemucs_weights import SIGNATURE, model_folder

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


SUBJECTS: dict[str, Callable[[], Subject]] = {
    "htdemucs": htdemucs,
    "tiny": tiny,
    "around": around,
    "roformer": roformer,
}


def stream(subject: Subject, source: AudioInput, overlap: float, device: str, batch: int) -> Iterator[int]:
    """Ours; yields the frames that are done."""
    runner = NetworkRunner(subject.network, device)
    shares = [1.0] * len(subject.roles)
    ensemble = NetworkEnsemble([(runner, shares)], subject.roles, RATE, subject.tile_frames, batch)
    done = 0
    for _, stems in StemStream(source, RATE, ensemble, PassOptions(overlap), lambda: None).stem_blocks():
        done += stems.shape[1]
        yield done


@dataclass(frozen=True)
class Setting:
    """What is timed: a network by its maker's name, and how it is applied."""

    subject: str
    seconds: float
    overlap: float
    device: str
    batch: int = 1


def compare(setting: Setting, rounds: int) -> str:
    """A row: times real time, next to the package, in turn, and the GPU's highest memory."""
    subject, source = SUBJECTS[setting.subject](), Noise(setting.seconds)

    def ours() -> Cost:
        blocks = stream(subject, source, setting.overlap, setting.device, setting.batch)
        return _cost(lambda: _run_out(blocks))

    # Once before the clock: the first call sets up what later ones use.
    _run_out(stream(subject, Noise(1), setting.overlap, setting.device, 1))
    cuda = setting.device.startswith("cuda")
    if cuda:
        torch.cuda.reset_peak_memory_stats()
    if subject.package is None:
        turns: list[tuple[Cost, Cost | None]] = [(ours(), None) for _ in range(rounds)]
    else:
        with _package(setting) as theirs:
            turns = [_in_turn(ours, theirs, turn) for turn in range(rounds)]
    memory = torch.cuda.max_memory_allocated() / 1e9 if cuda else 0.0
    speed = setting.seconds / median(own.clock for own, _ in turns)
    by_clock = _spread([own.clock / other.clock for own, other in turns if other])
    by_processor = _spread([own.processor / other.processor for own, other in turns if other])
    peak = f"{memory:.1f} GB" if memory else ""
    what = f"| {subject.title} | {setting.overlap:g} | {setting.batch} | {speed:.2f} |"
    return f"{what} {by_clock} | {by_processor} | {peak} |"


@dataclass(frozen=True)
class Cost:
    """Seconds of one call, by the clock and of the processor."""

    clock: float
    processor: float


def _in_turn(ours: Callable[[], Cost], theirs: Callable[[], Cost], turn: int) -> tuple[Cost, Cost]:
    """Both, one straight after the other; which is first changes with each turn."""
    if turn % 2:
        other = theirs()
        return ours(), other
    own = ours()
    return own, theirs()


@contextmanager
def _package(setting: Setting) -> Iterator[Callable[[], Cost]]:
    """The package's call in a process of its own, which has nothing of what a worker sets up."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve_package, args=(setting, there))
    process.start()

    def theirs() -> Cost:
        here.send(True)
        answer: Cost = here.recv()
        return answer

    try:
        theirs()
        yield theirs
    finally:
        here.send(False)
        process.join()


def _serve_package(setting: Setting, pipe: Connection) -> None:
    """Times a call for each `True`; the first one is a second of sound, to set up what later ones use."""
    subject = SUBJECTS[setting.subject]()
    package = subject.package
    assert package is not None, "asked for where there is one only"
    seconds = 1.0
    while pipe.recv():
        mix = torch.from_numpy(Noise(seconds).read().T.copy())
        with torch.inference_mode():
            pipe.send(_cost(lambda mix=mix: package(mix, setting.overlap, setting.device)))
        seconds = setting.seconds


def _run_out(frames: Iterator[int]) -> None:
    for _ in frames:
        pass


def _cost(call: Callable[[], Any]) -> Cost:
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
    _run_out(stream(subject, Noise(min(seconds, 20)), 0.25, device, 1))
    before = highest = process.memory_info().rss
    for _ in stream(subject, Noise(seconds), 0.25, device, 1):
        highest = max(highest, process.memory_info().rss)
    return f"| {subject.title} | {seconds:g} s | {(highest - before) / 1e6:.0f} MB |"
