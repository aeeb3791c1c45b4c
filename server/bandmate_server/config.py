"""The server's settings: defaults, then `server.toml`, then the environment, then the command line."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta, field

from bandmate_plugins._platform import home
from bandmate_protocol.errors import ErrorCode, RequestError

DEFAULT_PORT = 7893
Level = Literal["debug", "info", "warning", "error"]
PREFIX = "BANDMATE_SERVER_"
DATA_SETTING = f"{PREFIX}DATA"
"""The variable that names the data folder."""
_MOST_SECONDS = 1e6
"""Eleven days."""
_MOST_GB = 1e6
_MOST_JOBS = 100_000
_MOST_NAMES = 64
_NAME = r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?)"
_HOST = rf"^(?:{_NAME}|[0-9A-Fa-f:.]{{2,45}}(?:%[A-Za-z0-9_.-]{{1,16}})?)$(?!\n)"
"""A name, or an address of IPv4 or IPv6."""
_HOST_HEADER = rf"^(?:{_NAME}|\[[0-9A-Fa-f:.]{{2,45}}\])(?::[0-9]{{1,5}})?$(?!\n)"
_ORIGIN = rf"^[a-z][a-z0-9+.-]{{0,31}}://(?:{_NAME}|\[[0-9A-Fa-f:.]{{2,45}}\])(?::[0-9]{{1,5}})?$(?!\n)"
_FORMS = {
    "host": "127.0.0.1, ::1 or studio.local",
    "allowed_hosts": "studio.local:7893, with the port that clients use",
    "allowed_origins": "http://localhost:3000, without a slash at the end",
}
"""What is shown in place of a pattern."""


def settings_file() -> Path:
    """Where `server.toml` lies."""
    return home.config_dir() / "server.toml"


def _about(text: str, **bounds: Any) -> Meta:
    return Meta(description=text, **bounds)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting; `BANDMATE_SERVER_PORT=7000` sets `port`, and so on. Lists are written with commas."""

    host: Annotated[
        str,
        _about("Address to listen on; anything but loopback needs allow_lan", pattern=_HOST),
    ] = "127.0.0.1"
    port: Annotated[int, _about("0 takes a free one", ge=0, le=65_535)] = DEFAULT_PORT
    allow_lan: Annotated[bool, _about("Listen to other machines too; the token is needed as always")] = False
    allowed_hosts: Annotated[
        tuple[Annotated[str, Meta(pattern=_HOST_HEADER)], ...],
        _about("More values of the Host header to accept", max_length=_MOST_NAMES),
    ] = ()
    allowed_origins: Annotated[
        tuple[Annotated[str, Meta(pattern=_ORIGIN)], ...],
        _about("Web origins to accept, exactly as sent", max_length=_MOST_NAMES),
    ] = ()
    data: Annotated[Path, _about("Folder for jobs and audio")] = field(default_factory=home.data_dir)
    executor: Annotated[str, _about("Where jobs run: this machine, or an executor of a plugin")] = "local"
    retention_gb: Annotated[
        float, _about("Audio kept on the disk besides what is pinned", ge=0, le=_MOST_GB)
    ] = 20.0
    range_seconds: Annotated[float, _about("Longest range of a job", gt=0, le=_MOST_SECONDS)] = 7_200.0
    jobs_per_client: Annotated[int, _about("Jobs of one client that wait or run", ge=1, le=_MOST_JOBS)] = 64
    jobs_in_all: Annotated[int, _about("Jobs of all clients that wait or run", ge=1, le=_MOST_JOBS)] = 1_024
    upload_gb: Annotated[float, _about("Largest file that a client may send", gt=0, le=_MOST_GB)] = 8.0
    stall_seconds: Annotated[
        float, _about("Without any progress for so long, a worker is replaced", gt=0, le=_MOST_SECONDS)
    ] = 600.0
    grace_seconds: Annotated[
        float, _about("How long a worker may take to answer a cancel", gt=0, le=_MOST_SECONDS)
    ] = 5.0
    idle_exit_seconds: (
        Annotated[float, _about("End after so long with nothing to do", gt=0, le=_MOST_SECONDS)] | None
    ) = None
    osc: Annotated[bool, _about("Let surfaces in over OSC")] = False
    osc_port: Annotated[int, _about("UDP port for OSC; 0 takes a free one", ge=0, le=65_535)] = 7894
    osc_peers: Annotated[
        tuple[str, ...], _about("Addresses of other machines whose OSC is taken; then it listens to the LAN")
    ] = ()
    osc_feedback: Annotated[
        tuple[str, ...], _about("Addresses with ports, such as 127.0.0.1:9000, that always get feedback")
    ] = ()
    osc_announce: Annotated[
        bool, _about("Let the machines in osc_peers find OSC by zeroconf and OSCQuery")
    ] = False
    osc_rotary_centre: Annotated[
        float,
        _about("What knobs without an end send at rest: 0, or 0.5 for those that send 0 and 1", ge=0, lt=1),
    ] = 0.0
    midi: Annotated[bool, _about("Listen to MIDI controllers")] = False
    log_level: Annotated[Level, _about("What goes to the log")] = "info"

    @property
    def on_demand(self) -> bool:
        """It ends by itself, as those do that commands start."""
        return self.idle_exit_seconds is not None


def load_settings(**overrides: object) -> Settings:
    """The settings in force; None in `overrides` means not given.

    Raises RequestError (`bad_params`) that names the setting and where it stands wrong.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    sources = (
        (_from_file(), f"Mend it in {settings_file()}."),
        (_from_environment(), "Mend it in the environment: {variable}."),
        (given, "Mend it on the command line."),
    )
    values: dict[str, Any] = {}
    for source, remedy in sources:
        for name, value in source.items():
            values[name] = _checked(name, value, remedy)
    return Settings(**values)


def _checked(name: str, value: object, remedy: str) -> Any:
    kinds = {known.name: known.type for known in msgspec.structs.fields(Settings)}
    remedy = remedy.format(variable=f"{PREFIX}{name.upper()}")
    if name == "log_level":
        remedy = f"It is one of {', '.join(get_args(Level))}. {remedy}"
    if name not in kinds:
        known = ", ".join(sorted(kinds))
        raise RequestError(
            ErrorCode.BAD_PARAMS, f"There is no setting {name}.", f"There are: {known}. {remedy}"
        )
    if isinstance(value, str) and get_origin(_bare(kinds[name])) is tuple:
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        # Not strict: the environment has only text.
        return msgspec.convert(value, kinds[name], strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        what = f"it has the form {_FORMS[name]}" if "regex" in str(error) else str(error)
        raise RequestError(ErrorCode.BAD_PARAMS, f"The setting {name} is wrong: {what}.", remedy) from error


def _bare(kind: Any) -> Any:
    """A type without its annotations."""
    return kind.__origin__ if get_origin(kind) is Annotated else kind


def _path(kind: type, value: object) -> Any:
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser()
    raise TypeError(f"Expected a path, got {value!r}")


def _from_file() -> dict[str, Any]:
    path = settings_file()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise RequestError(
            ErrorCode.BAD_PARAMS, f"{path} cannot be read: {reason}.", "Mend or remove it."
        ) from error


def _from_environment() -> dict[str, Any]:
    return {
        name.removeprefix(PREFIX).lower(): value
        for name, value in os.environ.items()
        if name.startswith(PREFIX)
    }
