"""The embedded engine `sketch`: a band that plays from words alone, with no model and no weights.

Genres, instruments and words are data in this folder; docs/sketch.md says how to add to them. This module is
the plugin, and light: numpy comes with the engine's `load`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins.engine import Engine, LoadedEngine
from bandmate_plugins.hooks import hookimpl

if TYPE_CHECKING:
    import click


class SketchEngine(Engine):
    """Composes and synthesises a part or a whole band, in time and in key; the same seed gives the same result."""

    name = "sketch"
    title = "Sketch (embedded)"
    abilities = frozenset({"accompany", "inpaint", "text", "variation"})
    Options = SketchOptions
    follows_chords = True
    plays_notes = True

    def load(self, device: str, tier: str) -> LoadedEngine:  # noqa: ARG002 - it runs on the processor only
        """Reads the genres and makes the band ready."""
        from bandmate_plugins._engines.sketch.loaded import LoadedSketch

        return LoadedSketch()

    def load_prompt_reader(self) -> LoadedEngine:
        """Reads the word lists; none of the players is needed."""
        from bandmate_plugins._engines.sketch.words.prompt_reader import PromptReader

        return PromptReader()


@hookimpl
def bandmate_engines(register: Callable[[Engine], None]) -> None:
    """Registers the engine."""
    register(SketchEngine())


@hookimpl
def bandmate_commands(group: click.Group) -> None:
    """Adds `bandmate words`."""
    from bandmate_plugins._engines.sketch.words.commands import words

    group.add_command(words)
