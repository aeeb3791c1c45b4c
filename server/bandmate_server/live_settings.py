"""The settings of a running server: what each is, where its value comes from, and changing one."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Container, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from bandmate_plugins._models.access import has_hub_token
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.messages import Setting, SettingSource
from bandmate_protocol.texts import say
from bandmate_server.config import (
    SETTING_PREFIX,
    Settings,
    check_setting,
    file_values,
    load_settings,
    settings_file,
)
from bandmate_server.guarded_settings import GUARDED
from bandmate_server.settings_file import write_setting

_log = logging.getLogger(__name__)

APPLY_AT_ONCE = frozenset(
    {
        "jobs_per_client",
        "jobs_in_all",
        "log_level",
        "midi",
        "osc",
        "osc_port",
        "osc_rotary_centre",
        "retention_gb",
        "upload_gb",
    }
)
"""The others apply when the server starts again."""

SettingApplier = Callable[[Settings, Settings], Awaitable[None]]
"""Called with the settings before and after a change; may raise BandmateError, which undoes it."""

SettingGuard = Callable[[Settings, Settings], Awaitable[None]]
"""Called before a change that nobody has confirmed; raises RequestError (`not_confirmed`) if it loses something."""


class LiveSettings:
    """The settings in force. `options` are those that the command line gave, by name."""

    def __init__(self, settings: Settings, options: Mapping[str, object] | None = None) -> None:
        self.current = settings
        self._options = {name: value for name, value in (options or {}).items() if value is not None}
        self._appliers: list[SettingApplier] = []
        self._guards: list[SettingGuard] = []
        self._lock = asyncio.Lock()
        self._changing: asyncio.Task[None] | None = None

    def add_applier(self, apply: SettingApplier) -> None:
        """Has `apply` carry out each change that needs no restart."""
        self._appliers.append(apply)

    def add_guard(self, guard: SettingGuard) -> None:
        """Has `guard` refuse changes that lose something, until the user confirms them."""
        self._guards.append(guard)

    def all_settings(self) -> tuple[Setting, ...]:
        """Every setting, then the secrets, of which only this is told: whether they are set."""
        try:
            written, following = set(file_values()), load_settings(**self._options)
        except RequestError:
            # The next start fails with it; what is in force now can be told all the same.
            written, following = set(), self.current
        fields = msgspec.structs.fields(Settings)
        return (*(self._describe(field, written, following) for field in fields), *_secrets())

    async def change(self, name: str, value: object, *, confirmed: bool = False) -> None:
        """Checks a value, applies it, and writes it into the file; None removes it there.

        Raises RequestError: `bad_params`, `not_allowed`, `not_confirmed`, `file_unusable`, or whatever keeps it from
        being applied. Nothing is changed then.
        """
        if reason := self._fixed_reason(name):
            sentence = say("The setting {name} was not changed.", name=name)
            raise RequestError(ErrorCode.NOT_ALLOWED, sentence, reason)
        fields = {field.name: field for field in msgspec.structs.fields(Settings)}
        resets = value is None and name in fields
        checked = None if resets else check_setting(name, value, "Nothing was changed.")
        wanted = _default_value(fields[name]) if resets else checked
        if name in APPLY_AT_ONCE and not confirmed:
            for guard in self._guards:
                await guard(self.current, msgspec.structs.replace(self.current, **{name: wanted}))
        # Whoever asked may leave while the surfaces start again.
        self._changing = asyncio.create_task(self._change(name, wanted, checked), name=f"setting {name}")
        await asyncio.shield(self._changing)

    async def _change(self, name: str, wanted: Any, written: Any) -> None:
        """Puts one value in force and another, which may be None, into the file."""
        async with self._lock:
            before = self.current
            if name in APPLY_AT_ONCE:
                await self._apply(msgspec.structs.replace(before, **{name: wanted}))
            try:
                write_setting(settings_file(), name, written)
            except BandmateError:
                await self._restore(self.current, before)
                raise

    async def _apply(self, wanted: Settings) -> None:
        before = self.current
        if wanted == before:
            return
        self.current = wanted
        try:
            for apply in self._appliers:
                await apply(before, wanted)
        except Exception:
            await self._restore(wanted, before)
            raise

    async def _restore(self, wanted: Settings, before: Settings) -> None:
        """Goes back as far as that is possible; the reason for going back is what the client is told."""
        self.current = before
        for apply in self._appliers:
            try:
                await apply(wanted, before)
            except Exception as error:  # noqa: BLE001 - whatever it is, the rest must be restored
                _log.warning("a setting could not be restored: %s", error)

    def _describe(
        self, field: msgspec.structs.FieldInfo, written: Container[str], following: Settings
    ) -> Setting:
        name = field.name
        value, next_value = getattr(self.current, name), getattr(following, name)
        waits = next_value != value
        return Setting(
            name=name,
            form=_form_of(field),
            value=_plain(value),
            next_value=_plain(next_value) if waits else None,
            waits_for_restart=waits,
            source=self._source(name, written),
            needs_restart=name not in APPLY_AT_ONCE,
            fixed=self._fixed_reason(name),
        )

    def _source(self, name: str, written: Container[str]) -> SettingSource:
        if name in self._options:
            return "option"
        if f"{SETTING_PREFIX}{name.upper()}" in os.environ:
            return "environment"
        return "file" if name in written else "default"

    def _fixed_reason(self, name: str) -> str:
        """Why the setting cannot be changed here, and what can; empty if it can be."""
        if name in self._options:
            option = name.removesuffix("_seconds").replace("_", "-")
            return f"The option --{option} of the command that started the server sets it. Start it without that."
        variable = f"{SETTING_PREFIX}{name.upper()}"
        if variable in os.environ:
            return f"The environment variable {variable} sets it. Unset it and start the server again."
        return GUARDED[name].refusal(settings_file()) if name in GUARDED else ""


def _form_of(field: msgspec.structs.FieldInfo) -> dict[str, Any]:
    """The JSON Schema that a form is drawn from; a value that may be left out has no default."""
    kinds = [kind for kind in get_args(field.type) if kind is not type(None)]
    kind = kinds[0] if type(None) in get_args(field.type) else field.type
    form = msgspec.json.schema(kind, schema_hook=lambda _: {"type": "string"})
    form.pop("pattern", None)
    usual = _plain(_default_value(field))
    return form if usual is None else {**form, "default": usual}


def _default_value(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _plain(value: object) -> Any:
    """As the wire has it."""
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _secrets() -> tuple[Setting, ...]:
    hub = has_hub_token()
    return (
        Setting(
            name="token",
            form={
                "title": "Access token",
                "description": "Programs show it to this server",
                "type": "string",
            },
            source="file",
            secret=True,
            fixed="It is in the file `token` of the settings folder. Delete that file to get a new one.",
        ),
        Setting(
            name="hub_token",
            form={
                "title": "Model hub token",
                "description": "Some models can only be downloaded with it",
                "type": "string",
            },
            secret=True,
            is_set=hub,
            fixed="Set the environment variable HF_TOKEN, or run `hf auth login`, and start the server again.",
        ),
    )
