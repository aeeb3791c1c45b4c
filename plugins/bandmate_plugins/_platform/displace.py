"""Ends a server that a command started, so that another one can take its place."""

from __future__ import annotations

from bandmate_plugins._platform.home import ServerRecord


def end_on_demand(server: ServerRecord) -> bool:
    """Tells a server to end, if a command started it; whether it was told.

    Its clients find the one that takes its place, and take up their jobs there.
    """
    import psutil

    if not server.on_demand:
        return False
    try:
        process = psutil.Process(server.pid)
        if "serve" not in process.cmdline():
            # The number is another program's by now.
            return False
        process.terminate()
    except psutil.Error:
        return False
    return True
