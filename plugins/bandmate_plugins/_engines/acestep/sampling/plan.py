"""How a rendering is sampled: the schedule and what happens along it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class SamplingPlan:
    """Steps from noise (t = 1) to music (t = 0)."""

    steps: int = 8
    shift: float = 3.0
    """Above 1 it spends more of the steps near the noise."""
    guidance: float = 1.0
    """1 is without: one pass of the transformer a step in place of two."""
    guidance_interval: tuple[float, float] = (0.0, 1.0)
    """The range of t in which guidance is applied, both ends included."""
    method: Literal["ode", "sde"] = "ode"
    noise_start: float = 0.0
    """How near to the source the first step begins: 0 is pure noise, 1 the schedule's last step."""
    cover_share: float = 1.0
    """The share of the steps that are held to the first condition; the others follow the second."""
    inject_share: float = 0.0
    """The share of the steps after which what is to be kept is set to the source again."""
    crossfade_latents: int = 0
    """How far outside a repainted region the new latents fade into the kept ones."""

    def schedule(self) -> list[float]:
        """The values of t at each step, and 0 at the end."""
        linear = [1 - step / self.steps for step in range(self.steps + 1)]
        return [self.shift * t / (1 + (self.shift - 1) * t) for t in linear]

    def first_step(self) -> int:
        """The step to begin with: that whose t is nearest to 1 - `noise_start`."""
        if self.noise_start <= 0:
            return 0
        times = self.schedule()[:-1]
        return min(range(len(times)), key=lambda step: abs(times[step] - (1 - self.noise_start)))
