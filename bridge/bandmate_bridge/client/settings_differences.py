"""Whether the server that runs works by the settings that the environment has here."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from bandmate_bridge.client.address import ServerAddress, running_address
from bandmate_plugins._platform import home
from bandmate_plugins._platform.displace import end_on_demand
from bandmate_plugins._platform.environment import SettingDifference, server_settings, setting_differences
from bandmate_protocol.errors import BandmateError
from bandmate_protocol.texts import say

_ENDING_SECONDS = 15.0
"""How long a server that was told to end may take to stop listening."""
_POLL_SECONDS = 0.02
_ANSWER_SECONDS = 5.0
_MAX_JOBS_READ = 1000


def server_differences() -> list[SettingDifference]:
    """What the server on this machine was started with otherwise.

    What is set for a server that was started by hand alone is its owner's own choice, and no difference. One
    that some earlier command started has nobody's choice in it.
    """
    server = home.read_running()
    if server is None or server.settings is None:
        return []
    return setting_differences(server.settings, server_settings(os.environ), both_ways=server.on_demand)


def end_idle_server(address: ServerAddress) -> bool:
    """Ends the server there, if a command started it and no job of it waits or runs; whether it is gone."""
    server = home.read_running()
    if server is None or not server.on_demand or not _is_idle(address) or not end_on_demand(server):
        return False
    deadline = time.monotonic() + _ENDING_SECONDS
    while running_address() == address and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return running_address() != address


def settings_remark(found: Sequence[SettingDifference]) -> str:
    """What to say where the server stays, although it works by other settings."""
    server = home.read_running()
    which = "; ".join(map(str, found))
    remedy = "A command starts a server with these settings as soon as this one's jobs have ended."
    if server is None or not server.on_demand:
        remedy = "Stop it and start `bandmate serve` here to use these settings."
    return f"The running server was started with other settings: {which}. {remedy}"


def unreached_settings_remark(address: ServerAddress) -> str:
    """What to say where settings are for a server that BANDMATE_SERVER names; empty when there are none."""
    names = ", ".join(server_settings(os.environ))
    verb = "do" if "," in names else "does"
    return (
        say(
            "{names} {verb} not apply to the server at {address}, which BANDMATE_SERVER names.",
            names=names,
            verb=verb,
            address=address,
        )
        if names
        else ""
    )


def _is_idle(address: ServerAddress) -> bool:
    """Whether no job waits or runs, as far as the server tells."""
    from bandmate_bridge.client.client import Client

    try:
        with Client.connect(address, start=False, patience=_ANSWER_SECONDS) as client:
            return not any(job.state in ("queued", "running") for job in client.jobs(_MAX_JOBS_READ))
    except BandmateError:
        return False
