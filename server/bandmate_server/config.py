"""The server's settings: defaults, then `server.toml`, then the environment, then the command line."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bandmate_plugins import home
from bandmate_protocol.errors import ErrorCode, RequestError

DEFAULT_PORT = 7893


def settings_file() -> Path:
    """Where `server.toml` lies."""
    return home.config_dir() / "server.toml"


class Settings(BaseSettings):
    """Every setting; `BANDMATE_SERVER_PORT=7000` sets `port`, and so on."""

    model_config = SettingsConfigDict(env_prefix="BANDMATE_SERVER_", extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on; anything but loopback needs allow_lan")
    port: int = Field(DEFAULT_PORT, ge=0, le=65_535, description="0 takes a free one")
    allow_lan: bool = Field(False, description="Listen to other machines too; the token is needed as always")
    allowed_hosts: tuple[str, ...] = Field((), description="More values of the Host header to accept")
    allowed_origins: tuple[str, ...] = Field((), description="Web origins to accept, exactly as sent")
    data: Path = Field(default_factory=home.data_dir, description="Folder for jobs and audio")
    executor: str = Field("local", description="Where jobs run: this machine, or an executor of a plugin")
    retention_gb: float = Field(20.0, ge=0, description="Audio kept on the disk besides what is pinned")
    range_seconds: float = Field(7_200.0, gt=0, description="Longest range of a job")
    jobs_per_client: int = Field(64, ge=1, description="Jobs of one client that wait or run")
    upload_gb: float = Field(8.0, gt=0, description="Largest file that a client may send")
    stall_seconds: float = Field(
        600.0, gt=0, description="Without any progress for so long, a worker is replaced"
    )
    grace_seconds: float = Field(5.0, gt=0, description="How long a worker may take to answer a cancel")
    idle_exit_seconds: float | None = Field(None, gt=0, description="End after so long with nothing to do")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic passes it by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The command line before the environment before the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=settings_file())


def load_settings(**overrides: object) -> Settings:
    """The settings in force; None in `overrides` means not given.

    Raises RequestError (`bad_params`) that names the setting and where it stands wrong.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            f"The setting {name} is wrong: {first['msg']}.",
            f"Mend it in {settings_file()}, in BANDMATE_SERVER_{name.upper()} or on the command line.",
        ) from error
    except ValueError as error:
        raise RequestError(
            ErrorCode.BAD_PARAMS, f"{settings_file()} cannot be read: {error}.", "Mend or remove it."
        ) from error
