"""Reading checkpoints: both layouts, what they are, and what is refused."""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path

import pytest
import torch

from bandmate_plugins._engines.acestep.sampling.canvas import cover_canvas
from bandmate_plugins._engines.acestep.sampling.checkpoint import open_checkpoint
from bandmate_plugins._engines.acestep.sampling.codec import token_hints
from bandmate_plugins._engines.acestep.sampling.conditioning import encode_condition
from bandmate_plugins._engines.acestep.sampling.layout import MODULE_NAMES
from bandmate_plugins._engines.acestep.sampling.modules import ResidentModules
from bandmate_plugins._engines.acestep.sampling.plan import SamplingPlan
from bandmate_plugins._engines.acestep.sampling.prompt import PromptFields, task_instruction
from bandmate_plugins._engines.acestep.sampling.sampler import sample_latents
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.plugins.acestep import checkpoints


def test_both_layouts_hold_the_same_tensors(tiny: dict[str, Path]) -> None:
    ours, original = open_checkpoint(tiny["turbo"]), open_checkpoint(tiny["original"])
    for name in MODULE_NAMES:
        one = ours.build_module(name, torch.float32).state_dict()
        other = original.build_module(name, torch.float32).state_dict()
        assert one.keys() == other.keys()
        assert all(torch.equal(one[key], other[key]) for key in one), name
    assert original.load_tokenizer()("lo-fi").input_ids == ours.load_tokenizer()("lo-fi").input_ids


def test_a_transformer_wider_than_its_encoders_is_read_from_both_layouts_and_renders(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*weight_norm.*", FutureWarning)
        made = checkpoints.write_diffusers(tmp_path / "xl", "turbo", (2, 2), wide=True)
    original = checkpoints.write_original(made, tmp_path / "original")
    found = []
    for folder in (made, original):
        checkpoint = open_checkpoint(folder)
        modules = ResidentModules(checkpoint, torch.device("cpu"), torch.float32)
        words = PromptFields("lo-fi", task_instruction("cover"))
        aim = encode_condition(modules, words, checkpoint.load_tokenizer())
        hinted = token_hints(modules, torch.randn((1, 20, 4), generator=torch.Generator().manual_seed(2)))
        found.append(sample_latents(modules, SamplingPlan(2), aim, cover_canvas(hinted), [1]))
    assert torch.isfinite(found[0]).all()
    assert torch.equal(*found)


def test_shared_parts_may_lie_elsewhere(tiny: dict[str, Path], tmp_path: Path) -> None:
    alone = tmp_path / "acestep-v15-turbo-shift3"
    shutil.copytree(tiny["original"], alone)
    with pytest.raises(RequestError, match="incomplete"):
        open_checkpoint(alone)
    assert open_checkpoint(alone, tiny["original"].parent).build_module("vae", torch.float32) is not None


@pytest.mark.parametrize("name", ["turbo", "sft", "base"])
def test_says_what_it_is(tiny: dict[str, Path], name: str) -> None:
    checkpoint = open_checkpoint(tiny[name])
    assert (checkpoint.variant, checkpoint.size) == (name, "2b")
    assert (checkpoint.sample_rate, checkpoint.hop) == (48_000, 1920)


def test_a_wide_transformer_is_the_large_size(tiny: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(tiny["base"], tmp_path / "xl")
    path = tmp_path / "xl" / "transformer" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"hidden_size": 2560}))
    assert open_checkpoint(tmp_path / "xl").size == "xl"


def test_weights_are_counted_and_take_the_format_asked_for(tiny: dict[str, Path]) -> None:
    checkpoint = open_checkpoint(tiny["original"])
    for name in MODULE_NAMES:
        module = checkpoint.build_module(name, torch.bfloat16)
        tensors = [*module.parameters()]
        assert all(tensor.dtype == torch.bfloat16 for tensor in tensors)
        held = sum(tensor.numel() * 2 for tensor in tensors)
        assert checkpoint.module_bytes(name, torch.bfloat16) == held


def test_memory_is_not_left_empty(tiny: dict[str, Path]) -> None:
    checkpoint = open_checkpoint(tiny["turbo"])
    for name in MODULE_NAMES:
        module = checkpoint.build_module(name, torch.float32)
        assert not any(tensor.is_meta for tensor in [*module.parameters(), *module.buffers()])


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def _pickle(path: Path) -> None:
    torch.save({"weight": torch.zeros(1)}, path.with_suffix(".bin"))
    path.unlink()


def _other(path: Path) -> None:
    config = path.parent / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"intermediate_size": 64}))


@pytest.mark.parametrize("spoil", [_cut, _pickle, _other, Path.unlink])
def test_what_is_damaged_is_said(tiny: dict[str, Path], tmp_path: Path, spoil: object) -> None:
    folder = tmp_path / "spoilt"
    shutil.copytree(tiny["turbo"], folder)
    spoil(folder / "transformer" / "diffusion_pytorch_model.safetensors")  # type: ignore[operator]
    with pytest.raises(RequestError, match="cannot be used") as caught:
        open_checkpoint(folder).build_module("transformer", torch.float32)
    assert caught.value.code == ErrorCode.ENGINE_UNAVAILABLE
    assert "bandmate models verify" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("transformer", {"num_hidden_layers": 200}),
        ("transformer", {"intermediate_size": 1 << 20}),
        ("text_encoder", {"intermediate_size": 1 << 22}),
        ("vae", {"encoder_hidden_size": 1024, "decoder_channels": 1024}),
    ],
)
def test_a_far_larger_network_than_the_weights_is_not_built(
    tiny: dict[str, Path], tmp_path: Path, name: str, asked: dict[str, int]
) -> None:
    folder = tmp_path / "absurd"
    shutil.copytree(tiny["turbo"], folder)
    config = folder / name / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | asked))
    with pytest.raises(RequestError, match="its configuration is far larger than its weights"):
        open_checkpoint(folder).build_module(name, torch.float32)


def test_no_code_in_a_silence_is_run(tiny: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "original"
    shutil.copytree(tiny["original"].parent, folder)
    turbo = folder / tiny["original"].name
    torch.save(torch.nn.Linear(1, 1), turbo / "silence_latent.pt")  # a whole module: a pickle of code
    with pytest.raises(RequestError, match="condition_encoder cannot be read"):
        open_checkpoint(turbo).build_module("condition_encoder", torch.float32)
