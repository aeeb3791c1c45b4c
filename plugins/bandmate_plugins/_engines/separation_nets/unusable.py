"""What is said of weights that cannot be used."""

from __future__ import annotations

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


def unusable_error(name: str, what: str) -> RequestError:
    """`what` is wrong with a model, as its name goes on in a sentence."""
    return RequestError(
        ErrorCode.ENGINE_UNAVAILABLE,
        say("The model {name} {what}.", name=name, what=what),
        "`bandmate models verify` checks for damage, `bandmate models pull` downloads a model again, and the "
        "engine dsp works without one.",
    )


def unreadable_error(name: str, error: Exception) -> RequestError:
    """Whatever a damaged file made its readers raise; of many lines the first says it."""
    return unusable_error(name, say("cannot be read ({error_line})", error_line=error_line(error)))


def error_line(error: Exception) -> str:
    """The kind of an error, and the first line of what it says."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__
