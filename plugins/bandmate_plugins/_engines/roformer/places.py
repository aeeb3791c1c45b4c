"""Where checkpoints come from: a hub's repository that collects them, or folders of the user's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from bandmate_plugins._models import find_model
from bandmate_plugins._models.place import MIRROR
from bandmate_plugins._platform import home
from bandmate_plugins.model import Model

OWN_FOLDER = "roformer"
"""The folder, in BANDMATE_MODELS or among Bandmate's data, whose folders each hold a checkpoint."""


def _known_checkpoint(name: str, path: str, size_bytes: int, about: str) -> Model:
    return Model(
        hub_id="baicai1145/pymss",
        revision="main",
        licence="not stated",
        size_bytes=size_bytes,
        files=(f"{path}.ckpt", f"{path}.yaml"),
        name=name,
        about=about,
    )


KNOWN_CHECKPOINTS: tuple[Model, ...] = (
    _known_checkpoint(
        "kim_vocals", "vocal/vocal_extraction/Kim_MelBandRoformer", 913_106_900, "Vocals and instrumental"
    ),
    _known_checkpoint(
        "viperx_vocals",
        "vocal/vocal_extraction/model_bs_roformer_ep_317_sdr_12.9755",
        639_331_213,
        "Vocals and instrumental",
    ),
    _known_checkpoint("bs_roformer_sw", "music_stems/six_stem/BS-Roformer-SW", 699_412_152, "Six stems"),
    _known_checkpoint(
        "bs_roformer_4stems", "music_stems/four_stem/bs_roformer_4stems_ft", 527_245_586, "Four stems"
    ),
    _known_checkpoint(
        "scnet_large",
        "music_stems/four_stem/SCNet-large_starrytong_fixed",
        168_852_258,
        "Four stems, with the smallest download",
    ),
    _known_checkpoint(
        "mdx23c_vocals",
        "vocal/vocal_instrumental_dual/MDX23C-8KFFT-InstVoc_HQ",
        448_101_203,
        "Vocals and instrumental",
    ),
)
"""The best known of each kind, as the package `pymss` collects them; the best first.

Nobody states the licences of most of these weights.
"""


def checkpoint_configs(environ: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """The configuration of each checkpoint that is here, by its name; the user's own folders come first."""
    found: dict[str, Path] = {}
    roots = [home.data_dir() / "models"]
    if mirror := environ.get(MIRROR):
        roots.insert(0, Path(mirror).expanduser())
    for root in roots:
        for path in sorted((root / OWN_FOLDER).glob("*/*.yaml")):
            found.setdefault(path.parent.name, path)
    for model in KNOWN_CHECKPOINTS:
        if folder := find_model(model, environ):
            found.setdefault(model.name, folder / model.files[1])
    return found
