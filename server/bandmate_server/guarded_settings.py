"""Settings that widen access, so that a page, which may be open on a phone, must not change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_OPENS_A_PORT = "It opens a port to other programs."


@dataclass(frozen=True)
class GuardedSetting:
    """Why a setting is guarded, and how the user sets it."""

    reason: str
    line: str
    """As the settings file has it."""
    option: str = ""
    """Of `bandmate serve`, where it has one."""

    def refusal(self, file: Path) -> str:
        """Why it was not changed, and what would have changed it."""
        start = f"Start `bandmate serve {self.option}`, or write" if self.option else "Write"
        return f"{self.reason} {start} `{self.line}` into {file} and start the server again."


GUARDED: Mapping[str, GuardedSetting] = {
    "host": GuardedSetting("It says who can reach this server.", 'host = "0.0.0.0"', "--host ADDRESS"),
    "allow_lan": GuardedSetting("It opens this server to other machines.", "allow_lan = true", "--allow-lan"),
    "allowed_hosts": GuardedSetting(
        "It says by which names this server can be reached.", 'allowed_hosts = ["studio.local:7893"]'
    ),
    "allowed_origins": GuardedSetting(
        "It opens this server to other web pages.", 'allowed_origins = ["http://localhost:3000"]'
    ),
    "data": GuardedSetting("It says where this server writes.", 'data = "/path/to/folder"'),
    "executor": GuardedSetting("It says which machine runs the jobs.", 'executor = "local"'),
    "osc_peers": GuardedSetting("It opens this server to other machines.", 'osc_peers = ["192.168.1.20"]'),
    "osc_feedback": GuardedSetting(
        "It says where this server sends.", 'osc_feedback = ["127.0.0.1:9000"]', "--osc-feedback HOST:PORT"
    ),
    "osc_announce": GuardedSetting("It makes this server known to other machines.", "osc_announce = true"),
    "acestep_api": GuardedSetting(_OPENS_A_PORT, "acestep_api = 8001", "--acestep-api"),
    "acestep_cpp_api": GuardedSetting(_OPENS_A_PORT, "acestep_cpp_api = 8080", "--acestep-cpp-api"),
    "chat_api": GuardedSetting(_OPENS_A_PORT, "chat_api = 8002", "--chat-api"),
    "compat_needs_token": GuardedSetting("It says who can use this server.", "compat_needs_token = false"),
    "compat_folders": GuardedSetting(
        "It says which files other programs can name.", 'compat_folders = ["/path/to/folder"]'
    ),
}
