"""Where Bandmate keeps its things on this machine, and how the server is found there.

`BANDMATE_HOME` puts all of it under one folder; otherwise the system's usual places serve.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import platformdirs

from bandmate_plugins._platform.private import check_owner, make_folder, make_private
from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_protocol.texts import say

_WINDOWS = os.name == "nt"
_TOKEN_CHARACTERS = 64
_PATIENCE_SECONDS = 2.0
"""How long another process may take between making the token's file and filling it, or hold a file open."""


def config_dir() -> Path:
    """Settings and the token."""
    return _home_folder("config", platformdirs.user_config_path)


def data_dir() -> Path:
    """Jobs and audio."""
    return _home_folder("data", platformdirs.user_data_path)


def state_dir() -> Path:
    """Logs and what says where the server listens."""
    return _home_folder("state", platformdirs.user_state_path)


def cache_dir() -> Path:
    """What can be made again, such as the catalogue."""
    return _home_folder("cache", platformdirs.user_cache_path)


class ServerRecord(msgspec.Struct, frozen=True):
    """Where a server on this machine listens; it writes this once it is ready and removes it at its end."""

    host: str
    port: int
    pid: int
    version: str
    on_demand: bool = False
    """A command started it, and it ends by itself: `bandmate serve` may take its place."""
    settings: dict[str, str] | None = None
    """What the environment said at its start, as `server_settings` has it; None from an older server."""
    apis: dict[str, int] = msgspec.field(default_factory=dict)
    """The ports of its compatible APIs, by the setting that asks for each."""


def read_running() -> ServerRecord | None:
    """What the last server to start here wrote, if it is still there.

    The server may have died since: connect to know.
    """
    try:
        return msgspec.json.decode(_running_path().read_bytes(), type=ServerRecord)
    except (OSError, msgspec.DecodeError):
        return None


def reachable_host(host: str) -> str:
    """Where a server that listens on `host` is reached: one that listens everywhere, on loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def write_running(server: ServerRecord) -> None:
    """Says where this server listens."""
    write_private(_running_path(), msgspec.json.encode(server))


def clear_running(pid: int) -> None:
    """Takes back `write_running`, unless another server has said so since."""
    found = read_running()
    if found and found.pid == pid:
        _running_path().unlink(missing_ok=True)


def server_token() -> str:
    """The secret that clients of this user's server show: 256 bits in a 0600 file, made at first use.

    Raises BandmateError (`file_unusable`) when the file cannot be read or made, or holds no token.
    """
    path = config_dir() / "token"
    try:
        if not path.exists():
            _make_token(path)
        # One that somebody else has put there would be theirs to show.
        check_owner(path)
        text = _read_token(path)
        _keep_private(path)
    except (OSError, UnicodeDecodeError) as error:
        raise BandmateError(
            ErrorCode.FILE_UNUSABLE,
            say("The token in {path} cannot be read: {error}.", path=path, error=error),
            "Check its owner and its permissions, or set BANDMATE_HOME to a folder of your own.",
        ) from error
    if len(text) < 32:
        raise BandmateError(
            ErrorCode.FILE_UNUSABLE,
            say("The token in {path} is incomplete.", path=path),
            "Delete the file and try again.",
        )
    return text


def write_private(path: Path, data: bytes) -> None:
    """Writes a file that only its owner can read, whole or not at all. Raises OSError."""
    make_folder(path.parent)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write_new(fresh, data)
        _replace_file(fresh, path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _make_token(path: Path) -> None:
    """Makes the token's file; when two processes do so at once, the first one's stays."""
    make_private(path.parent)
    data = secrets.token_hex(_TOKEN_CHARACTERS // 2).encode("ascii")
    fresh = path.with_name(f".token.{secrets.token_hex(4)}")
    try:
        _write_new(fresh, data)
        os.link(fresh, path)
    except FileExistsError:
        return
    except OSError:
        # No hard links on this file system: readers then wait until the file is full.
        with contextlib.suppress(FileExistsError):
            _write_new(path, data)
    finally:
        fresh.unlink(missing_ok=True)


def _read_token(path: Path) -> str:
    """The file's text, as soon as it is whole; after a while as it is."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        text = path.read_text("ascii").strip()
        if len(text) >= _TOKEN_CHARACTERS or time.monotonic() > deadline:
            return text
        time.sleep(0.01)


def _keep_private(path: Path) -> None:
    """Takes the token back from other users, should a copy or a backup have opened it to them."""
    if not _WINDOWS and path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _write_new(path: Path, data: bytes) -> None:
    """Writes a file that is not there yet. On Windows the user's folder keeps others out, not the mode."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def _replace_file(fresh: Path, path: Path) -> None:
    """Moves a file over another. Windows refuses while someone reads the other, which never takes long."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            fresh.replace(path)
            return
        except PermissionError:
            if not _WINDOWS or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _running_path() -> Path:
    return state_dir() / "server.json"


def _home_folder(name: str, usual: Callable[..., Path]) -> Path:
    home = os.environ.get("BANDMATE_HOME")
    if home:
        return Path(home).expanduser().absolute() / name
    return usual("bandmate", appauthor=False)
