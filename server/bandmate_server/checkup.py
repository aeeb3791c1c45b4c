"""The findings of `bandmate doctor`, for clients: the command runs in a process of its own, once for all who ask."""

from __future__ import annotations

import asyncio
from typing import Literal

import msgspec

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Finding
from bandmate_protocol.units import one_line, shorten_text
from bandmate_server.audio.child_process import ask_program


class _CommandFinding(msgspec.Struct):
    """As the command prints it, without the bounds of the wire."""

    state: Literal["good", "note", "bad"]
    about: str
    sentence: str
    remedy: str = ""


class Checkup:
    """One check at a time; whoever asks meanwhile gets the same findings."""

    def __init__(self) -> None:
        self._running: asyncio.Task[tuple[Finding, ...]] | None = None

    async def findings(self) -> tuple[Finding, ...]:
        """The findings as they are now. Raises RequestError (`internal`) when the check itself fails."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(_run_doctor(), name="doctor")
        return await asyncio.shield(self._running)

    async def stop(self) -> None:
        """Ends a check that runs."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)


async def _run_doctor() -> tuple[Finding, ...]:
    """Its status is 1 when it finds something bad, so only its output tells whether it worked."""
    status, output = await ask_program("bandmate_plugins", "doctor", "--json")
    try:
        found = msgspec.json.decode(output, type=tuple[_CommandFinding, ...])
    except msgspec.DecodeError as error:
        raise RequestError(
            ErrorCode.INTERNAL,
            f"The check ended with status {status} and no findings.",
            "Run `bandmate doctor` in a terminal to see why.",
        ) from error
    return tuple(
        Finding(
            state=each.state,
            about=one_line(each.about),
            sentence=shorten_text(each.sentence),
            remedy=shorten_text(each.remedy),
        )
        for each in found
    )
