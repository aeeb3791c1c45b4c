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


def source_canvas(
    latents: torch.Tensor, region: Region | None = None, mask_value: float = 1.0
) -> LatentCanvas:
    """A recording that is heard whole, to add a track to it or to take one out of it.

    Unlike in a repaint it is heard inside the region too. `mask_value` is that of all of it where
    there is no region.
    """
    if region is None:
        return LatentCanvas(latents, torch.full_like(latents[..., :1], mask_value))
    return LatentCanvas(latents, _region_mask(latents, [region]))


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


def extend_canvas(latents: torch.Tensor, silence: torch.Tensor, before: int, after: int) -> LatentCanvas:
    """A recording that is to go on: so many new latents before and after it.

    `silence` is as long as the whole.
    """
    padded = torch.cat([silence[:, :before], latents, silence[:, before + latents.shape[1] :]], dim=1)
    padded = padded[:, : before + latents.shape[1] + after]
    end = before + latents.shape[1]
    regions = [region for region in ((0, before), (end, end + after)) if region[1] > region[0]]
    return repaint_canvas(padded, silence[:, : padded.shape[1]], regions)


def loop_canvas(latents: torch.Tensor, silence: torch.Tensor, seam_latents: int) -> tuple[LatentCanvas, int]:
    """A loop whose seam is made anew: it is turned so that the seam lies in the middle.

    Returns the canvas and by how much to turn the result back (`torch.roll` over dimension 1).
    """
    length = latents.shape[1]
    turn = length // 2
    turned = torch.roll(latents, turn, dims=1)
    first = max(turn - seam_latents // 2, 0)
    return repaint_canvas(turned, silence, [(first, min(first + seam_latents, length))]), -turn


def _region_mask(latents: torch.Tensor, regions: Sequence[Region]) -> torch.Tensor:
    mask = torch.zeros_like(latents[..., :1])
    for first, last in regions:
        mask[:, first:last] = 1.0
    return mask
