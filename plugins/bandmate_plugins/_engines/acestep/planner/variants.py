"""The planners on the hub, which of them are here, and which one to use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bandmate_plugins._models import find_model
from bandmate_plugins.model import Model
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_LICENCE = "mit, by the hub's tag; the repository has no licence file"
_FILES = ("config.json", "*.safetensors", "tokenizer.json")


@dataclass(frozen=True)
class PlannerVariant:
    """A planner: the model that holds it, and where in its repository it lies."""

    model: Model
    folder: str = ""

    @property
    def name(self) -> str:
        """What `bandmate models` and the option `planner` call it."""
        return self.model.short_name


@dataclass(frozen=True)
class InstalledPlanner:
    """A planner that is whole on the disk."""

    variant: PlannerVariant
    folder: Path

    @property
    def weight_bytes(self) -> int:
        """The size of its weights as the hub has them, in 16 bits."""
        return sum(path.stat().st_size for path in self.folder.glob("*.safetensors"))


def _planner(hub_id: str, size: str, size_bytes: int, folder: str = "", name: str = "") -> PlannerVariant:
    files = tuple(f"{folder}/{file}" if folder else file for file in _FILES)
    about = f"Planner of ACE-Step ({size} parameters): `--think`, `write`, `analyse`; also needs ace_step1.5"
    model = Model(hub_id, "main", _LICENCE, size_bytes, files, name, about)
    return PlannerVariant(model, folder)


SMALL = _planner("ACE-Step/acestep-5Hz-lm-0.6B", "0.6 billion", 1_350_000_000)
"""What is suggested where there is none."""
PLANNER_HINT = "`bandmate models pull acestep_5hz_lm_0.6b` downloads one (1.3 GB, besides ace_step1.5)"
PLANNERS: tuple[PlannerVariant, ...] = (
    SMALL,
    _planner(
        "ACE-Step/Ace-Step1.5", "1.7 billion", 3_700_000_000, "acestep-5Hz-lm-1.7B", "acestep_5hz_lm_1.7b"
    ),
    _planner("ACE-Step/acestep-5Hz-lm-4B", "4 billion", 8_400_000_000),
)
"""The small ones first."""
PLANNER_MODELS: tuple[Model, ...] = tuple(variant.model for variant in PLANNERS)


def installed_planners() -> list[InstalledPlanner]:
    """The planners that are whole on the disk, the small ones first."""
    found = []
    for variant in PLANNERS:
        folder = find_model(variant.model)
        if folder is not None:
            found.append(InstalledPlanner(variant, folder / variant.folder if variant.folder else folder))
    return found


def choose_planner(wanted: str, fits: Callable[[int], int]) -> InstalledPlanner:
    """The wanted planner, else the largest one here that fits best; the smallest where none does.

    `fits` rates a size in bytes: 2 fits beside the renderer, 1 fits alone, 0 does not fit.
    Raises RequestError: `bad_params` for an unknown name, `engine_unavailable` where the weights are missing.
    """
    found = installed_planners()
    if wanted:
        return _requested_planner(wanted, found)
    if not found:
        raise missing_planner_error(SMALL.name, "No planner of ACE-Step is installed.")
    best = max(range(len(found)), key=lambda place: (fits(found[place].weight_bytes), place))
    return found[best] if fits(found[best].weight_bytes) else found[0]


def missing_planner_error(name: str, sentence: str) -> RequestError:
    """The error where a planner's weights are missing: how to get them, and what works without."""
    return RequestError(
        ErrorCode.ENGINE_UNAVAILABLE,
        sentence,
        say(
            "`bandmate models pull {name}` downloads it. Without a planner, `generate` works without `--think`, "
            "`write --engine sketch` suggests tempo and key, and `analyse` works with the engine dsp.",
            name=name,
        ),
        models=(name,),
    )


def _requested_planner(wanted: str, found: list[InstalledPlanner]) -> InstalledPlanner:
    variant = next((each for each in PLANNERS if wanted in (each.name, each.model.hub_id)), None)
    if variant is None:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("ACE-Step has no planner {wanted!r}.", wanted=wanted),
            say("There are {names}.", names=", ".join(each.name for each in PLANNERS)),
        )
    match = next((each for each in found if each.variant is variant), None)
    if match is None:
        raise missing_planner_error(
            variant.name, say("The planner {name} is not installed.", name=variant.name)
        )
    return match
