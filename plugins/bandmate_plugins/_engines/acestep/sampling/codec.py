"""Audio to latents and back, in windows: exact, since each is given all that the networks look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

from bandmate_plugins._engines.acestep.sampling.modules import ModuleProvider
from bandmate_plugins._platform.arrays import FloatArray32

CONTEXT_LATENTS = 9
"""What the decoder looks at on either side is 8.33 latents, the encoder 6."""
_ENCODE_LATENTS = 500


@torch.no_grad()
def encode_audio(
    modules: ModuleProvider,
    samples: FloatArray32,
    window: int = _ENCODE_LATENTS,
    on_window: Callable[[int, int], None] | None = None,
) -> torch.Tensor:
    """Latents, shape (1, latents, channels), float32 on the CPU, of audio of shape (samples, 2) at 48 kHz.

    The mean of the posterior, so that the same audio always has the same latents. A last part of a latent is
    filled up with silence. `on_window` is called after each window with its number and how many there are.
    """
    hop = modules.checkpoint.hop
    latents = max(-(-len(samples) // hop), 1)
    padded = np.zeros((latents * hop, 2), np.float32)
    padded[: len(samples)] = samples
    made = []
    with modules.use("vae") as vae:
        starts = range(0, latents, window)
        for number, start in enumerate(starts, 1):
            stop = min(start + window, latents)
            first, last = max(start - CONTEXT_LATENTS, 0), min(stop + CONTEXT_LATENTS, latents)
            audio = torch.from_numpy(padded[first * hop : last * hop].T.copy())[None]
            mean = vae.encode(audio.to(modules.device, modules.dtype)).latent_dist.mean
            made.append(mean[..., start - first : stop - first].transpose(1, 2).float().cpu())
            if on_window is not None:
                on_window(number, len(starts))
    return torch.cat(made, dim=1)


def decode_windows(
    modules: ModuleProvider,
    latents: torch.Tensor,
    first: int,
    last: int,
    window: int,
    *,
    early: int = 0,
    ahead: bool | None = None,
) -> Iterator[FloatArray32]:
    """The audio of latents `first` to `last` of (1, latents, channels), as blocks of (samples, 2) at 48 kHz.

    Equal to what decoding all of them at once gives there. The first window has `early` latents, if that is
    said. With `ahead`, which a CUDA device has of itself, a window is under way while the one before it is
    given, so that the device works while the audio is resampled, metered and written.
    """
    ahead = modules.device.type == "cuda" if ahead is None else ahead
    waiting: _DecodedBlock | None = None
    start = first
    while start < last:
        stop = min(start + (early if early and start == first else window), last)
        block = _DecodedBlock(modules, latents, start, stop)
        start = stop
        if not ahead:
            yield block.wait_for_audio()
            continue
        if waiting is not None:
            yield waiting.wait_for_audio()
        waiting = block
    if waiting is not None:
        yield waiting.wait_for_audio()


class _DecodedBlock:
    """The audio of some latents, on its way to the CPU."""

    @torch.no_grad()
    def __init__(self, modules: ModuleProvider, latents: torch.Tensor, start: int, stop: int) -> None:
        hop = modules.checkpoint.hop
        low, high = max(start - CONTEXT_LATENTS, 0), min(stop + CONTEXT_LATENTS, latents.shape[1])
        part = latents[:, low:high].transpose(1, 2).to(modules.device, modules.dtype)
        with modules.use("vae") as vae:
            audio = vae.decode(part).sample[0, :, (start - low) * hop : (stop - low) * hop].float().T
            self._arrived: Any = None
            if modules.device.type != "cuda":
                self._audio = audio.cpu().contiguous()
                return
            self._audio = torch.empty(audio.shape, dtype=audio.dtype, pin_memory=True)
            self._audio.copy_(audio, non_blocking=True)
            self._arrived = torch.cuda.current_stream(modules.device).record_event()

    def wait_for_audio(self) -> FloatArray32:
        """Waits for it. Shape (samples, 2)."""
        if self._arrived is not None:
            self._arrived.synchronize()
        return np.ascontiguousarray(self._audio.numpy())


@torch.no_grad()
def token_hints(modules: ModuleProvider, latents: torch.Tensor) -> torch.Tensor:
    """Latents after the way through the audio tokens, five latents a token: what is played, less of how."""
    held = latents.to(modules.device, modules.dtype)
    with modules.use("condition_encoder") as encoder:
        quiet = encoder.silence_latent
    with modules.use("audio_tokenizer") as tokenizer:
        quantized, _ = tokenizer.tokenize(held, quiet.to(held))
    with modules.use("audio_token_detokenizer") as detokenizer:
        hinted: torch.Tensor = detokenizer(quantized.to(held))[:, : latents.shape[1]]
    return hinted.float()


@torch.no_grad()
def code_hints(modules: ModuleProvider, codes: Sequence[int], latents: int) -> torch.Tensor:
    """What audio codes say is played, as latents of shape (1, latents, channels), with silence after them.

    Raises ValueError for a code that the audio tokenizer does not have.
    """
    with modules.use("condition_encoder") as encoder:
        quiet: torch.Tensor = encoder.silence_latent
        repeats = -(-latents // quiet.shape[1])
        silence = quiet.repeat(1, repeats, 1)[:, :latents].float().clone()
    with modules.use("audio_tokenizer") as tokenizer:
        if not 0 <= min(codes) <= max(codes) < tokenizer.quantizer.codebook_size:
            raise ValueError(f"audio codes are 0 to {tokenizer.quantizer.codebook_size - 1}")
        numbers = torch.tensor([codes], device=modules.device)[..., None]
        quantized = tokenizer.quantizer.get_output_from_indices(numbers)
    with modules.use("audio_token_detokenizer") as detokenizer:
        hinted: torch.Tensor = detokenizer(quantized.to(modules.dtype))[:, :latents]
    silence[:, : hinted.shape[1]] = hinted.float()
    return silence


@torch.no_grad()
def read_codes(modules: ModuleProvider, latents: torch.Tensor) -> list[int]:
    """The audio codes of latents of shape (1, latents, channels), five latents a code."""
    held = latents.to(modules.device, modules.dtype)
    with modules.use("condition_encoder") as encoder:
        quiet = encoder.silence_latent
    with modules.use("audio_tokenizer") as tokenizer:
        _, codes = tokenizer.tokenize(held, quiet.to(held))
    return [int(code) for code in codes.flatten().tolist()]
