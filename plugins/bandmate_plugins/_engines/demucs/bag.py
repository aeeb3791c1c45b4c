"""Reads a bag of networks from its folder: safetensors only, and only classes of HTDemucs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bandmate_plugins._engines.separation_nets.runner import is_out_of_memory, memory_error
from bandmate_plugins._engines.separation_nets.unusable import unreadable_error, unusable_error
from bandmate_protocol.errors import RequestError
from bandmate_protocol.texts import say

_KINDS = ("demucs.htdemucs.HTDemucs",)


@dataclass(frozen=True)
class BagNetwork:
    """A network, and how much of each stem is its."""

    network: Any
    shares: tuple[float, ...]


@dataclass(frozen=True)
class NetworkBag:
    """Networks whose stems are averaged."""

    members: tuple[BagNetwork, ...]
    roles: tuple[str, ...]
    sample_rate: int
    tile_frames: int


def read_bag(folder: Path, name: str) -> NetworkBag:
    """Reads a model. Raises RequestError (`engine_unavailable`) when a file is damaged or of another kind."""
    import yaml

    try:
        described = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
        networks = [_read_network(folder / f"{each}.safetensors") for each in described["models"]]
    except RequestError:
        raise
    except Exception as error:  # whatever a damaged file makes the readers raise
        raise memory_error() if is_out_of_memory(error) else unreadable_error(name, error) from error
    first = networks[0]
    roles = tuple(first.sources)
    if any(tuple(each.sources) != roles or each.samplerate != first.samplerate for each in networks):
        raise unusable_error(name, "mixes networks that do not fit together")
    tile = int(first.samplerate * (described.get("segment") or first.segment))
    shares = _stem_shares(described.get("weights"), len(networks), len(roles))
    members = tuple(map(BagNetwork, networks, shares))
    return NetworkBag(members, roles, first.samplerate, tile)


def _stem_shares(
    weights: Sequence[Sequence[float]] | None, networks: int, stems: int
) -> list[tuple[float, ...]]:
    """Each network's part in each stem; they sum to one for each stem."""
    rows = weights or [[1.0] * stems] * networks
    totals = [sum(row[stem] for row in rows) for stem in range(stems)]
    return [tuple(row[stem] / totals[stem] for stem in range(stems)) for row in rows]


def _read_network(path: Path) -> Any:
    from demucs.hf import load_safetensors_model
    from safetensors import safe_open

    from bandmate_plugins._engines.separation_nets.allowance import TensorAllowance

    with safe_open(str(path), framework="pt") as file:
        described = file.metadata() or {}
        shapes = [file.get_slice(key).get_shape() for key in file.keys()]  # noqa: SIM118 - a reader, no map
    # The file names the class to build: only a network that is meant, never what else could be imported.
    if described.get("klass") not in _KINDS or "structure" in described:
        raise unusable_error(
            path.name, say("is not an HTDemucs but {get}", get=described.get("klass", "something else"))
        )
    with TensorAllowance([math.prod(shape) for shape in shapes]):
        return load_safetensors_model(path).eval()
