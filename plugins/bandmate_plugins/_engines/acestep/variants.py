"""The checkpoints of ACE-Step 1.5 on the hub, which of them are here, and which can do what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bandmate_plugins._models import find_model
from bandmate_plugins.model import Model
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Ability
from bandmate_protocol.texts import say

CheckpointKind = Literal["turbo", "sft", "base"]
ModelSize = Literal["2b", "xl"]

BASE_ONLY: frozenset[Ability] = frozenset({"accompany", "separate"})
"""What only base checkpoints were trained for: upstream's tasks `complete`, `lego` and `extract`."""

_MIT = "mit, by the hub's tag; the repository has no licence file"
_APACHE = "apache-2.0, by its page"
_COMMUNITY = "mit, by the original's tag; a conversion by others"
_DIT = ("config.json", "*.safetensors", "silence_latent.pt")
_SHARED = (
    "vae/*.json",
    "vae/*.safetensors",
    "Qwen3-Embedding-0.6B/*.json",
    "Qwen3-Embedding-0.6B/*.safetensors",
)


@dataclass(frozen=True)
class CheckpointVariant:
    """A checkpoint: the model that holds it, and what it is."""

    model: Model
    kind: CheckpointKind
    size: ModelSize = "2b"
    folder: str = ""
    """Where in the repository its transformer lies."""
    whole: bool = True
    """It comes with codec and text encoder; else those of `CORE` serve."""
    shift: float | None = None
    """Of its schedule, where it is not that of its kind."""

    @property
    def name(self) -> str:
        """What `bandmate models` and the parameter `model` call it."""
        return self.model.short_name

    def supports_ability(self, ability: Ability) -> bool:
        """Whether it was trained for an ability."""
        return self.kind == "base" or ability not in BASE_ONLY


@dataclass(frozen=True)
class InstalledCheckpoint:
    """A checkpoint that is whole on the disk."""

    variant: CheckpointVariant
    folder: Path
    """That of its transformer, or of all its parts."""
    shared: Path
    """The folder with the codec and the text encoder."""


_ABOUT: dict[CheckpointKind, str] = {
    "turbo": "Text to music, covers, repaints; 8 steps",
    "sft": "Text to music, covers, repaints; 50 steps",
    "base": "Text to music, accompaniments, tracks by name; 50 steps",
}


def _make_variant(
    hub_id: str,
    kind: CheckpointKind,
    size: ModelSize = "2b",
    *,
    licence: str,
    size_bytes: int,
    files: tuple[str, ...] = (),
    folder: str = "",
    whole: bool = True,
    shift: float | None = None,
) -> CheckpointVariant:
    larger = "The larger model. " if size == "xl" else ""
    about = larger + _ABOUT[kind] + ("" if whole else "; also needs ace_step1.5")
    model = Model(
        hub_id=hub_id, revision="main", licence=licence, size_bytes=size_bytes, files=files, about=about
    )
    return CheckpointVariant(model, kind, size, folder=folder, whole=whole, shift=shift)


def _original_variant(
    name: str, kind: CheckpointKind, size: ModelSize = "2b", shift: float | None = None
) -> CheckpointVariant:
    """A transformer alone, in the original layout."""
    size_bytes = 4_800_000_000 if size == "2b" else 10_000_000_000
    return _make_variant(
        f"ACE-Step/{name}",
        kind,
        size,
        licence=_MIT,
        size_bytes=size_bytes,
        files=_DIT,
        whole=False,
        shift=shift,
    )


def _diffusers_variant(hub_id: str, kind: CheckpointKind, size: ModelSize = "2b") -> CheckpointVariant:
    """All of it, in the layout of diffusers."""
    licence, size_bytes = (_COMMUNITY, 6_300_000_000) if size == "2b" else (_APACHE, 11_500_000_000)
    return _make_variant(hub_id, kind, size, licence=licence, size_bytes=size_bytes)


CORE = _make_variant(
    "ACE-Step/Ace-Step1.5",
    "turbo",
    licence=_MIT,
    size_bytes=6_300_000_000,
    files=(*(f"acestep-v15-turbo/{name}" for name in _DIT), *_SHARED),
    folder="acestep-v15-turbo",
)
"""The turbo checkpoint with the codec and the text encoder that the others need too."""

VARIANTS: tuple[CheckpointVariant, ...] = (
    CORE,
    _diffusers_variant("Runware/acestep-v15-turbo-diffusers", "turbo"),
    _diffusers_variant("ACE-Step/acestep-v15-xl-turbo-diffusers", "turbo", "xl"),
    _original_variant("acestep-v15-xl-turbo", "turbo", "xl"),
    _original_variant("acestep-v15-turbo-shift3", "turbo"),
    _original_variant("acestep-v15-turbo-shift1", "turbo", shift=1.0),
    _original_variant("acestep-v15-turbo-continuous", "turbo"),
    _original_variant("acestep-v15-sft", "sft"),
    _original_variant("acestep-v15-xl-sft", "sft", "xl"),
    _original_variant("acestep-v15-base", "base"),
    _diffusers_variant("Runware/acestep-v15-base-diffusers", "base"),
    _diffusers_variant("ACE-Step/acestep-v15-xl-base-diffusers", "base", "xl"),
    _original_variant("acestep-v15-xl-base", "base", "xl"),
)
"""In the order in which they are chosen: the fast ones first, the small ones first among equals."""

MODELS: tuple[Model, ...] = tuple(variant.model for variant in VARIANTS)
BASE = "acestep_v15_base"
"""The model that is pulled for what only base checkpoints were trained to do."""
_BASE_HINT = "`bandmate models pull acestep_v15_base` downloads one (4.8 GB, besides ace_step1.5)"


def installed_checkpoints() -> Iterator[InstalledCheckpoint]:
    """The checkpoints that are whole on the disk, in the order of the automatic choice."""
    core = find_model(CORE.model)
    for variant in VARIANTS:
        folder = find_model(variant.model)
        shared = folder if variant.whole else core
        if folder is not None and shared is not None:
            yield InstalledCheckpoint(variant, folder / variant.folder if variant.folder else folder, shared)


def has_checkpoint() -> bool:
    """Whether there is any checkpoint to work with."""
    return next(installed_checkpoints(), None) is not None


def missing_abilities() -> dict[Ability, str]:
    """The abilities that no checkpoint here has, each with what would bring it."""
    if any(found.variant.kind == "base" for found in installed_checkpoints()):
        return {}
    return dict.fromkeys(sorted(BASE_ONLY), f"A base model is required: {_BASE_HINT}.")


def choose_checkpoint(ability: Ability, wanted: str = "") -> InstalledCheckpoint:
    """The checkpoint for an ability: the wanted one, else the first here that was trained for it.

    Raises RequestError: `bad_params` for a name that there is not, or that cannot do it; `engine_unavailable`
    where it, or any that could, has to be pulled first.
    """
    found = list(installed_checkpoints())
    if wanted:
        return _requested_checkpoint(ability, wanted, found)
    able = [each for each in found if each.variant.supports_ability(ability)]
    if able:
        return able[0]
    if found:
        raise _unavailable_error(
            f"No installed checkpoint of ACE-Step was trained to {_ABILITY_TEXTS[ability]}.", BASE
        )
    raise _unavailable_error("No weights of ACE-Step are installed.", CORE.name)


_ABILITY_TEXTS: dict[Ability, str] = {
    "text": "make music from text",
    "inpaint": "repaint a range",
    "variation": "cover a recording",
    "accompany": "add parts to a recording",
    "separate": "extract parts of a recording",
    "analyse": "describe a recording",
}


def _requested_checkpoint(
    ability: Ability, wanted: str, found: list[InstalledCheckpoint]
) -> InstalledCheckpoint:
    variant = next((each for each in VARIANTS if wanted in (each.name, each.model.hub_id)), None)
    names = ", ".join(each.variant.name for each in found if each.variant.supports_ability(ability)) or "none"
    if variant is None:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("ACE-Step has no model {wanted!r}.", wanted=wanted),
            say(
                "Installed, and able to {ability_texts}: {names}. `bandmate models list` shows all of them.",
                ability_texts=_ABILITY_TEXTS[ability],
                names=names,
            ),
        )
    if not variant.supports_ability(ability):
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say(
                "{variant} is a {kind} checkpoint, but only base ones were trained to {ability_texts}.",
                variant=variant.name,
                kind=variant.kind,
                ability_texts=_ABILITY_TEXTS[ability],
            ),
            say("Installed, and able to: {names}. {base_hint}.", names=names, base_hint=_BASE_HINT),
            models=(BASE,),
        )
    match = next((each for each in found if each.variant is variant), None)
    if match is None:
        raise _unavailable_error(f"The model {variant.name} is not installed.", variant.name, CORE.name)
    return match


def _unavailable_error(sentence: str, *pulls: str) -> RequestError:
    commands = " and ".join(f"`bandmate models pull {name}`" for name in dict.fromkeys(pulls))
    return RequestError(
        ErrorCode.ENGINE_UNAVAILABLE,
        sentence,
        say("{commands} downloads it.", commands=commands),
        models=dict.fromkeys(pulls),
    )
