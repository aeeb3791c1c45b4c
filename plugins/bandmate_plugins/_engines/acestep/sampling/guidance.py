"""Adaptive projected guidance (Sadat, Hilliges and Weber 2024), with the constants of ACE-Step 1.5."""

from __future__ import annotations

import torch

_MOMENTUM = -0.75
_MAX_NORM = 2.5
_TIME = (1,)


class ProjectedGuidance:
    """Guides a series of steps; it remembers the steps before by its momentum."""

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._average: torch.Tensor | None = None

    def __call__(self, conditional: torch.Tensor, unconditional: torch.Tensor) -> torch.Tensor:
        """The guided velocity, of the shape of both: (batch, latents, channels)."""
        difference = conditional - unconditional
        if self._average is not None:
            difference = difference + _MOMENTUM * self._average
        self._average = difference
        norm = difference.norm(p=2, dim=_TIME, keepdim=True)
        difference = difference * torch.minimum(torch.ones_like(norm), _MAX_NORM / norm)
        return conditional + (self._scale - 1.0) * _orthogonal_part(difference, conditional)


def _orthogonal_part(vector: torch.Tensor, to: torch.Tensor) -> torch.Tensor:
    """What of a vector is not along another, over time. In double precision where the device has it."""
    wide = torch.float32 if vector.device.type == "mps" else torch.float64
    long, axis = vector.to(wide), torch.nn.functional.normalize(to.to(wide), dim=_TIME[0])
    along = (long * axis).sum(dim=_TIME, keepdim=True) * axis
    return (long - along).to(vector.dtype)
