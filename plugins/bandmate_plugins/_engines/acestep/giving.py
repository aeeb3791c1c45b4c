"""Latents on their way out: decoded window by window, at the project's rate, as pieces of a stem."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bandmate_plugins._engines.acestep.grid import LatentGrid, ProjectResampler
from bandmate_plugins._engines.acestep.levels import integrated_loudness, matching_gain
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins._platform.arrays import FloatArray32
from bandmate_plugins.outputs import Output, StageProgress, StemAudio
from bandmate_plugins.request import AudioInput, TaskContext

_PIECE_FRAMES = 1 << 15
_LOUDNESS_SECONDS = 60
"""How much of other audio is listened to, to match its loudness."""


@dataclass(frozen=True)
class DecodeTarget:
    """Where latents go: a codec, a grid, and the frames that are to come out."""

    studio: CheckpointRuntime
    grid: LatentGrid
    frames: int


def stream_latents(
    giving: DecodeTarget, latents: Any, context: TaskContext, gain_db: float = 0.0
) -> Iterator[Output]:
    """Streams the only stem, whose first frame lies at the first latent, and keeps what it is made of."""
    made = []
    gain = np.float32(10 ** (gain_db / 20))
    for block in decode_blocks(giving, latents, 0, context):
        if isinstance(block, StageProgress):
            yield block
        else:
            made.append(block * gain if gain_db else block)
            yield StemAudio(0, made[-1])
    if gain_db:
        return
    # A stem that comes back as a source needs no encoding, if it comes back as it was given.
    giving.studio.remember_take(giving.grid, np.concatenate(made), latents)


def decode_audio(
    giving: DecodeTarget, latents: Any, first: int, context: TaskContext
) -> Generator[Output, None, FloatArray32]:
    """The same audio as one array, shape (frames, 2), with nothing given yet."""
    made = []
    for block in decode_blocks(giving, latents, first, context):
        if isinstance(block, StageProgress):
            yield block
        else:
            made.append(block)
    return np.concatenate(made)


def decode_at_loudness(
    giving: DecodeTarget,
    latents: Any,
    first: int,
    other: AudioInput,
    context: TaskContext,
    offset_db: float = 0.0,
) -> Generator[Output, None, FloatArray32]:
    """The audio as loud as another's, `offset_db` louder than that."""
    audio = yield from decode_audio(giving, latents, first, context)
    rate = giving.grid.rate
    target = integrated_loudness(other.read(0, _LOUDNESS_SECONDS * rate), rate)
    gain = matching_gain(audio, rate, None if target is None else target + offset_db)
    return audio * np.float32(gain)


def stream_array(stem: int, audio: FloatArray32) -> Iterator[Output]:
    """An array as pieces of a stem."""
    for at in range(0, len(audio), _PIECE_FRAMES):
        yield StemAudio(stem, np.ascontiguousarray(audio[at : at + _PIECE_FRAMES], np.float32))


def decode_blocks(
    giving: DecodeTarget, latents: Any, first: int, context: TaskContext
) -> Iterator[FloatArray32 | StageProgress]:
    """Blocks at the project's rate as windows are decoded, and after each how far it is."""
    grid = giving.grid
    lead = min(first, grid.lead_latents)
    # One latent more, where there is one, lets the resampler end on music and not on silence.
    last = min(first + grid.covering_latents(giving.frames) + grid.lead_latents, len(latents))
    outgoing = ProjectResampler(grid, giving.frames, lead, giving.studio.device)
    done, left = 0, (last - first + lead) * grid.hop
    steps = left
    for block in giving.studio.decode_latents(latents, first - lead, last):
        context.check()
        left -= len(block)
        done += len(block)
        yield outgoing.add(block, last=left <= 0)
        yield StageProgress("Decoding", done, steps)
