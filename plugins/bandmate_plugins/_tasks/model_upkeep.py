"""The tasks `verify_model` and `remove_model`, for a bridge that has buttons for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from bandmate_plugins._tasks.pull import KnownModelName
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output, Remark, StageProgress, TaskReport
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_plugins.task import Lane, Task
from bandmate_protocol.texts import say


class VerifyParams(msgspec.Struct, frozen=True):
    """Parameters of `verify_model`."""

    model: KnownModelName


class VerifyTask(Task[VerifyParams]):
    """Checks a downloaded model against its hashes."""

    name = "verify_model"
    title = "Check a model"
    Params = VerifyParams
    lane: ClassVar[Lane] = "network"
    result = "report"
    hidden = True

    def run(
        self,
        request: TaskRequest[VerifyParams],
        engine: LoadedEngine | None,  # noqa: ARG002 - it needs none
        context: TaskContext,
    ) -> Iterator[Output]:
        """Reads every file of the model; the report has `models`, each with `name`, `state` and `damage` by file.

        The states are `whole`, `damaged`, `unhashed` (no damage found, but there is no hash to compare with) and
        `missing`. Raises RequestError (`no_such_engine`).
        """
        from bandmate_plugins._host.known_models import models_named
        from bandmate_plugins._models.verify import check_model

        known, found = models_named(request.params.model), []
        for number, one in enumerate(known):
            yield StageProgress(say("Checking {name}", name=one.name), number, len(known))
            checked = check_model(one.model, context.check)
            found.append({"name": one.name, "state": checked.state, "damage": checked.damage})
            yield Remark(checked.sentence(one.name))
        yield TaskReport({"models": found})


class RemoveParams(msgspec.Struct, frozen=True):
    """Parameters of `remove_model`."""

    model: KnownModelName
    only_ask: Annotated[
        bool, Meta(title="Only ask", description="Report what would be freed, and delete nothing")
    ] = False


class RemoveTask(Task[RemoveParams]):
    """Deletes a model from the server's disk."""

    name = "remove_model"
    title = "Remove a model"
    Params = RemoveParams
    lane: ClassVar[Lane] = "network"
    result = "report"
    hidden = True

    def run(
        self,
        request: TaskRequest[RemoveParams],
        engine: LoadedEngine | None,  # noqa: ARG002 - it needs none
        context: TaskContext,  # noqa: ARG002 - it takes no time
    ) -> Iterator[Output]:
        """Deletes it, but for the files that another model needs; `freed_bytes` in the report says what that frees.

        `kept` names the folders of the user's own, which stay. Raises RequestError (`no_such_engine`).
        """
        from bandmate_plugins._host.known_models import known_models, models_named
        from bandmate_plugins._models.place import own_folder
        from bandmate_plugins._models.remove import freeable_bytes, remove_model
        from bandmate_plugins._models.room import size_text

        everything = [known.model for known in known_models()]
        freed, kept = 0, []
        for one in models_named(request.params.model):
            size = freeable_bytes(one.model, everything)
            freed += size
            if own := own_folder(one.model):
                kept.append(str(own))
                yield Remark(say("{own} is yours and stays.", own=own))
            if not request.params.only_ask:
                gone = remove_model(one.model, everything)
                yield Remark(
                    say("{name}: removed, {size} freed.", name=one.name, size=size_text(size))
                    if gone
                    else say("{name}: not installed.", name=one.name)
                )
        yield TaskReport({"freed_bytes": freed, "kept": kept})
