"""A checkpoint of ACE-Step 1.5 turbo in its full size (2B) with random weights, in the original layout.

python -m tests.measure.acestep_weights FOLDER [--check]

`--check` reads it back part by part, says what each takes in bf16, and renders five seconds in two steps on
the CPU, two layers of the large parts at a time. It takes 6.4 GB on the disk, a little more of memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import Qwen3Config, Qwen3ForCausalLM, Qwen3Model

from bandmate_plugins._engines.acestep.place import DeviceMemory
from bandmate_plugins._engines.acestep.residency import LayerStreamedModules
from bandmate_plugins._engines.acestep.sampling import canvas, codec
from bandmate_plugins._engines.acestep.sampling.checkpoint import AceStepCheckpoint, open_checkpoint
from bandmate_plugins._engines.acestep.sampling.conditioning import encode_condition, silent_latents
from bandmate_plugins._engines.acestep.sampling.plan import SamplingPlan
from bandmate_plugins._engines.acestep.sampling.prompt import PromptFields, task_instruction
from bandmate_plugins._engines.acestep.sampling.sampler import sample_latents
from bandmate_plugins._engines.acestep.studio import LAYERED
from tests.plugins.acestep import checkpoints
from tests.plugins.acestep.full_size import Size, codec_of, parts_of
from tests.plugins.acestep.planner.tiny import planner_config, tokenizer_json, write_planner

_STEP = 0.02
"""The spread of the weights: far from overflowing in bf16."""
_PLANNER = {
    "vocab_size": 217_204,
    "hidden_size": 1024,
    "intermediate_size": 3072,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
}
_TEXT_ENCODER = "Qwen3-Embedding-0.6B"


def write_hub(root: Path, size: Size, device: str) -> Path:
    """A folder that stands in for the hub, as `BANDMATE_MODELS` names one; what is there is kept."""
    hub = root / "hub"
    if hub.is_dir():
        return hub
    shared = root / "part" / "ACE-Step" / "Ace-Step1.5"
    if size == "tiny":
        checkpoints.write_diffusers(root / "made")
        checkpoints.write_original(root / "made", shared)
        shutil.rmtree(root / "made")
    else:
        _write_large(shared, size, device)
    (root / "part").rename(hub)
    return hub


def add_planner(hub: Path, size: Size, device: str) -> None:
    """Puts the smallest planner beside the others, in its full size (28 layers of 1024) unless all is tiny."""
    folder = hub / "ACE-Step" / "acestep-5Hz-lm-0.6B"
    if folder.is_dir():
        return
    if size == "tiny":
        write_planner(folder)
        return
    config = planner_config(**_PLANNER, num_hidden_layers=4 if size == "mid" else 28)
    with torch.device("meta"):
        network = Qwen3ForCausalLM(config)
    part = folder.with_suffix(".part")
    part.mkdir()
    (part / "config.json").write_text(config.to_json_string())
    save_file(
        {key: each for key, each in _filled(network, device) if key != "lm_head.weight"},
        part / "model.safetensors",
    )
    (part / "tokenizer.json").write_text(tokenizer_json(), encoding="utf-8")
    part.rename(folder)


def transformer_folder(hub: Path) -> Path:
    """Where in such a hub the turbo transformer lies."""
    return hub / "ACE-Step" / "Ace-Step1.5" / "acestep-v15-turbo"


def _write_large(shared: Path, size: Size, device: str) -> None:
    """A file for each part, with an index, as large checkpoints have several; in memory is one part."""
    turbo = shared / "acestep-v15-turbo"
    turbo.mkdir(parents=True)
    config: dict[str, Any] = {}
    index: dict[str, str] = {}
    for name, part in parts_of(size):
        config |= {key: value for key, value in part.config.items() if key[0] != "_" and key not in config}
        tensors = {checkpoints.original_name(name, key): each for key, each in _filled(part, device)}
        quiet = tensors.pop("silence_latent", None)
        if quiet is not None:
            torch.save(quiet.transpose(1, 2).contiguous(), turbo / "silence_latent.pt")
        save_file(tensors, turbo / f"model-{name}.safetensors")
        index |= dict.fromkeys(tensors, f"model-{name}.safetensors")
    config.pop("layer_types")
    (turbo / "config.json").write_text(json.dumps(config))
    (turbo / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
    with torch.device("meta"):
        encoder = Qwen3Model(_text_config(size))
    (shared / _TEXT_ENCODER).mkdir()
    (shared / _TEXT_ENCODER / "config.json").write_text(encoder.config.to_json_string())
    save_file(dict(_filled(encoder, device)), shared / _TEXT_ENCODER / "model.safetensors")
    checkpoints.write_tokenizer(shared / _TEXT_ENCODER)
    torch.set_default_dtype(torch.bfloat16)
    try:
        codec_of(size).save_pretrained(shared / "vae")
    finally:
        torch.set_default_dtype(torch.float32)


def _filled(part: Any, device: str) -> Iterator[tuple[str, torch.Tensor]]:
    for key, shape in part.state_dict().items():
        made = torch.empty(shape.shape, dtype=torch.bfloat16, device=device)
        yield key, made.normal_(0.0, _STEP).cpu()


def _text_config(size: Size) -> Qwen3Config:
    return Qwen3Config(
        vocab_size=151_669,
        hidden_size=1024,
        intermediate_size=3072,
        num_hidden_layers=4 if size == "mid" else 28,
        num_attention_heads=16,
        num_key_value_heads=8,
        head_dim=128,
    )


class Counted(DeviceMemory):
    """The CPU, counting what is brought to it as if it were a card."""

    def __init__(self) -> None:
        super().__init__("cpu")
        self.held = 0
        self.most = 0

    def _count(self, tensor: torch.Tensor) -> torch.Tensor:
        self.held += tensor.nbytes
        self.most = max(self.most, self.held)
        return tensor

    def copy_to_device(self, tensor: torch.Tensor) -> torch.Tensor:
        return self._count(tensor.clone())

    def allocate_like(self, tensor: torch.Tensor) -> torch.Tensor:
        return self._count(super().allocate_like(tensor))

    def release_tensor(self, tensor: torch.Tensor) -> None:
        self.held -= tensor.nbytes


def check(checkpoint: AceStepCheckpoint) -> None:
    """Says what the parts take, and renders a little."""
    sizes = {name: checkpoint.module_bytes(name, torch.bfloat16) for name in checkpoint.names}
    for name, size in sizes.items():
        print(f"{name:24} {size / 2e6:7.0f} million weights   {size / 1e9:5.2f} GB in bf16")
    whole = sum(sizes.values())
    print(f"{'all':24} {whole / 2e6:7.0f} million weights   {whole / 1e9:5.2f} GB")
    place = Counted()
    modules = LayerStreamedModules(checkpoint, place, torch.bfloat16, LAYERED)
    for name in checkpoint.names:
        with modules.use(name):
            pass
    place.most = 0
    started = time.perf_counter()
    words = PromptFields("warm upright bass", task_instruction("text2music"), duration_s=5)
    aim = encode_condition(modules, words, checkpoint.load_tokenizer())
    print(f"text and condition encoders: {time.perf_counter() - started:.1f} s, {tuple(aim.hidden.shape)}")
    latents = sample_latents(
        modules, SamplingPlan(steps=2), aim, canvas.blank_canvas(silent_latents(modules, 128)), [1]
    )
    print(f"two steps of 128 latents: {time.perf_counter() - started:.1f} s")
    codec.token_hints(modules, latents)
    audio = next(codec.decode_windows(modules, latents, 0, 128, 32))
    assert np.isfinite(audio).all()
    print(f"tokens and {len(audio)} samples: {time.perf_counter() - started:.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        f"the most weights on the device at once: {place.most / 1e9:.2f} GB; host memory {peak / 1e9:.2f} GB"
    )


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", ".*weight_norm.*", FutureWarning)
    hub = write_hub(options.folder, "full", "cpu")
    if options.check:
        check(open_checkpoint(transformer_folder(hub)))


if __name__ == "__main__":
    main()
