"""A worker that is wanted rarely: it stays a while after its last job, and then gives its memory back."""

from __future__ import annotations

import asyncio
import contextlib

from bandmate_server.workers import WorkerProcess

LINGER_SECONDS = 20.0
"""What is asked about is often asked about again, or fetched next."""


class LingeringWorker:
    """Ends its worker `LINGER_SECONDS` after the last job, unless it is wanted again."""

    def __init__(self, worker: WorkerProcess) -> None:
        self._worker = worker
        self._leaving: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()

    async def keep(self) -> None:
        """Returns once the worker will not leave, or has left."""
        if self._leaving is not None:
            self._wanted.set()
            await self._leaving
            self._wanted.clear()
            self._leaving = None

    def retire_later(self) -> None:
        """Its job has ended."""
        self._leaving = asyncio.create_task(self._retire(), name="leave")

    async def _retire(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                await self._wanted.wait()
                return
        await self._worker.kill()
