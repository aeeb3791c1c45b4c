"""Models on the disk: where they lie, how they come there, and whether they are whole."""

from bandmate_plugins._models.place import find_model, hub_cache

__all__ = ["find_model", "hub_cache"]
