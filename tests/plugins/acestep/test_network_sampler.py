"""The sampling loop, number for number against diffusers' own pipeline where the two mean the same."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from bandmate_plugins._engines.acestep.sampling import canvas as canvases
from bandmate_plugins._engines.acestep.sampling.canvas import LatentCanvas
from bandmate_plugins._engines.acestep.sampling.conditioning import (
    PromptCondition,
    encode_condition,
    silent_latents,
)
from bandmate_plugins._engines.acestep.sampling.modules import ResidentModules
from bandmate_plugins._engines.acestep.sampling.plan import SamplingPlan
from bandmate_plugins._engines.acestep.sampling.prompt import PromptFields, task_instruction
from bandmate_plugins._engines.acestep.sampling.sampler import SamplingTarget, sample_latents

LATENTS = 51
SEED = 5


def _words(mode: str = "text2music", caption: str = "warm bass") -> PromptFields:
    return PromptFields(caption, task_instruction(mode), 90, "4", "C major", 2, "la la", "en")


def _condition(
    modules: ResidentModules, mode: str = "text2music", caption: str = "warm bass"
) -> PromptCondition:
    return encode_condition(modules, _words(mode, caption), modules.checkpoint.load_tokenizer())


def _blank(modules: ResidentModules, latents: int = LATENTS) -> LatentCanvas:
    return canvases.blank_canvas(silent_latents(modules, latents))


def _pipeline(modules: ResidentModules) -> Any:
    from diffusers.pipelines.ace_step.pipeline_ace_step import AceStepPipeline
    from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler

    parts: dict[str, Any] = {}
    for name in modules.checkpoint.names:
        with modules.use(name) as part:
            parts[name] = part
    pipeline = AceStepPipeline(
        tokenizer=modules.checkpoint.load_tokenizer(),
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
        **parts,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _theirs(modules: ResidentModules, **options: Any) -> torch.Tensor:
    noise = torch.randn((1, LATENTS, 4), generator=torch.Generator().manual_seed(SEED))
    with torch.no_grad():
        result: torch.Tensor = _pipeline(modules)(
            prompt="warm bass",
            lyrics="la la",
            vocal_language="en",
            audio_duration=LATENTS / 25,
            bpm=90,
            keyscale="C major",
            timesignature="4",
            latents=noise,
            output_type="latent",
            **options,
        ).audios
    return result


@pytest.mark.parametrize(("steps", "shift"), [(8, 3.0), (8, 1.0), (3, 2.0), (20, 3.0)])
def test_turbo_is_the_pipelines(turbo: ResidentModules, steps: int, shift: float) -> None:
    plan = SamplingPlan(steps=steps, shift=shift)
    ours = sample_latents(turbo, plan, _condition(turbo), _blank(turbo), [SEED])
    theirs = _theirs(turbo, num_inference_steps=steps, shift=shift)
    assert theirs.shape == ours.shape
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("latents", [256, 258, 511, 1_500])
def test_neighbours_in_blocks_are_the_whole_mask(turbo: ResidentModules, latents: int) -> None:
    """Tokens see 128 to either side, of two latents each: below, around and far beyond one window."""
    from diffusers.models.transformers.ace_step_transformer import AceStepAttnProcessor2_0

    def velocity(transformer: Any) -> torch.Tensor:
        random = torch.Generator().manual_seed(latents)
        given = {
            "hidden_states": torch.randn((2, latents, 4), generator=random),
            "context_latents": torch.randn((2, latents, 8), generator=random),
            "encoder_hidden_states": torch.randn((2, 30, 16), generator=random),
        }
        time = torch.full((2,), 0.7)
        with torch.no_grad():
            result: torch.Tensor = transformer(timestep=time, timestep_r=time, return_dict=False, **given)[0]
        return result

    ours = turbo.checkpoint.build_module("transformer", torch.float32)
    theirs = turbo.checkpoint.build_module("transformer", torch.float32)
    layers: Any = theirs.layers
    for layer in layers:
        layer.self_attn.set_processor(AceStepAttnProcessor2_0())
    torch.testing.assert_close(velocity(ours), velocity(theirs), atol=2e-5, rtol=2e-5)


@pytest.mark.parametrize("guidance", [1.0, 2.0, 7.0])
def test_guidance_is_the_pipelines(base: ResidentModules, guidance: float) -> None:
    plan = SamplingPlan(steps=10, shift=1.0, guidance=guidance)
    ours = sample_latents(base, plan, _condition(base), _blank(base), [SEED])
    theirs = _theirs(base, num_inference_steps=10, shift=1.0, guidance_scale=guidance)
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


def test_the_interval_of_guidance_is_one_of_t(base: ResidentModules) -> None:
    """The pipeline has it the other way round, so its mirror image is what is compared."""
    plan = SamplingPlan(steps=10, shift=1.0, guidance=4.0, guidance_interval=(0.55, 1.0))
    ours = sample_latents(base, plan, _condition(base), _blank(base), [SEED])
    theirs = _theirs(base, num_inference_steps=10, shift=1.0, guidance_scale=4.0, cfg_interval_end=0.45)
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)
    everywhere = sample_latents(base, SamplingPlan(10, 1.0, 4.0), _condition(base), _blank(base), [SEED])
    assert not torch.allclose(ours, everywhere, atol=1e-3)


def test_the_schedule_of_turbo_is_upstreams_table() -> None:
    table = [1.0, 0.9545, 0.9, 0.8333, 0.75, 0.6429, 0.5, 0.3, 0.0]
    assert SamplingPlan(8, 3.0).schedule() == pytest.approx(table, abs=5e-5)


@pytest.mark.parametrize("method", ["ode", "sde"])
def test_an_item_of_a_batch_is_the_single_run(base: ResidentModules, method: Any) -> None:
    plan = SamplingPlan(steps=6, shift=1.0, guidance=3.0, method=method)
    words, canvas = _condition(base), _blank(base)
    together = sample_latents(base, plan, words, canvas, [1, 2, 3])
    for number, seed in enumerate([1, 2, 3]):
        alone = sample_latents(base, plan, words, canvas, [seed])
        torch.testing.assert_close(together[number : number + 1], alone, atol=2e-5, rtol=2e-5)
    assert not torch.allclose(together[0], together[1], atol=0.1)


def test_the_same_seed_gives_the_same_bytes(turbo: ResidentModules) -> None:
    one, other = (
        sample_latents(turbo, SamplingPlan(method="sde"), _condition(turbo), _blank(turbo), [9])
        for _ in range(2)
    )
    assert torch.equal(one, other)


def test_a_cover_lets_go_of_the_source_after_its_share(turbo: ResidentModules) -> None:
    hinted = canvases.cover_canvas(torch.randn((1, LATENTS, 4), generator=torch.Generator().manual_seed(1)))
    cover, free = _condition(turbo, "cover"), SamplingTarget(_condition(turbo), _blank(turbo))
    whole = sample_latents(turbo, SamplingPlan(), cover, hinted, [SEED])
    plans = {share: SamplingPlan(cover_share=share) for share in (0.0, 0.5, 1.0)}
    results = {
        share: sample_latents(turbo, plan, cover, hinted, [SEED], then=free) for share, plan in plans.items()
    }
    assert torch.equal(results[1.0], whole)
    only_words = sample_latents(turbo, SamplingPlan(), free.condition, free.canvas, [SEED])
    assert torch.equal(results[0.0], only_words)
    assert not torch.allclose(results[0.5], whole, atol=1e-2)
    assert not torch.allclose(results[0.5], only_words, atol=1e-2)


def test_starting_near_the_source_stays_near_it(turbo: ResidentModules) -> None:
    source = torch.randn((1, LATENTS, 4), generator=torch.Generator().manual_seed(2))
    canvas = canvases.cover_canvas(silent_latents(turbo, LATENTS), clean=source)
    steps: list[tuple[int, int]] = []
    plan = SamplingPlan(steps=20, shift=1.0, noise_start=1.0)
    near = sample_latents(turbo, plan, _condition(turbo), canvas, [SEED], lambda *at: steps.append(at))
    far = sample_latents(turbo, SamplingPlan(steps=20, shift=1.0), _condition(turbo), canvas, [SEED])
    assert steps == [(1, 1)]
    assert (near - source).norm() < (far - source).norm() / 2


@pytest.mark.parametrize(
    "plan",
    [
        SamplingPlan(),
        SamplingPlan(method="sde"),
        SamplingPlan(inject_share=0.5, crossfade_latents=12),
        SamplingPlan(inject_share=1.0, crossfade_latents=25),
    ],
)
def test_outside_of_the_regions_not_a_bit_changes(turbo: ResidentModules, plan: SamplingPlan) -> None:
    source = torch.randn((1, 200, 4), generator=torch.Generator().manual_seed(3))
    regions = [(40, 60), (120, 150)]
    canvas = canvases.repaint_canvas(source, silent_latents(turbo, 200), regions)
    result = sample_latents(turbo, plan, _condition(turbo, "repaint"), canvas, [SEED])
    touched = torch.zeros(200, dtype=torch.bool)
    for first, last in regions:
        assert not torch.allclose(result[:, first:last], source[:, first:last], atol=0.1)
        touched[first - plan.crossfade_latents : last + plan.crossfade_latents] = True
    assert torch.equal(result[:, ~touched], source[:, ~touched])


def test_injected_steps_hear_what_is_kept(turbo: ResidentModules) -> None:
    source = torch.randn((1, 100, 4), generator=torch.Generator().manual_seed(4))
    canvas = canvases.repaint_canvas(source, silent_latents(turbo, 100), [(40, 60)])
    words = _condition(turbo, "repaint")
    with_steps = sample_latents(turbo, SamplingPlan(inject_share=1.0), words, canvas, [SEED])
    without = sample_latents(turbo, SamplingPlan(), words, canvas, [SEED])
    assert not torch.allclose(with_steps[:, 40:60], without[:, 40:60], atol=1e-3)


def test_the_crossfade_is_straight(turbo: ResidentModules) -> None:
    source = torch.zeros((1, 100, 4))
    canvas = canvases.repaint_canvas(source, silent_latents(turbo, 100), [(40, 60)])
    words = _condition(turbo, "repaint")
    hard = sample_latents(turbo, SamplingPlan(), words, LatentCanvas(canvas.source, canvas.mask), [SEED])
    soft = sample_latents(turbo, SamplingPlan(crossfade_latents=4), words, canvas, [SEED])
    for distance in range(1, 5):
        expected = hard[:, 59 + distance] * (1 - distance / 5)
        torch.testing.assert_close(soft[:, 59 + distance], expected, atol=1e-5, rtol=1e-5)


def test_the_mask_may_be_left_to_the_model(turbo: ResidentModules) -> None:
    source = torch.randn((1, 100, 4), generator=torch.Generator().manual_seed(4))
    quiet = silent_latents(turbo, 100)
    automatic = canvases.repaint_canvas(source, quiet, [(40, 60)], mask_value=2.0)
    assert bool((automatic.mask == 2.0).all())
    result = sample_latents(turbo, SamplingPlan(), _condition(turbo, "repaint"), automatic, [SEED])
    assert torch.equal(result[:, :40], source[:, :40])
    assert torch.equal(result[:, 60:], source[:, 60:])


def test_a_recording_is_heard_whole_when_a_track_is_added(base: ResidentModules) -> None:
    source = torch.randn((1, LATENTS, 4), generator=torch.Generator().manual_seed(8))
    words = encode_condition(
        base,
        PromptFields("tight", task_instruction("lego", ("bass",)), duration_s=2),
        base.checkpoint.load_tokenizer(),
    )
    one = sample_latents(base, SamplingPlan(4, 1.0), words, canvases.source_canvas(source), [SEED])
    other = sample_latents(base, SamplingPlan(4, 1.0), words, canvases.source_canvas(-source), [SEED])
    assert not torch.allclose(one, other, atol=1e-3)


class _StopError(Exception):
    pass


def test_cancelling_at_any_step_leaves_the_modules_usable(turbo: ResidentModules) -> None:
    words, canvas = _condition(turbo), _blank(turbo)
    whole = sample_latents(turbo, SamplingPlan(), words, canvas, [SEED])

    for last in range(1, 9):

        def stop(step: int, steps: int, last: int = last) -> None:
            assert steps == 8
            if step == last:
                raise _StopError

        with pytest.raises(_StopError):
            sample_latents(turbo, SamplingPlan(), words, canvas, [SEED], stop)
    assert torch.equal(sample_latents(turbo, SamplingPlan(), words, canvas, [SEED]), whole)
