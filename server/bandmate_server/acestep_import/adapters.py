"""The adapters of an installation (LoRA, LoKr). They stay where they are: Bandmate does not use any yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from bandmate_protocol.texts import say
from bandmate_server.acestep_import.report import ImportedThing

_CONFIG = "adapter_config.json"
_MAX_BYTES = 1 << 20


def list_adapters(root: Path, places: Iterable[Path]) -> Iterator[ImportedThing]:
    """Each adapter, or why it is none."""
    for place in places:
        name = place.relative_to(root).as_posix()
        kind = "a LoKr" if place.is_file() else _lora_kind(place)
        if kind is None:
            yield ImportedThing(name, "skipped", say("{file} cannot be read.", file=_CONFIG))
            continue
        sentence = say("{kind}; left where it is, as Bandmate does not use adapters yet.", kind=kind)
        yield ImportedThing(name, "noted", sentence)


def _lora_kind(folder: Path) -> str | None:
    config = folder / _CONFIG
    try:
        if config.stat().st_size > _MAX_BYTES:
            return None
        read = json.loads(config.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(read, dict):
        return None
    rank = read.get("r")
    weights = "" if next(folder.glob("adapter_model.*"), None) else " without its weights"
    said = say(" of rank {rank}", rank=rank) if isinstance(rank, int) and not isinstance(rank, bool) else ""
    return f"a LoRA{said}{weights}"
