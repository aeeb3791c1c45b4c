"""The server's settings: what each is, where its value comes from, and changing one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from bandmate_protocol.messages._base import Message, MessagePart
from bandmate_protocol.units import RequestId, Sentence, Values, Word

SettingSource = Literal["default", "file", "environment", "option"]
"""Where a value comes from: `file` is the user's `server.toml`, `option` the command that started the server."""


class ListSettings(Message, frozen=True, kw_only=True):
    """Asks for the settings."""

    request: RequestId


class ChangeSetting(Message, frozen=True, kw_only=True):
    """Changes one setting in the user's `server.toml`, which keeps its comments and other keys.

    Refused when the value is wrong, when the environment or an option decides it, and for settings that open the
    server to others or say where it writes: those can only be changed on the server's machine. A change that deletes
    audio is refused (`not_confirmed`) with a sentence that says how much, unless `confirmed` is true.
    """

    request: RequestId
    name: Word
    value: Any = None
    """null removes the setting from the file, so that its default applies."""
    confirmed: bool = False
    """The user was told what the change deletes, and wants it."""


class Setting(MessagePart, frozen=True, kw_only=True):
    """One setting. Secrets have no value here: `is_set` says whether there is one."""

    name: Word
    """Its key in `server.toml`."""
    form: Values
    """JSON Schema: title, description, unit, type, bounds, default."""
    value: Any = None
    """The value that the server uses now."""
    next_value: Any = None
    """The value after a restart, if `waits_for_restart`."""
    waits_for_restart: bool = False
    """The file has another value, which applies when the server starts again."""
    source: SettingSource = "default"
    """Where `value` comes from, or `next_value`, if that waits."""
    needs_restart: bool = True
    """A change applies when the server starts again; else at once."""
    fixed: Sentence = ""
    """Why `change_setting` cannot change it, and what can. Empty if it can."""
    secret: bool = False
    is_set: bool = True
    """For a secret: there is one."""


class SettingList(Message, frozen=True, kw_only=True):
    """All settings; the answer to `list_settings` and `change_setting`."""

    request: RequestId
    settings: Annotated[tuple[Setting, ...], Meta(max_length=256)] = ()
    file: Sentence = ""
    """Path of `server.toml` on the server's machine."""
    can_restart: bool = False
    """`restart_server` works."""


class RestartServer(Message, frozen=True, kw_only=True):
    """Has the server start again with the settings of its file, on the same port unless they change that.

    Jobs that wait are kept. One that runs begins again once a client attaches to it, so a restart is refused
    (`not_confirmed`) while any runs, unless `confirmed` is true. Refused (`not_allowed`) where `can_restart` is false.
    """

    request: RequestId
    confirmed: bool = False
    """The user was told which jobs begin again, and wants the restart."""


class ServerRestarting(Message, frozen=True, kw_only=True):
    """The answer to `restart_server`; the connection ends next."""

    request: RequestId
