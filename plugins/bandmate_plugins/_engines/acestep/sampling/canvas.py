"""What the transformer sees beside the noise: source latents, and which of them it is to make anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

Region = tuple[int, int]
"""The first latent that is made anew, and the one after the last."""


@dataclass(frozen=True)
class LatentCanvas:
    """Tensors of shape (1, latents, channels), the mask (1, latents, 1). They may lie on any device."""

    source: torch.Tensor
    mask: torch.Tensor
    """1 where music is to be made, 0 where it is to be kept."""
    clean: torch.Tensor | None = None
    """The latents to keep, or to begin from with a plan's `noise_start`."""
    made: torch.Tensor | None = None
    """Shape of the mask: 0 where `clean` comes back bit by bit. Everything is made where it is None."""

    @property
    def latents(self) -> int:
        """Its length."""
        return int(self.source.shape[1])

    def context_latents(self, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
        """Source and mask side by side, as the transformer takes them."""
        mask = self.mask.expand_as(self.source)
        return torch.cat([self.source, mask], dim=-1).to(device, dtype)


def blank_canvas(silence: torch.Tensor, clean: torch.Tensor | None = None) -> LatentCanvas:
    """Nothing but silence: everything is to be made."""
    return LatentCanvas(silence, torch.ones_like(silence[..., :1]), clean)


def cover_canvas(hints: torch.Tensor, clean: torch.Tensor | None = None) -> LatentCanvas:
    """Hints of what is to be played, from the audio tokenizer, or latents of the source themselves."""
    return LatentCanvas(hints, torch.ones_like(hints[..., :1]), clean)


def source_canvas(latents: torch.Tensor, mask_value: float = 1.0) -> LatentCanvas:
    """A recording that the transformer attends to whole, to add a track to it or to extract one."""
    return LatentCanvas(latents, torch.full_like(latents[..., :1], mask_value))


def repaint_canvas(
    latents: torch.Tensor, silence: torch.Tensor, regions: Sequence[Region], mask_value: float = 1.0
) -> LatentCanvas:
    """A recording of which regions are made anew; silence stands in them.

    `mask_value` 2 is what upstream's newest code sends everywhere instead: experimental.
    """
    made = _region_mask(latents, regions)
    source = torch.where(made > 0, silence.to(latents), latents)
    mask = made if mask_value == 1.0 else torch.full_like(made, mask_value)
    return LatentCanvas(source, mask, latents, made)


def _region_mask(latents: torch.Tensor, regions: Sequence[Region]) -> torch.Tensor:
    mask = torch.zeros_like(latents[..., :1])
    for first, last in regions:
        mask[:, first:last] = 1.0
    return mask
