"""The codec: windows are exact, encoding is the same every time, and a cover's hints come from the tokens."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bandmate_plugins._engines.acestep.sampling.codec import (
    code_hints,
    decode_windows,
    encode_audio,
    token_hints,
)
from bandmate_plugins._engines.acestep.sampling.conditioning import silent_latents
from bandmate_plugins._engines.acestep.sampling.modules import ResidentModules


def _noise(frames: int) -> np.ndarray:
    return (np.random.default_rng(1).standard_normal((frames, 2)) * 0.1).astype(np.float32)


@pytest.mark.parametrize("window", [1, 7, 16])
def test_windows_are_the_whole(turbo: ResidentModules, window: int) -> None:
    latents = torch.randn((1, 40, 4), generator=torch.Generator().manual_seed(1))
    with turbo.use("vae") as vae, torch.no_grad():
        whole = vae.decode(latents.transpose(1, 2)).sample[0].numpy().T
    parts = list(decode_windows(turbo, latents, 3, 38, window))
    assert [len(part) for part in parts[:-1]] == [window * 1920] * (len(parts) - 1)
    np.testing.assert_allclose(np.concatenate(parts), whole[3 * 1920 : 38 * 1920], atol=2e-6)


def test_the_first_window_comes_before_the_second_is_decoded(turbo: ResidentModules) -> None:
    calls = []
    latents = torch.randn((1, 40, 4), generator=torch.Generator().manual_seed(1))
    with turbo.use("vae") as vae:
        handle = vae.decoder.register_forward_hook(lambda *_: calls.append(1))
    blocks = decode_windows(turbo, latents, 0, 40, 10)
    next(blocks)
    assert len(calls) == 1
    blocks.close()  # cancelled here, the modules stay usable
    assert len(list(decode_windows(turbo, latents, 0, 40, 20))) == 2
    handle.remove()


def test_a_window_ahead_gives_the_same_blocks_one_window_later(turbo: ResidentModules) -> None:
    latents = torch.randn((1, 40, 4), generator=torch.Generator().manual_seed(1))
    calls = []
    with turbo.use("vae") as vae:
        handle = vae.decoder.register_forward_hook(lambda *_: calls.append(1))
    plain = list(decode_windows(turbo, latents, 2, 39, 10, early=4))
    assert [len(block) // 1920 for block in plain] == [4, 10, 10, 10, 3]
    calls.clear()
    ahead = decode_windows(turbo, latents, 2, 39, 10, early=4, ahead=True)
    assert np.array_equal(next(ahead), plain[0])
    assert len(calls) == 2
    assert all(np.array_equal(one, other) for one, other in zip(ahead, plain[1:], strict=True))
    assert len(calls) == 5
    handle.remove()


def test_encoding_is_the_same_every_time_and_in_windows(turbo: ResidentModules) -> None:
    audio = _noise(40 * 1920 - 700)
    torch.manual_seed(1)
    one = encode_audio(turbo, audio)
    torch.manual_seed(2)
    counted: list[tuple[int, int]] = []
    other = encode_audio(turbo, audio, window=13, on_window=lambda *at: counted.append(at))
    assert one.shape == (1, 40, 4)
    torch.testing.assert_close(one, other, atol=2e-5, rtol=1e-4)
    assert counted == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("frames", [1, 1919, 1920, 1921])
def test_short_audio_is_filled_up(turbo: ResidentModules, frames: int) -> None:
    assert encode_audio(turbo, _noise(frames)).shape[1] == -(-frames // 1920)


def test_hints_pass_the_tokens(turbo: ResidentModules) -> None:
    latents = torch.randn((1, 23, 4), generator=torch.Generator().manual_seed(3))
    hinted = token_hints(turbo, latents)
    assert hinted.shape == latents.shape
    nudged = token_hints(turbo, latents + 1e-6)
    torch.testing.assert_close(hinted, nudged)  # whatever falls into the same token sounds the same
    assert not torch.allclose(hinted, token_hints(turbo, -latents), atol=1e-3)


def test_silence_is_the_codecs_and_as_long_as_wanted(turbo: ResidentModules) -> None:
    quiet = silent_latents(turbo, 15_010)
    assert torch.equal(quiet[:, 15_000:], quiet[:, :10])
    assert quiet.std() > 0


def test_audio_codes_lead_as_the_source_that_they_were_read_from(turbo: ResidentModules) -> None:
    torch.manual_seed(5)
    latents = torch.randn(1, 15, turbo.checkpoint.channels) * 20
    with turbo.use("audio_tokenizer") as tokenizer:
        _, codes = tokenizer.tokenize(latents)
    numbers = [int(code) for code in codes.flatten()]
    hints = code_hints(turbo, numbers, 20)
    torch.testing.assert_close(hints[:, :15], token_hints(turbo, latents), atol=1e-5, rtol=1e-5)
    # Behind the codes is the codec's silence, and of codes that cover more than the range the rest is left out.
    with turbo.use("condition_encoder") as encoder:
        assert torch.equal(hints[:, 15:], encoder.silence_latent[:, 15:20])
    assert code_hints(turbo, numbers, 13).shape[1] == 13
    with pytest.raises(ValueError, match="63999"):
        code_hints(turbo, [64_000], 5)
