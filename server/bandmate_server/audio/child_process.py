"""One of this package's programs, run in a process of its own: a damaged file cannot take the server with it."""

from __future__ import annotations

import asyncio
import sys


async def ask_program(module: str, *arguments: str, given: bytes = b"") -> tuple[int, bytes]:
    """Exit status and output of `python -m MODULE`, which reads `given`; it ends when its caller is cancelled."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE if given else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        output, _ = await process.communicate(given or None)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None, "it has ended"
    return process.returncode, output
