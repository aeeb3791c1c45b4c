"""What answers `suggest` without the band: a prompt is read by its words alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bandmate_plugins._engines.sketch.words.suggestion import suggest_for_prompt
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output, TaskReport
from bandmate_plugins.request import TaskContext, TaskRequest


class PromptReader(LoadedEngine):
    """Light enough for any worker."""

    def suggest(self, request: TaskRequest[Any, Any], context: TaskContext) -> Iterator[Output]:
        """Reports the tempo, metre and key of the prompt, else those that its style is at home in."""
        context.check()
        yield TaskReport(suggest_for_prompt(request.params.prompt, request.seed))
