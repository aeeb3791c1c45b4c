"""More of the plugin for tests: tasks whose results go to different places, and that want different things."""

import msgspec
import numpy as np

from bandmate_plugins import Remark, RequestError, StemAudio, StemStart, Task, TaskReport, hookimpl
from bandmate_protocol.errors import ErrorCode


class Reverse(Task):
    """Plays the source backwards."""

    name = "reverse"
    title = "Reverse"
    source = "required"
    result = "take"
    result_title = "reversed"

    def run(self, request, engine, context):
        source = request.input("source")
        yield StemStart("Reversed", "other", channels=source.channels, frames=source.frames)
        yield StemAudio(0, np.ascontiguousarray(source.read()[::-1]))


class Peak(Task):
    """Says how loud the source is at most."""

    name = "peak"
    title = "Peak"
    source = "required"
    result = "report"

    def run(self, request, engine, context):
        yield TaskReport({"peak": round(float(np.abs(request.input("source").read()).max()), 3)})


class Shadow(Task):
    """Half as loud what plays at the same time."""

    name = "shadow"
    title = "Shadow"
    listens = True

    def run(self, request, engine, context):
        frames, start = request.timeline.frames, request.timeline.start_frame
        total = np.zeros((frames, 2), np.float32)
        heard = [given for given in request.inputs if given.role == "context"]
        for given in heard:
            skip = max(start - given.start_frame, 0)
            at = max(given.start_frame - start, 0)
            piece = given.read(skip, max(frames - at, 0))
            total[at : at + len(piece)] += piece
        yield StemStart("Shadow", "other")
        yield StemAudio(0, total * np.float32(0.5))
        yield TaskReport({"heard": len(heard)})


class Secret(Task):
    """Is for programs."""

    name = "secret"
    title = "Secret"
    result = "report"
    hidden = True
    order = 1

    def run(self, request, engine, context):
        yield TaskReport({"asked": True})


class Wanting(Task):
    """Would be better with a model, or does not work without."""

    name = "wanting"
    title = "Wanting"
    result = "report"

    class Params(msgspec.Struct, frozen=True):
        fails: bool = False

    def run(self, request, engine, context):
        if request.params.fails:
            raise RequestError(ErrorCode.ENGINE_UNAVAILABLE, "It lacks a model.", "Get it.", models=["one"])
        yield Remark("It would be better with a model.", models=("two", "two"))


@hookimpl
def bandmate_tasks(register):
    for task in (Reverse(), Peak(), Shadow(), Secret(), Wanting()):
        register(task)
