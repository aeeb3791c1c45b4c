"""Runs the child process that imports plugins, and finds the culprit when it dies or hangs."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Literal, TypeVar

import msgspec

from bandmate_plugins._host.loading.records import FoundPlugin, PluginScan
from bandmate_plugins._host.loading.scan import ReadinessAnswer, ScanOrder
from bandmate_plugins._platform.process_group import kill_group
from bandmate_protocol.units import one_line

logger = logging.getLogger(__name__)

A = TypeVar("A", PluginScan, ReadinessAnswer)

TIMEOUT_SECONDS = 30.0
"""How long one child may take. A first import on a cold disk can take many seconds; a hang takes for ever."""


def scan_all(plugins: Sequence[FoundPlugin], timeout: float = TIMEOUT_SECONDS) -> list[PluginScan]:
    """A record for each plugin, in order.

    All are scanned in one child. When it dies or hangs, the plugin that it was at is scanned in a child of
    its own, whose end is its record, and a fresh child takes the rest.
    """
    scans: list[PluginScan] = []
    rest = list(plugins)
    while rest:
        answers, _ = _run_child(ScanOrder(sys.path, rest), PluginScan, timeout)
        scans += answers
        rest = rest[len(answers) :]
        if rest:
            scans.append(_scan_alone(rest.pop(0), timeout))
    return scans


def ask_readiness(
    plugins: Sequence[FoundPlugin], timeout: float = TIMEOUT_SECONDS
) -> dict[str, ReadinessAnswer | str]:
    """For each plugin the readiness of its engines, or the sentence why there is none."""
    answers: dict[str, ReadinessAnswer | str] = {}
    rest = list(plugins)
    while rest:
        found, ending = _run_child(ScanOrder(sys.path, rest, "readiness"), ReadinessAnswer, timeout)
        answers.update({answer.plugin: answer for answer in found})
        rest = rest[len(found) :]
        if rest:
            answers[rest.pop(0).name] = ending
    return answers


def _scan_alone(found: FoundPlugin, timeout: float) -> PluginScan:
    answers, ending = _run_child(ScanOrder(sys.path, [found]), PluginScan, timeout)
    return answers[0] if answers else PluginScan(plugin=found.name, status="failed", reason=ending)


def _run_child(order: ScanOrder, kind: type[A], timeout: float) -> tuple[list[A], str]:
    """The answers that a child gave before its end, and a sentence on its end.

    Files stand in for pipes: a process that a plugin leaves behind would hold a pipe open for ever.
    """
    with (
        tempfile.TemporaryFile() as asked,
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as noise,
    ):
        asked.write(msgspec.json.encode(order))
        asked.seek(0)
        child = subprocess.Popen(
            # -P: the folder that Bandmate was started in is no place to import from.
            [sys.executable, "-P", "-m", "bandmate_plugins._host.loading.scan"],
            stdin=asked,
            stdout=said,
            stderr=noise,
            # On Windows a server without a console would open one for each child.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            start_new_session=True,
        )
        code: int | Literal["timeout"]
        try:
            code = child.wait(timeout)
        except subprocess.TimeoutExpired:
            code = "timeout"
        finally:
            # A process that a plugin leaves behind ends with the child.
            kill_group(child.pid, collected=child.returncode is not None)
            child.wait()
        said.seek(0)
        noise.seek(0)
        printed = noise.read(64 * 1024).decode("utf-8", "replace").strip()
        if printed:
            logger.debug("Plugins printed while they were scanned: %s", printed)
        lines = said.read().split(b"\n")[:-1]
    return [msgspec.json.decode(line, type=kind) for line in lines], _ending_text(code, timeout, printed)


def _ending_text(code: int | Literal["timeout"], timeout: float, printed: str) -> str:
    """One sentence on how a child ended, with the last line that it printed."""
    if code == "timeout":
        return f"It did not load within {timeout:g} s."
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"It crashes the process that loads it ({name}){_last_line(printed)}."
    return f"It ends the process that loads it (exit code {code}){_last_line(printed)}."


def _last_line(printed: str) -> str:
    lines = printed.splitlines()
    return f", saying: {one_line(lines[-1]).rstrip('.')}" if lines else ""
