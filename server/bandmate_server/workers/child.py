"""A worker's process with its pipes: started in a process group of its own, and ended with all of it."""

from __future__ import annotations

import asyncio
import asyncio.subprocess as subprocesses
from collections.abc import Mapping
from typing import cast

from bandmate_plugins._platform.process_group import kill_group

PIPE_SECONDS = 1.0
"""How long the pipes of a process that has ended are still read: what it started may hold them for ever."""
_MAX_BUFFERED_BYTES = 1 << 22


class ChildProcess:
    """A running process, or one that has ended."""

    def __init__(self, process: subprocesses.Process, protocol: _ChildPipes) -> None:
        self._process = process
        self._protocol = protocol

    @classmethod
    async def spawn(cls, *command: str, env: Mapping[str, str]) -> ChildProcess:
        """Starts a command with pipes for all three streams. Raises OSError."""
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.subprocess_exec(
            lambda: _ChildPipes(loop),
            *command,
            stdin=subprocesses.PIPE,
            stdout=subprocesses.PIPE,
            stderr=subprocesses.PIPE,
            env=env,
            start_new_session=True,
        )
        return cls(subprocesses.Process(transport, protocol, loop), protocol)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return not self._protocol.exited.done()

    @property
    def stdout(self) -> asyncio.StreamReader:
        """What it writes; ends a second after the process at the latest, as `stderr` does."""
        return cast("asyncio.StreamReader", self._process.stdout)

    @property
    def stderr(self) -> asyncio.StreamReader:
        """What it says besides."""
        return cast("asyncio.StreamReader", self._process.stderr)

    def write(self, data: bytes) -> None:
        """Writes to its standard input, without waiting."""
        cast("asyncio.StreamWriter", self._process.stdin).write(data)

    async def wait(self) -> int:
        """Its exit status, as soon as it has ended, whoever holds its pipes."""
        return await asyncio.shield(self._protocol.exited)

    def kill(self) -> None:
        """Kills it and whatever is left of its group."""
        kill_group(self.pid, collected=not self.is_running)


class _ChildPipes(subprocesses.SubprocessStreamProtocol):
    """The pipes as streams. asyncio's `wait` also waits for whoever holds them open; `exited` does not."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=_MAX_BUFFERED_BYTES, loop=loop)
        self._running_loop = loop
        self._process_transport: asyncio.SubprocessTransport | None = None
        self.exited: asyncio.Future[int] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.SubprocessProtocol."""
        self._process_transport = cast("asyncio.SubprocessTransport", transport)
        super().connection_made(transport)

    def process_exited(self) -> None:
        """See asyncio.SubprocessProtocol."""
        assert self._process_transport is not None, "a process that was started has a transport"
        status = self._process_transport.get_returncode()
        super().process_exited()
        self.exited.set_result(-1 if status is None else status)
        self._running_loop.call_later(PIPE_SECONDS, self._close_pipes)

    def _close_pipes(self) -> None:
        if self._process_transport is None:
            return
        for number in (0, 1, 2):
            pipe = self._process_transport.get_pipe_transport(number)
            if pipe is None or pipe.is_closing():
                continue
            if isinstance(pipe, asyncio.WriteTransport):
                pipe.abort()
            else:
                pipe.close()
