"""From a request to the jobs that make its music: the task, its parameters, and the options of its engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bandmate_plugins._host.engine_choice import choose_engine, find_task
from bandmate_plugins._host.loading.records import EngineRecord, PluginCatalogue
from bandmate_protocol.messages import Input, Submit, Timeline
from bandmate_server.compat.chat.models import ChosenModel, options_for
from bandmate_server.compat.chat.music_order import MusicOrder
from bandmate_server.compat.chat.song import Song

TASKS = {
    "text2music": "generate",
    "cover": "cover",
    "cover-nofsq": "cover",
    "repaint": "repaint",
    "lego": "accompany",
    "complete": "accompany",
    "extract": "separate",
}
"""What ACE-Step calls tasks by, and our names."""
_REQUEST_ID = "chat"
_STEMS = {"drums": "four", "bass": "four", "vocals": "four", "guitar": "six"}
"""The modes of `separate` in which any engine has a track."""


@dataclass(frozen=True)
class WantedTask:
    """A task and the engine that does it."""

    name: str
    ability: str | None
    engine: EngineRecord | None
    options: Mapping[str, Any] = field(default_factory=dict)

    def submit(
        self,
        timeline: Timeline,
        params: Mapping[str, Any],
        inputs: Sequence[Input] = (),
        seed: int | None = None,
    ) -> Submit:
        """The message that asks for it."""
        return Submit(
            request=_REQUEST_ID,
            task=self.name,
            timeline=timeline,
            params=dict(params),
            options=dict(self.options),
            engine=self.engine.name if self.engine else None,
            seed=seed,
            inputs=tuple(inputs),
            origin={"api": "chat"},
        )


def choose_task(plugins: PluginCatalogue, order: MusicOrder, chosen: ChosenModel) -> WantedTask:
    """The task that makes the music, and its engine: the chosen one if it can do it.

    Raises RequestError (`no_such_engine`, `engine_unavailable`) where none can.
    """
    task = find_task(plugins, TASKS[order.task])
    wanted = chosen.engine if chosen.engine in task.engines else None
    engine, _ = choose_engine(plugins, task, wanted)
    options = (
        {} if engine is None else options_for(engine, task.ability, _wanted_options(order, chosen, engine))
    )
    return WantedTask(task.name, task.ability, engine, options)


def choose_writer(plugins: PluginCatalogue, order: MusicOrder, chosen: ChosenModel) -> WantedTask:
    """The task `write`, which makes a song in words of an idea. Raises as `choose_task`."""
    task = find_task(plugins, "write")
    wanted = chosen.engine if chosen.engine in task.engines else None
    engine, _ = choose_engine(plugins, task, wanted)
    options = (
        options_for(engine, "text", {"plan_temperature": order.temperature}) if engine is not None else {}
    )
    return WantedTask(task.name, task.ability, engine, options)


def write_params(order: MusicOrder, song: Song) -> dict[str, Any]:
    """What `write` is told of an idea, or of words to put into shape."""
    given = {
        "prompt": song.prompt,
        "lyrics": song.lyrics if order.tidies else "",
        "tidy": order.tidies,
        "instrumental": order.instrumental,
        "language": song.language,
        "bpm": song.bpm,
        "key": song.key,
        "metre": song.metre_text,
        "seconds": song.seconds,
    }
    return {name: value for name, value in given.items() if value}


def music_params(order: MusicOrder, song: Song, task: WantedTask) -> dict[str, Any]:
    """The parameters of the task that makes the music."""
    words = {"prompt": song.prompt, "lyrics": song.lyrics, "language": song.language}
    if task.name == "separate":
        is_named = task.engine is not None and task.engine.name == "acestep"
        mode = "tracks" if is_named else _STEMS.get(order.track, "tracks")
        return {"mode": mode, "stems": order.track}
    if task.name == "repaint":
        return words
    params: dict[str, Any] = {**words, "mix": True}
    if task.name == "cover" and order.cover_strength is not None:
        params["strength"] = 1.0 - order.cover_strength
    return params


def with_range(timeline: Timeline, start_frame: int, end_frame: int) -> Timeline:
    """A timeline that covers a range of another, with the rest as context."""
    return msgspec.structs.replace(
        timeline,
        start_frame=start_frame,
        end_frame=end_frame,
        context_before_frames=start_frame - timeline.start_frame,
        context_after_frames=max(timeline.end_frame - end_frame, 0),
    )


def _wanted_options(order: MusicOrder, chosen: ChosenModel, engine: EngineRecord) -> dict[str, Any]:
    """Options by the names that engines have for them; `options_for` keeps those that this one has."""
    return {
        "model": (chosen.checkpoint if chosen.engine == engine.name else "") or None,
        # A chat client has no vocabulary to look words up in, so nobody is refused for them.
        "anyway": True,
        "think": order.thinks or None,
        "rewrite": None if order.rewrites else False,
        "plan_temperature": order.temperature,
        "steps": order.steps,
        "guidance": order.guidance,
        "layer": order.track or None,
    }
