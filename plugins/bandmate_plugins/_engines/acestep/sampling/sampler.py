"""The sampling loop: flow matching from noise to latents, x_t = t * noise + (1 - t) * music."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from bandmate_plugins._engines.acestep.sampling.canvas import LatentCanvas
from bandmate_plugins._engines.acestep.sampling.conditioning import PromptCondition
from bandmate_plugins._engines.acestep.sampling.guidance import ProjectedGuidance
from bandmate_plugins._engines.acestep.sampling.modules import ModuleProvider
from bandmate_plugins._engines.acestep.sampling.plan import SamplingPlan

OnStep = Callable[[int, int], None]
"""Called after each step with its number from 1 on and how many there are; what it raises ends the loop."""


@dataclass(frozen=True)
class SamplingTarget:
    """What the steps are held to: a condition, and what is on the canvas."""

    condition: PromptCondition
    canvas: LatentCanvas


@torch.no_grad()
def sample_latents(
    modules: ModuleProvider,
    plan: SamplingPlan,
    condition: PromptCondition,
    canvas: LatentCanvas,
    seeds: Sequence[int],
    on_step: OnStep | None = None,
    then: SamplingTarget | None = None,
) -> torch.Tensor:
    """Latents of shape (seeds, latents, channels), float32 on the modules' device.

    Each item depends on its own seed alone. After `plan.cover_share` of the steps the aim is `then`. What a
    canvas keeps comes back bit by bit, but for the crossfade around the regions.
    """
    noise = _SeededNoise(seeds, canvas, modules.device)
    times = plan.schedule()
    first = plan.first_step()
    state = noise.start if first == 0 else _mix_noise(canvas, noise.start, times[first])
    switch = int(plan.cover_share * (len(times) - 1)) if then is not None else len(times)
    injected = round(plan.inject_share * (len(times) - 1))
    loop = _SamplingLoop(modules, plan, len(seeds))
    aim = loop.prepare_target(SamplingTarget(condition, canvas))
    with modules.use("transformer") as transformer:
        for step in range(first, len(times) - 1):
            if step >= switch and then is not None:
                aim, then = loop.prepare_target(then), None
            now, after = times[step], times[step + 1]
            velocity = loop.velocity(transformer, state, now, aim)
            if plan.method == "sde" and after > 0:
                state = after * noise.draw_noise() + (1 - after) * (state - now * velocity)
            else:
                state = state - (now - after) * velocity
            if step < injected and canvas.made is not None:
                kept = _mix_noise(canvas, noise.start, after)
                state = torch.where(canvas.made.to(state) > 0, state, kept)
            if on_step is not None:
                on_step(step + 1 - first, len(times) - 1 - first)
    return _restore_kept(state, canvas, plan.crossfade_latents)


class _SeededNoise:
    """Noise of each item from a generator of its own, drawn on the CPU: the same on every device."""

    def __init__(self, seeds: Sequence[int], canvas: LatentCanvas, device: torch.device) -> None:
        self._generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        self._shape = (1, canvas.latents, canvas.source.shape[-1])
        self._device = device
        self.start = self.draw_noise()

    def draw_noise(self) -> torch.Tensor:
        """New noise, float32."""
        drawn = [torch.randn(self._shape, generator=generator) for generator in self._generators]
        return torch.cat(drawn).to(self._device)


@dataclass(frozen=True)
class _DeviceTarget:
    hidden: torch.Tensor
    null: torch.Tensor
    context: torch.Tensor


class _SamplingLoop:
    """Calls the transformer, once or twice a step."""

    def __init__(self, modules: ModuleProvider, plan: SamplingPlan, batch: int) -> None:
        self._device, self._dtype = modules.device, modules.dtype
        self._plan = plan
        self._batch = batch
        self._guide = ProjectedGuidance(plan.guidance) if plan.guidance > 1.0 else None

    def prepare_target(self, aim: SamplingTarget) -> _DeviceTarget:
        """An aim on the device, for the whole batch."""
        hidden = aim.condition.hidden.to(self._device, self._dtype).expand(self._batch, -1, -1)
        null = aim.condition.null.to(hidden).expand_as(hidden)
        context = aim.canvas.context_latents(self._device, self._dtype).expand(self._batch, -1, -1)
        return _DeviceTarget(hidden, null, context)

    def velocity(self, transformer: Any, state: torch.Tensor, now: float, aim: _DeviceTarget) -> torch.Tensor:
        """Where the state is to go at t = `now`, float32."""
        state = state.to(self._dtype)
        low, high = self._plan.guidance_interval
        if self._guide is None or not low <= now <= high:
            return self._call_transformer(transformer, state, now, aim.hidden, aim.context)
        both = self._call_transformer(
            transformer,
            torch.cat([state, state]),
            now,
            torch.cat([aim.hidden, aim.null]),
            torch.cat([aim.context, aim.context]),
        )
        return self._guide(*both.chunk(2))

    def _call_transformer(
        self, transformer: Any, state: torch.Tensor, now: float, hidden: torch.Tensor, context: torch.Tensor
    ) -> torch.Tensor:
        time = torch.full((len(state),), now, device=self._device, dtype=self._dtype)
        result: torch.Tensor = transformer(
            hidden_states=state,
            timestep=time,
            timestep_r=time,
            encoder_hidden_states=hidden,
            context_latents=context,
            return_dict=False,
        )[0]
        return result.float()


def _mix_noise(canvas: LatentCanvas, noise: torch.Tensor, time: float) -> torch.Tensor:
    clean = canvas.source if canvas.clean is None else canvas.clean
    return time * noise + (1 - time) * clean.to(noise)


def _restore_kept(state: torch.Tensor, canvas: LatentCanvas, crossfade: int) -> torch.Tensor:
    """The result with what was to be kept in it; new latents fade out over `crossfade` latents outside."""
    if canvas.made is None or canvas.clean is None:
        return state
    clean = canvas.clean.to(state)
    weight = _feather_mask(canvas.made.to(state), crossfade)
    blended = weight * state + (1 - weight) * clean
    return torch.where(weight == 0, clean, torch.where(weight == 1, state, blended))


def _feather_mask(mask: torch.Tensor, crossfade: int) -> torch.Tensor:
    """The mask with a linear slope outside its edges: the largest of copies moved ever further."""
    weight = mask
    for distance in range(1, crossfade + 1):
        level = 1 - distance / (crossfade + 1)
        for moved in (_shift_mask(mask, distance), _shift_mask(mask, -distance)):
            weight = torch.maximum(weight, moved * level)
    return weight


def _shift_mask(mask: torch.Tensor, by: int) -> torch.Tensor:
    moved = torch.zeros_like(mask)
    if by > 0:
        moved[:, by:] = mask[:, :-by]
    else:
        moved[:, :by] = mask[:, -by:]
    return moved
