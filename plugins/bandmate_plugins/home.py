"""Where Bandmate keeps its things on this machine, and how the server is found there.

`BANDMATE_HOME` puts all of it under one folder; otherwise the system's usual places serve.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import msgspec
import platformdirs

from bandmate_protocol.errors import BandmateError, ErrorCode


def config_dir() -> Path:
    """Settings and the token."""
    return _under("config", platformdirs.user_config_path)


def data_dir() -> Path:
    """Jobs and audio."""
    return _under("data", platformdirs.user_data_path)


def state_dir() -> Path:
    """Logs and what says where the server listens."""
    return _under("state", platformdirs.user_state_path)


def cache_dir() -> Path:
    """What can be made again, such as the catalogue."""
    return _under("cache", platformdirs.user_cache_path)


class Running(msgspec.Struct, frozen=True):
    """Where a server on this machine listens; it writes this once it is ready and removes it at its end."""

    host: str
    port: int
    pid: int
    version: str


def running() -> Running | None:
    """What the last server to start here wrote, if it is still there. It may have died since: connect to know."""
    try:
        return msgspec.json.decode(_running_path().read_bytes(), type=Running)
    except (OSError, msgspec.DecodeError):
        return None


def write_running(server: Running) -> None:
    """Says where this server listens."""
    write_private(_running_path(), msgspec.json.encode(server))


def clear_running(pid: int) -> None:
    """Takes back `write_running`, unless another server has said so since."""
    found = running()
    if found and found.pid == pid:
        _running_path().unlink(missing_ok=True)


def token() -> str:
    """The secret that clients of this user's server show; made at first use, 256 bits, in a 0600 file."""
    path = config_dir() / "token"
    try:
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        return _new_token(path)
    except (OSError, UnicodeDecodeError) as error:
        raise BandmateError(
            ErrorCode.FILE_UNUSABLE, f"The token in {path} cannot be read: {error}.", "Check its permissions."
        ) from error
    if len(text) < 32:
        raise BandmateError(
            ErrorCode.FILE_UNUSABLE, f"The token in {path} is cut short.", "Delete the file and try again."
        )
    return text


def write_private(path: Path, data: bytes) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _new_token(path: Path) -> str:
    """Makes the token; when two processes do so at once, both get the one that came first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = secrets.token_hex(32)
    fresh = path.with_name(f".token.{secrets.token_hex(4)}")
    write_private(fresh, text.encode("ascii"))
    try:
        os.link(fresh, path)
    except FileExistsError:
        return path.read_text("ascii").strip()
    finally:
        fresh.unlink(missing_ok=True)
    return text


def _running_path() -> Path:
    return state_dir() / "server.json"


def _under(name: str, usual: object) -> Path:
    home = os.environ.get("BANDMATE_HOME")
    if home:
        return Path(home).expanduser() / name
    assert callable(usual)
    return Path(usual("bandmate", appauthor=False))
