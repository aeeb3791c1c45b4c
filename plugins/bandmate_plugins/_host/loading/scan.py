"""The child process that imports plugins, so that none can stop, fatten or print into another process.

Run as `python -m bandmate_plugins._host.loading.scan`: takes an Order as JSON on its standard input
and writes an answer as a line of JSON for each plugin as soon as it is known. What plugins print goes to
standard error.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import Literal

import msgspec

from bandmate_plugins._host.loading.describe import readiness_of
from bandmate_plugins._host.loading.examine import examine_plugin
from bandmate_plugins._host.loading.guard import HeavyGuard
from bandmate_plugins._host.loading.records import FoundPlugin
from bandmate_plugins._host.loading.registration import PluginHooks, load_object
from bandmate_plugins.engine import Engine, Readiness
from bandmate_protocol.messages import Wording
from bandmate_protocol.texts import plain_text, text_of, wording_with_values


class ScanOrder(msgspec.Struct, frozen=True):
    """What the child shall do."""

    path: list[str]
    """The parent's module search path, so that both see the same plugins."""
    plugins: list[FoundPlugin]
    action: Literal["scan", "readiness"] = "scan"


class ReadinessAnswer(msgspec.Struct, frozen=True):
    """The readiness of one plugin's engines by name."""

    plugin: str
    engines: dict[str, Readiness]
    held: dict[str, tuple[bool, ...]] = {}
    """Whether the weights of each of their models are on the disk."""
    reasons: dict[str, Wording] = {}
    """How the reasons are made, where they have values in them."""

    def engine_readiness(self, engine: str) -> Readiness | None:
        """An engine's readiness, its reason with its values; None where it did not answer."""
        readiness, reason = self.engines.get(engine), self.reasons.get(engine)
        if readiness is None or reason is None:
            return readiness
        return replace(readiness, reason=text_of(reason))


def main() -> None:
    """Answers one order, then leaves without waiting for threads that plugins may have started."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=ScanOrder)
    # The answers keep the real standard output; plugins, and libraries in C, are given standard error for it.
    answers = os.dup(1)
    os.dup2(2, 1)
    sys.path[:] = order.path
    guard = HeavyGuard()
    guard.install()
    for found in order.plugins:
        answer = examine_plugin(found, guard) if order.action == "scan" else _answer_readiness(found)
        line = msgspec.json.encode(answer, enc_hook=plain_text) + b"\n"
        while line:
            line = line[os.write(answers, line) :]
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _answer_readiness(found: FoundPlugin) -> ReadinessAnswer:
    try:
        engines: list[Engine] = PluginHooks(found.name, load_object(found.value)).collect("bandmate_engines")
        readiness = {engine.name: readiness_of(engine) for engine in engines}
        held = {engine.name: tuple(map(engine.holds, engine.models)) for engine in engines}
        wordings = {name: wording_with_values(one.reason) for name, one in readiness.items()}
        reasons = {name: wording for name, wording in wordings.items() if wording is not None}
        return ReadinessAnswer(found.name, readiness, held, reasons)
    except BaseException:  # noqa: BLE001 - a plugin may raise anything; no answer makes its engines unavailable
        return ReadinessAnswer(found.name, {})


if __name__ == "__main__":
    main()
