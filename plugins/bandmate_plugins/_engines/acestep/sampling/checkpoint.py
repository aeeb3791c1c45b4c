"""A checkpoint of ACE-Step 1.5 on the disk: what it is, and its parts as modules. Safetensors only."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import safe_open

from bandmate_plugins._engines.acestep.sampling.language_model import (
    complete_head,
    empty_planner,
    share_head,
)
from bandmate_plugins._engines.acestep.sampling.layout import (
    PLANNER,
    ModuleFiles,
    find_parts,
    planner_part,
    tokenizer_folder,
)
from bandmate_plugins._engines.separation_nets.allowance import TensorAllowance
from bandmate_plugins._engines.separation_nets.unusable import error_line
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_XL_FROM_WIDTH = 2560


class AceStepCheckpoint:
    """What one checkpoint holds. Nothing is read into memory before `build`."""

    def __init__(self, folder: Path, shared: Path, parts: dict[str, ModuleFiles]) -> None:
        self.folder = folder
        self.names = tuple(parts)
        """Its parts: `text_encoder`, `condition_encoder`, `transformer`, ..., `vae`, and perhaps `planner`."""
        self._shared = shared
        self._parts = parts
        config = parts["transformer"].config
        self.variant: Literal["turbo", "sft", "base"] = _detect_kind(config)
        self.size: Literal["2b", "xl"] = "xl" if config["hidden_size"] >= _XL_FROM_WIDTH else "2b"
        codec = parts["vae"].config
        self.channels = int(codec["decoder_input_channels"])
        """Of a latent."""
        self.sample_rate = int(codec["sampling_rate"])
        self.hop = math.prod(codec["downsampling_ratios"])
        """Samples a latent stands for."""

    def build_module(self, name: str, dtype: torch.dtype) -> torch.nn.Module:
        """A part on the CPU, its weights in `dtype`.

        Raises RequestError (`engine_unavailable`) when its files are damaged or of another architecture.
        """
        part = self._parts[name]
        try:
            with TensorAllowance(_tensor_sizes(part)):
                module = _empty_module(name, part)
            tensors = _load_tensors(part, dtype)
            if name == PLANNER:
                complete_head(tensors)
            module.load_state_dict(tensors, strict=True, assign=True)
            if name == PLANNER:
                share_head(module, part.config)
            for buffer in module.buffers():
                if buffer.is_floating_point():
                    buffer.data = buffer.data.to(dtype)
        except Exception as error:  # whatever a damaged file makes the readers raise
            raise _unusable_error(
                self.folder,
                say("its {name} cannot be read ({error_line})", name=name, error_line=error_line(error)),
            ) from error
        return module.eval().requires_grad_(False)

    def config_of(self, name: str) -> Mapping[str, Any]:
        """A part's configuration, as its files have it."""
        return self._parts[name].config

    def module_bytes(self, name: str, dtype: torch.dtype) -> int:
        """What a part's weights take in `dtype`, from the files' headers. Raises as `build`."""
        part = self._parts[name]
        try:
            return sum(_tensor_sizes(part)) * dtype.itemsize
        except Exception as error:  # as in `build`
            raise _unusable_error(
                self.folder,
                say("its {name} cannot be read ({error_line})", name=name, error_line=error_line(error)),
            ) from error

    def load_tokenizer(self) -> Any:
        """The text encoder's tokenizer. Raises RequestError (`engine_unavailable`)."""
        from transformers import AutoTokenizer

        try:
            return AutoTokenizer.from_pretrained(tokenizer_folder(self.folder, self._shared))
        except Exception as error:
            raise _unusable_error(
                self.folder, say("its tokenizer cannot be read ({error_line})", error_line=error_line(error))
            ) from error


def open_checkpoint(
    folder: Path, shared: Path | None = None, planner: Path | None = None
) -> AceStepCheckpoint:
    """The checkpoint in a folder of the diffusers layout, or in a transformer's folder of the original one.

    For the latter, `shared` is the folder with `vae` and `Qwen3-Embedding-0.6B`; its parent when left out.
    `planner` is the folder of a language model that becomes a part of it.
    Raises RequestError (`engine_unavailable`) when a part is missing.
    """
    shared = shared or folder.parent
    parts = _find_or_refuse(folder, lambda: find_parts(folder, shared))
    if planner is not None:
        parts |= _find_or_refuse(planner, lambda: {PLANNER: planner_part(planner)})
    return AceStepCheckpoint(folder, shared, parts)


def _find_or_refuse(folder: Path, find: Callable[[], dict[str, ModuleFiles]]) -> dict[str, ModuleFiles]:
    try:
        return find()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable_error(
            folder, say("it is incomplete ({error_line})", error_line=error_line(error))
        ) from error


def _detect_kind(config: Any) -> Literal["turbo", "sft", "base"]:
    version = str(config.get("model_version") or "").lower()
    if config.get("is_turbo") or "turbo" in version:
        return "turbo"
    return "sft" if "sft" in version else "base"


def _empty_module(name: str, part: ModuleFiles) -> torch.nn.Module:
    """The module without weights: they are assigned, so that nothing is held twice."""
    from accelerate import init_empty_weights

    if name == "text_encoder":
        from transformers import Qwen3Config, Qwen3Model

        with init_empty_weights(include_buffers=False):
            return Qwen3Model(Qwen3Config.from_dict(dict(part.config)))
    if name == PLANNER:
        return empty_planner(part.config)
    kind = _module_classes()[name]
    known = inspect.signature(kind.__init__).parameters
    config = {key: value for key, value in part.config.items() if key in known and value is not None}
    # The codec is small, and computes weights from others as it is made.
    empty = nullcontext() if name == "vae" else init_empty_weights(include_buffers=False)
    with empty, warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*weight_norm.*", FutureWarning)
        module: torch.nn.Module = kind(**config)
    if name == "transformer":
        from bandmate_plugins._engines.acestep.sampling.attention import set_local_attention

        set_local_attention(module)
    return module


def _module_classes() -> dict[str, Any]:
    from diffusers.models.autoencoders.autoencoder_oobleck import AutoencoderOobleck
    from diffusers.models.transformers.ace_step_transformer import AceStepTransformer1DModel
    from diffusers.pipelines.ace_step.modeling_ace_step import (
        AceStepAudioTokenDetokenizer,
        AceStepAudioTokenizer,
        AceStepConditionEncoder,
    )

    return {
        "transformer": AceStepTransformer1DModel,
        "condition_encoder": AceStepConditionEncoder,
        "audio_tokenizer": AceStepAudioTokenizer,
        "audio_token_detokenizer": AceStepAudioTokenDetokenizer,
        "vae": AutoencoderOobleck,
    }


def _tensor_sizes(part: ModuleFiles) -> list[int]:
    """How many numbers each tensor of a part holds, from the files' headers."""
    found = []
    for path in part.files:
        with safe_open(str(path), framework="pt") as file:
            keys = [key for key in file.keys() if part.tensor_name(key) is not None]  # noqa: SIM118 - a reader, no map
            found += [math.prod(file.get_slice(key).get_shape()) for key in keys]
    return found


def _load_tensors(part: ModuleFiles, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    found = {}
    for path in part.files:
        with safe_open(str(path), framework="pt") as file:
            for key in file.keys():  # noqa: SIM118 - a reader, no map
                name = part.tensor_name(key)
                if name is not None:
                    tensor = file.get_tensor(key)
                    found[name] = tensor.to(dtype) if tensor.is_floating_point() else tensor
    if part.silence is not None:
        silence = torch.load(part.silence, map_location="cpu", weights_only=True)
        # The original keeps channels before time.
        found["silence_latent"] = silence.transpose(1, 2).contiguous().to(dtype)
    return found


def _unusable_error(folder: Path, what: str) -> RequestError:
    return RequestError(
        ErrorCode.ENGINE_UNAVAILABLE,
        say("The checkpoint of ACE-Step in {folder} cannot be used: {what}.", folder=folder.name, what=what),
        "`bandmate models verify` checks for damage; `bandmate models pull` downloads it again. The engine "
        "sketch works without a model.",
    )
