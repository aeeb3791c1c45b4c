"""How each checkpoint is to be run: steps, guidance and shift. Wrong ones are what users complain of most.

Steps and shifts are upstream's own for each checkpoint. For the guidance of sft and base the published
presets disagree (1 in acestep.cpp, 7 in upstream's documents); what follows lies between them, and where a
part is added to or taken out of a recording it is 1, since more was reported to make the result collapse.
None of it was judged by ear here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bandmate_plugins._engines.acestep.variants import CheckpointVariant
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Ability
from bandmate_protocol.texts import say

MAX_TURBO_STEPS = 20
"""Turbo checkpoints were distilled for few steps; upstream takes no more."""


@dataclass(frozen=True)
class SamplerPreset:
    """How a sampler runs a checkpoint."""

    steps: int
    guidance: float
    shift: float
    remarks: tuple[str, ...] = ()


def choose_preset(
    variant: CheckpointVariant, ability: Ability, steps: int | None = None, guidance: float | None = None
) -> SamplerPreset:
    """The preset of a checkpoint for an ability, with what the musician set.

    Raises RequestError (`bad_params`) for more steps than a turbo checkpoint takes.
    """
    if variant.kind == "turbo":
        return _turbo_preset(variant, steps, guidance)
    own = SamplerPreset(50, 1.0 if ability in ("accompany", "separate") else 4.0, variant.shift or 1.0)
    return replace(own, steps=steps or own.steps, guidance=guidance or own.guidance)


def _turbo_preset(variant: CheckpointVariant, steps: int | None, guidance: float | None) -> SamplerPreset:
    if steps is not None and steps > MAX_TURBO_STEPS:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say(
                "{variant} takes at most {max_turbo_steps} steps, not {steps}; it was trained for 8.",
                variant=variant.name,
                max_turbo_steps=MAX_TURBO_STEPS,
                steps=steps,
            ),
            "Omit `steps`, or choose an sft or base model with `model`.",
        )
    remarks: tuple[str, ...] = ()
    if guidance not in (None, 1.0):
        remarks = (f"`guidance` was ignored: {variant.name} has its guidance built in.",)
    return SamplerPreset(steps or 8, 1.0, variant.shift or 3.0, remarks)
