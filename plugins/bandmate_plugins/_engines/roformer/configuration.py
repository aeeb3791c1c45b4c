"""A checkpoint's configuration as plain values within bounds: it says how large the network becomes.

The file is read once, here; what builds the network gets the values that were checked.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

_MAX_BYTES = 1 << 20
_MAX_VALUES = 10_000
"""Aliases count as often as they stand: a few lines of them can mean billions of values."""
_MAX_SIGNAL = 10_000_000
"""Frames of a tile, say; the longest that are passed around have a few hundred thousand."""
_MAX_SPECTRUM = 65_536
_MAX_NETWORK = 8_192
_SPECTRUM = re.compile(r"fft|hop|win|freq|dim_f|dim_t")


class _PlainLoader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML without objects; the tuples that these configurations mark are let in."""


def _construct_tuple(loader: yaml.SafeLoader, node: Any) -> tuple[Any, ...]:
    return tuple(loader.construct_sequence(node))


_PlainLoader.add_constructor("tag:yaml.org,2002:python/tuple", _construct_tuple)


def read_configuration(path: Path) -> Mapping[str, Any]:
    """The values of a file. Raises OSError, yaml.YAMLError, and ValueError for what no network of use has."""
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError(f"it is larger than {_MAX_BYTES} bytes")
    config = yaml.load(path.read_text(encoding="utf-8"), _PlainLoader)  # noqa: S506 - a SafeLoader with tuples
    if not isinstance(config, Mapping):
        raise ValueError("it is not a map of values")
    _check_size(config)
    for section, values in config.items():
        if section in ("model", "audio"):
            _check_numbers(str(section), values, _MAX_NETWORK if section == "model" else _MAX_SIGNAL)
    return config


@contextmanager
def as_file(config: Mapping[str, Any]) -> Iterator[Path]:
    """The values as a file of their own, for a reader that takes nothing else."""
    with tempfile.TemporaryDirectory(prefix="bandmate-") as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(yaml.dump(config), encoding="utf-8")
        yield path


def _check_size(config: object) -> None:
    waiting, seen = [config], 0
    while waiting:
        value = waiting.pop()
        seen += 1
        if seen > _MAX_VALUES:
            raise ValueError(f"it has more than {_MAX_VALUES} values")
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value


def _check_numbers(name: str, value: object, most: int) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _check_numbers(str(key), inner, _bound_of(str(key), most))
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_numbers(name, inner, most)
    elif isinstance(value, int | float) and not abs(value) <= most:
        raise ValueError(f"{name} is {value}, but at most {most} is allowed")


def _bound_of(name: str, most: int) -> int:
    if "sample_rate" in name or name in ("sr", "chunk_size"):
        return _MAX_SIGNAL
    return _MAX_SPECTRUM if _SPECTRUM.search(name) else most
