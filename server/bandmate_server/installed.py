"""Whether the packages that a server needs are installed."""

from __future__ import annotations

from importlib.util import find_spec

from bandmate_plugins._platform.installation import how_to_add
from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_protocol.texts import say

_NEEDED_PACKAGES = ("numpy", "scipy", "soundfile", "soxr", "starlette", "uvicorn")


def check_installed() -> None:
    """Raises BandmateError (`no_server`) when the packages that a server needs are not installed."""
    absent = [name for name in _NEEDED_PACKAGES if find_spec(name) is None]
    if absent:
        raise BandmateError(
            ErrorCode.NO_SERVER,
            say("This installation cannot run a server: {names} is missing.", names=", ".join(absent)),
            how_to_add("server"),
        )
