"""What to raise for the name of a task or an engine that does not exist: one sentence, wherever it is asked."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


def unknown_task_error(name: str, names: Iterable[str]) -> RequestError:
    """The error `no_such_task`; `names` are the tasks that exist."""
    names = list(names)
    return RequestError(
        ErrorCode.NO_SUCH_TASK,
        say("There is no task `{name}`.", name=name),
        say(
            "{nearest_text}Tasks: {join_names}.",
            nearest_text=nearest_name_text(name, names),
            join_names=join_names(names),
        ),
    )


def unknown_engine_error(name: str, names: Iterable[str], usable: str = "") -> RequestError:
    """The error `no_such_engine`; `names` are the engines that exist, and `usable` may say which of them work."""
    names = list(names)
    return RequestError(
        ErrorCode.NO_SUCH_ENGINE,
        say("There is no engine `{name}`.", name=name),
        say(
            "{nearest_text}{usable}",
            nearest_text=nearest_name_text(name, names),
            usable=usable or say("Engines: {names}.", names=join_names(names)),
        ),
    )


def nearest_name_text(name: str, names: Iterable[str]) -> str:
    """`Did you mean ...? ` for a name that resembles one of these, else nothing."""
    near = difflib.get_close_matches(name, list(names), n=1)
    return say("Did you mean `{name}`? ", name=near[0]) if near else ""


def join_names(names: Iterable[str]) -> str:
    """The names with commas between, or `none`."""
    return ", ".join(names) or "none"
