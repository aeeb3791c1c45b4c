"""Models in folders of other programs, which are used where they are: a note for each, and no copy."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bandmate_plugins._models.pins import touch_pins
from bandmate_plugins._platform import home
from bandmate_plugins.model import Model


class ModelLink(msgspec.Struct, frozen=True):
    """Where a model's files lie."""

    hub_id: str
    name: str
    """Its short name: one repository may hold several models."""
    folder: str


def links_file() -> Path:
    """Where the folders are noted."""
    return home.data_dir() / "model_folders.json"


def linked_folder(model: Model) -> Path | None:
    """The folder that was noted for a model, whatever it holds by now; or None."""
    return next((Path(link.folder) for link in _read_links() if _is_of(link, model)), None)


def link_model(model: Model, folder: Path) -> None:
    """Notes the folder of a model, in place of one that was noted before. Raises OSError."""
    others = [link for link in _read_links() if not _is_of(link, model)]
    _write_links([*others, ModelLink(model.hub_id, model.short_name, str(folder))])


def unlink_model(model: Model) -> bool:
    """Forgets the folder of a model, whose files stay; False where none was noted. Raises OSError."""
    links = _read_links()
    others = [link for link in links if not _is_of(link, model)]
    if len(others) == len(links):
        return False
    _write_links(others)
    return True


def _is_of(link: ModelLink, model: Model) -> bool:
    return (link.hub_id, link.name) == (model.hub_id, model.short_name)


def _read_links() -> list[ModelLink]:
    """None where nothing was noted, or the file is damaged, as with the pins."""
    try:
        return msgspec.json.decode(links_file().read_bytes(), type=list[ModelLink])
    except (OSError, msgspec.DecodeError):
        return []


def _write_links(links: list[ModelLink]) -> None:
    home.write_private(links_file(), msgspec.json.format(msgspec.json.encode(links)))
    # Whoever looks whether models have come or gone looks at the file of the pins.
    touch_pins()
