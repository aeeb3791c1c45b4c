"""The forms of HTDemucs that its author publishes."""

from __future__ import annotations

from bandmate_plugins.model import Model

_LICENCE = "mit, by its page; its author has also called the weights research only"


def _htdemucs_model(hub_id: str, name: str, networks: tuple[str, ...], size_bytes: int, about: str) -> Model:
    files = (f"{name}.yaml", *(f"{network}.safetensors" for network in networks))
    return Model(
        hub_id=hub_id, revision="main", licence=_LICENCE, size_bytes=size_bytes, files=files, about=about
    )


VARIANTS: dict[str, Model] = {
    "htdemucs": _htdemucs_model(
        "adefossez/HTDemucs", "htdemucs", ("955717e8",), 84_000_000, "Drums, bass, vocals and other"
    ),
    "htdemucs_ft": _htdemucs_model(
        "adefossez/HTDemucs-ft",
        "htdemucs_ft",
        ("f7e0c4bc", "d12395a8", "92cfc3b6", "04573f0d"),
        336_000_000,
        "The same four with one network each: four times the work",
    ),
    "htdemucs_6s": _htdemucs_model(
        "adefossez/HTDemucs-6s", "htdemucs_6s", ("5c90dfd2",), 0, "Six stems: guitar and piano too"
    ),
}
"""By the name that `demucs` and `bandmate models` know them by."""
