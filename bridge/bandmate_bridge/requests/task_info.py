"""What the catalogue says of a task, as requests need it."""

from __future__ import annotations

from bandmate_bridge.rpp import Track
from bandmate_protocol.messages import TaskInfo


def has_param(task: TaskInfo, name: str) -> bool:
    """Whether the task takes a parameter of that name."""
    return name in task.params.get("properties", {})


def result_title(task: TaskInfo, track: Track, prompt: object) -> str:
    """What the result of a task on an item of a track is called: its prompt, or what became of the track."""
    return str(prompt or "") or f"{track.title} {task.result_title or task.title.lower()}"
