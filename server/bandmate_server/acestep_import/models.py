"""The checkpoints of an installation, used where they are once they are known to be whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bandmate_plugins._host.known_models import KnownModel, known_models
from bandmate_plugins._models.links import link_model, linked_folder
from bandmate_plugins._models.place import find_model, missing_names
from bandmate_plugins._models.verify import check_folder, damaged_files
from bandmate_protocol.texts import say
from bandmate_server.acestep_import.report import ImportedThing

_ENGINE = "acestep"
_MAIN = "ACE-Step/Ace-Step1.5"
"""The repository that lies in the folder of checkpoints itself; each other has a folder in it."""
_SHARED = ("vae", "Qwen3-Embedding-0.6B")
_MAX_REASONS = 3


def take_over_models(checkpoints: Path, *, dry_run: bool) -> Iterator[ImportedThing]:
    """Each model that is there, in whole or in part, and what became of it. Raises OSError where it cannot be noted."""
    models = [known for known in known_models() if known.engine == _ENGINE]
    named = {*_SHARED}
    for known in models:
        place = _place_of(known, checkpoints)
        if place is None:
            continue
        named |= _own_folders(known) if place == checkpoints else {place.name}
        yield _take_over(known, place, dry_run=dry_run)
    for path in sorted(checkpoints.iterdir()):
        if path.name not in named and _has_weights(path):
            yield ImportedThing(path.name, "skipped", "Bandmate does not know this model.")


def _place_of(known: KnownModel, checkpoints: Path) -> Path | None:
    """The folder that has something of a model; None where nothing of it is there."""
    owner_and_name = known.model.hub_id
    if owner_and_name != _MAIN:
        # Whoever converted it: repositories of other owners have other names.
        folder = checkpoints / owner_and_name.split("/")[1]
        return folder if folder.is_dir() else None
    return checkpoints if any((checkpoints / name).is_dir() for name in _own_folders(known)) else None


def _own_folders(known: KnownModel) -> set[str]:
    """The folders of a model in its repository, but for those that others use too."""
    return {name.split("/")[0] for name in known.model.files} - {*_SHARED}


def _take_over(known: KnownModel, place: Path, *, dry_run: bool) -> ImportedThing:
    model, here = known.model, find_model(known.model)
    if here is not None and not _is_same(here, place):
        return ImportedThing(known.name, "already_here", say("already installed in {here}.", here=here))
    missing = missing_names(place, model)
    if missing:
        lacks = _cut(missing)
        return ImportedThing(known.name, "skipped", say("not taken over: {lacks} is missing.", lacks=lacks))
    linked = linked_folder(model)
    if linked is not None and _is_same(linked, place):
        return _look_again(known, place)
    checked = check_folder(place, model)
    if checked.damage:
        damage = _damage_text(checked.damage)
        return ImportedThing(known.name, "skipped", say("not taken over: {damage}.", damage=damage))
    if not dry_run:
        link_model(model, place)
    hashed = (
        "its hashes are right" if checked.state == "whole" else "its lengths are right, its hashes unknown"
    )
    sentence = say("used from {place}; {hashed}.", place=place, hashed=hashed)
    return ImportedThing(known.name, "taken_over", sentence)


def _look_again(known: KnownModel, place: Path) -> ImportedThing:
    """What was taken over before; its lengths alone, as `bandmate models verify` looks at the rest."""
    damage = damaged_files(place, known.model, lengths_only=True)
    if damage:
        return ImportedThing(known.name, "skipped", say("damaged: {damage}.", damage=_damage_text(damage)))
    return ImportedThing(known.name, "already_here", say("already used from {place}.", place=place))


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _has_weights(folder: Path) -> bool:
    return (folder / "config.json").is_file() and next(folder.glob("*.safetensors"), None) is not None


def _damage_text(damage: dict[str, str]) -> str:
    return _cut([f"{name}: {reason}" for name, reason in damage.items()], "; ")


def _cut(texts: list[str], between: str = ", ") -> str:
    """The first few, and how many more there are."""
    shown = between.join(texts[:_MAX_REASONS])
    more = len(texts) - _MAX_REASONS
    return shown if more <= 0 else f"{shown} and {more} more"
