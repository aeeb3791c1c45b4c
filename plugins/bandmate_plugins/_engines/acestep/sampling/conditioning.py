"""What the transformer attends to: words, lyrics and a reference's timbre as one sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from bandmate_plugins._engines.acestep.sampling.modules import ModuleProvider
from bandmate_plugins._engines.acestep.sampling.prompt import PromptFields, tokenize_prompt

TIMBRE_LATENTS = 750
"""30 s of the reference, three times ten seconds."""


@dataclass(frozen=True)
class PromptCondition:
    """A sequence of shape (1, tokens, width), and what stands in its place where there is none."""

    hidden: torch.Tensor
    null: torch.Tensor
    """Shape (1, 1, width): the learned one of classifier-free guidance."""


@torch.no_grad()
def encode_condition(
    modules: ModuleProvider,
    words: PromptFields,
    tokenizer: Any,
    reference_latents: torch.Tensor | None = None,
) -> PromptCondition:
    """Encodes words and a reference, whose latents have shape (1, 750, channels); silence without one.

    Raises RequestError (`bad_params`) where the words are too long.
    """
    text, sung = (ids.to(modules.device) for ids in tokenize_prompt(words, tokenizer))
    with modules.use("text_encoder") as encoder:
        text_hidden = encoder(input_ids=text).last_hidden_state
        # Lyrics are only looked up: what they mean together is the condition encoder's work.
        sung_hidden = encoder.get_input_embeddings()(sung)
    with modules.use("condition_encoder") as encoder:
        quiet: torch.Tensor = encoder.silence_latent[:, :TIMBRE_LATENTS]
        timbre = quiet if reference_latents is None else reference_latents
        hidden, _ = encoder(
            text_hidden_states=text_hidden,
            text_attention_mask=torch.ones_like(text, dtype=torch.bool),
            lyric_hidden_states=sung_hidden,
            lyric_attention_mask=torch.ones_like(sung, dtype=torch.bool),
            refer_audio_acoustic_hidden_states_packed=timbre.to(modules.device, modules.dtype),
            refer_audio_order_mask=torch.zeros(1, dtype=torch.long, device=modules.device),
        )
        null = encoder.null_condition_emb.detach().clone()
    return PromptCondition(hidden, null)


@torch.no_grad()
def silent_latents(modules: ModuleProvider, latents: int) -> torch.Tensor:
    """Silence as the codec writes it, shape (1, latents, channels); the model never saw zeros."""
    with modules.use("condition_encoder") as encoder:
        held: torch.Tensor = encoder.silence_latent
        repeats = -(-latents // held.shape[1])
        return held.repeat(1, repeats, 1)[:, :latents].float().clone()
