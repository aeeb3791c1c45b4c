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
from bandmate_protocol.texts import say

DEFAULT_PORT = 7893
LogLevel = Literal["debug", "info", "warning", "error"]
SETTING_PREFIX = "BANDMATE_SERVER_"
DATA_SETTING = f"{SETTING_PREFIX}DATA"
"""The variable that names the data folder."""
_MAX_SECONDS = 1e6
"""Eleven days."""
_MAX_GB = 1e6
_MAX_JOBS = 100_000
_MAX_NAMES = 64
_NAME_PATTERN = r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?)"
_HOST_PATTERN = rf"^(?:{_NAME_PATTERN}|[0-9A-Fa-f:.]{{2,45}}(?:%[A-Za-z0-9_.-]{{1,16}})?)$(?!\n)"
"""A name, or an address of IPv4 or IPv6."""
_HOST_HEADER_PATTERN = rf"^(?:{_NAME_PATTERN}|\[[0-9A-Fa-f:.]{{2,45}}\])(?::[0-9]{{1,5}})?$(?!\n)"
_ORIGIN_PATTERN = (
    rf"^[a-z][a-z0-9+.-]{{0,31}}://(?:{_NAME_PATTERN}|\[[0-9A-Fa-f:.]{{2,45}}\])(?::[0-9]{{1,5}})?$(?!\n)"
)
_EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - only where other machines are allowed
_FORM_EXAMPLES = {
    "host": "127.0.0.1, ::1 or studio.local",
    "allowed_hosts": "studio.local:7893, with the port that clients use",
    "allowed_origins": "http://localhost:3000, without a slash at the end",
}
"""What is shown in place of a pattern."""


def settings_file() -> Path:
    """Where `server.toml` lies."""
    return home.config_dir() / "server.toml"


def _setting_meta(title: str, text: str, unit: str = "", **bounds: Any) -> Meta:
    extra: dict[str, Any] = {"extra_json_schema": {"unit": unit}} if unit else {}
    return Meta(title=title, description=text, **bounds, **extra)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting; `BANDMATE_SERVER_PORT=7000` sets `port`, and so on. Lists are written with commas."""

    host: Annotated[
        str,
        _setting_meta(
            "Listening address",
            "Address to listen on; with allow_lan every one, unless this names one",
            pattern=_HOST_PATTERN,
        ),
    ] = "127.0.0.1"
    port: Annotated[int, _setting_meta("Port", "0 takes a free one", ge=0, le=65_535)] = DEFAULT_PORT
    allow_lan: Annotated[
        bool, _setting_meta("Other machines", "Also listen to other machines; they need the token")
    ] = False
    allowed_hosts: Annotated[
        tuple[Annotated[str, Meta(pattern=_HOST_HEADER_PATTERN)], ...],
        _setting_meta(
            "Accepted hosts", "Additional values of the Host header to accept", max_length=_MAX_NAMES
        ),
    ] = ()
    allowed_origins: Annotated[
        tuple[Annotated[str, Meta(pattern=_ORIGIN_PATTERN)], ...],
        _setting_meta(
            "Accepted web origins", "Web origins to accept, exactly as sent", max_length=_MAX_NAMES
        ),
    ] = ()
    data: Annotated[Path, _setting_meta("Data folder", "Folder for jobs and audio")] = field(
        default_factory=home.data_dir
    )
    executor: Annotated[
        str, _setting_meta("Executor", "Where jobs run: this machine, or a plugin's executor")
    ] = "local"
    retention_gb: Annotated[
        float,
        _setting_meta(
            "Disk space for audio",
            "Audio kept on the disk, apart from that of kept jobs and pinned audio; the least recently used is deleted"
            " first. 0 deletes all other audio within minutes of making it",
            "GB",
            ge=0,
            le=_MAX_GB,
        ),
    ] = 20.0
    range_seconds: Annotated[
        float, _setting_meta("Longest range", "Longest range of a job", "s", gt=0, le=_MAX_SECONDS)
    ] = 7_200.0
    jobs_per_client: Annotated[
        int, _setting_meta("Jobs per client", "Waiting and running jobs of one client", ge=1, le=_MAX_JOBS)
    ] = 64
    jobs_in_all: Annotated[
        int, _setting_meta("Jobs in all", "Waiting and running jobs of all clients", ge=1, le=_MAX_JOBS)
    ] = 1_024
    upload_gb: Annotated[
        float, _setting_meta("Largest upload", "Largest file that a client may send", "GB", gt=0, le=_MAX_GB)
    ] = 8.0
    stall_seconds: Annotated[
        float,
        _setting_meta(
            "Replace a stuck worker after",
            "A worker is replaced after this long without progress",
            "s",
            gt=0,
            le=_MAX_SECONDS,
        ),
    ] = 600.0
    grace_seconds: Annotated[
        float,
        _setting_meta(
            "Time to cancel", "How long a worker may take to respond to a cancel", "s", gt=0, le=_MAX_SECONDS
        ),
    ] = 5.0
    idle_exit_seconds: (
        Annotated[
            float,
            _setting_meta(
                "Stop when idle for", "Shut down after this long without work", "s", gt=0, le=_MAX_SECONDS
            ),
        ]
        | None
    ) = None
    osc: Annotated[bool, _setting_meta("OSC", "Accept surfaces over OSC")] = False
    osc_port: Annotated[
        int, _setting_meta("OSC port", "UDP port for OSC; 0 takes a free one", ge=0, le=65_535)
    ] = 7894
    osc_peers: Annotated[
        tuple[str, ...],
        _setting_meta(
            "OSC from other machines",
            "Addresses of other machines whose OSC is accepted; if set, OSC listens on the LAN",
        ),
    ] = ()
    osc_feedback: Annotated[
        tuple[str, ...],
        _setting_meta(
            "OSC feedback", "Addresses with ports, such as 127.0.0.1:9000, that always get feedback"
        ),
    ] = ()
    osc_announce: Annotated[
        bool, _setting_meta("Announce OSC", "Let the machines in osc_peers find OSC by zeroconf and OSCQuery")
    ] = False
    osc_rotary_centre: Annotated[
        float,
        _setting_meta(
            "Endless knobs at rest",
            "What endless knobs send at rest: 0, or 0.5 for those that send 0 and 1",
            ge=0,
            lt=1,
        ),
    ] = 0.0
    midi: Annotated[bool, _setting_meta("MIDI controllers", "Listen to MIDI controllers")] = False
    acestep_api: (
        Annotated[
            int,
            _setting_meta(
                "ACE-Step API",
                "Port for programs that were written for ACE-Step's API; 0 takes a free one",
                ge=0,
                le=65_535,
            ),
        ]
        | None
    ) = None
    acestep_cpp_api: (
        Annotated[
            int,
            _setting_meta(
                "acestep.cpp API",
                "Port for programs that were written for acestep.cpp's server; 0 takes a free one",
                ge=0,
                le=65_535,
            ),
        ]
        | None
    ) = None
    chat_api: (
        Annotated[
            int,
            _setting_meta(
                "Chat completions API",
                "Port for programs that speak OpenAI's chat completions; 0 takes a free one",
                ge=0,
                le=65_535,
            ),
        ]
        | None
    ) = None
    compat_needs_token: Annotated[
        bool,
        _setting_meta(
            "Token for other programs",
            "Whether programs on the ports of compatible APIs, such as ACE-Step's, have to show the token",
        ),
    ] = True
    compat_folders: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=4_096)], ...],
        _setting_meta(
            "Folders for other programs",
            "Folders whose audio files programs on the ports of compatible APIs may name by their path",
            max_length=_MAX_NAMES,
        ),
    ] = ()
    log_level: Annotated[LogLevel, _setting_meta("Log level", "What is logged")] = "info"

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
        (file_values(), f"Correct it in {settings_file()}."),
        (_environment_values(), "Correct it in the environment: {variable}."),
        (given, "Correct it on the command line."),
    )
    values: dict[str, Any] = {}
    for source, remedy in sources:
        for name, value in source.items():
            values[name] = check_setting(name, value, remedy)
    if values.get("allow_lan"):
        values.setdefault("host", _EVERY_ADDRESS)
    return Settings(**values)


def check_setting(name: str, value: object, remedy: str) -> Any:
    """The value of a setting as `Settings` has it. `{variable}` in `remedy` becomes its environment variable.

    Raises RequestError (`bad_params`).
    """
    kinds = {known.name: known.type for known in msgspec.structs.fields(Settings)}
    remedy = remedy.format(variable=f"{SETTING_PREFIX}{name.upper()}")
    if name == "log_level":
        remedy = f"Use one of {', '.join(get_args(LogLevel))}. {remedy}"
    if name not in kinds:
        known = ", ".join(sorted(kinds))
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("There is no setting {name}.", name=name),
            say("Available: {known}. {remedy}", known=known, remedy=remedy),
        )
    if isinstance(value, str) and get_origin(_strip_annotation(kinds[name])) is tuple:
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        # Not strict: the environment has only text.
        return msgspec.convert(value, kinds[name], strict=False, dec_hook=_decode_path)
    except msgspec.ValidationError as error:
        what = f"write it as {_FORM_EXAMPLES[name]}" if "regex" in str(error) else str(error)
        raise RequestError(
            ErrorCode.BAD_PARAMS, say("The setting {name} is wrong: {what}.", name=name, what=what), remedy
        ) from error


def _strip_annotation(kind: Any) -> Any:
    """A type without its annotations."""
    return kind.__origin__ if get_origin(kind) is Annotated else kind


def _decode_path(kind: type, value: object) -> Any:
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser()
    raise TypeError(f"Expected a path, got {value!r}")


def file_values() -> dict[str, Any]:
    """What `server.toml` says, not checked. Raises RequestError (`bad_params`) when it cannot be read."""
    path = settings_file()
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("{path} cannot be read: {reason}.", path=path, reason=reason),
            "Correct or remove it.",
        ) from error


def _environment_values() -> dict[str, Any]:
    return {
        name.removeprefix(SETTING_PREFIX).lower(): value
        for name, value in os.environ.items()
        if name.startswith(SETTING_PREFIX)
    }
