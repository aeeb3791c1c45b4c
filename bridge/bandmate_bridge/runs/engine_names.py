"""Whether what was given as an engine can be one's name."""

from __future__ import annotations

import re

from bandmate_bridge.client import Client
from bandmate_protocol.unknown_names import unknown_engine_error

_ENGINE = re.compile(r"[a-z][a-z0-9_]{0,63}")


def check_engine(client: Client, name: str | None) -> None:
    """Raises RequestError (`no_such_engine`) for what cannot even be an engine's name."""
    if name is None or _ENGINE.fullmatch(name):
        return
    raise unknown_engine_error(name, [engine.name for engine in client.describe().engines])
