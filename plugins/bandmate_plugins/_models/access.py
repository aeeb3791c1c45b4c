"""The way to the hub: with the user's token or without it, and through a proxy."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from bandmate_plugins._platform.installation import how_to_add, program_command
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

Found = TypeVar("Found")

_TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")
_UNAUTHORISED = 401


def has_hub_token(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the hub's library would send a token: from the environment, or from `hf auth login`.

    Only looks where that library looks, and imports nothing of it.
    """
    if any(environ.get(name) for name in _TOKENS):
        return True
    cache = environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = environ.get("HF_HOME") or f"{cache}/huggingface"
    return Path(environ.get("HF_TOKEN_PATH") or f"{folder}/token").expanduser().is_file()


def with_or_without_token(call: Callable[[bool | None], Found]) -> tuple[Found, bool]:
    """Calls with `None`, which sends the user's token, and where the hub refuses that, with `False`.

    A model that anybody may fetch needs none. Returns what the call gave, and whether the token was left out.
    Raises RequestError (`engine_unavailable`) when the token is refused and the model needs one.
    """
    from huggingface_hub import get_token
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return call(None), False
    except HfHubHTTPError as error:
        if error.response is None or error.response.status_code != _UNAUTHORISED or not get_token():
            raise
        try:
            return call(False), True
        except HfHubHTTPError:
            raise _token_refused() from error


def token_remark() -> str:
    """What to say when a model came without the token."""
    return f"{_token_sentence()} This model needs none. {_token_remedy()}"


def _token_refused() -> RequestError:
    return RequestError(ErrorCode.ENGINE_UNAVAILABLE, _token_sentence(), _token_remedy())


def _token_sentence() -> str:
    return "The hub does not accept your Hugging Face token: it has expired, was revoked, or is incomplete."


def _token_remedy() -> str:
    named = next((name for name in _TOKENS if os.environ.get(name)), None)
    if named is not None:
        return f"Unset {named}, or set a new token from https://huggingface.co/settings/tokens."
    hf = program_command("hf")
    return f"`{hf} auth login` stores a new one, `{hf} auth logout` removes it."


def proxy_error(error: Exception) -> RequestError | None:
    """What an error about the proxy means; None for another error.

    A SOCKS proxy needs a package that the extra `models` brings, and other schemes are none.
    """
    variable, place = _proxy_setting()
    if not variable:
        return None
    if isinstance(error, ImportError) and "SOCKS" in str(error):
        return RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say(
                "{variable} names a SOCKS proxy ({place}), which needs the package socksio.",
                variable=variable,
                place=place,
            ),
            say("{how_to_add} Or unset {variable}.", how_to_add=how_to_add("models"), variable=variable),
        )
    if isinstance(error, ValueError) and "proxy" in str(error).casefold():
        return RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say("{variable} does not name a usable proxy: {place}.", variable=variable, place=place),
            say(
                "Write it as http://host:port or socks5://host:port, or unset {variable}.", variable=variable
            ),
        )
    return None


def proxy_hint() -> str:
    """A sentence about the proxy for an error of the line; empty without one."""
    variable, place = _proxy_setting()
    return (
        f" {variable} sends it through a proxy ({place}); check that it is the right one." if variable else ""
    )


def _proxy_setting() -> tuple[str, str]:
    """The variable that names the proxy, and what it names, without a password in it."""
    for name in _PROXIES:
        if value := os.environ.get(name):
            return name, _without_password(value)
    return "", ""


def _without_password(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        return "no address"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" if host else "no address"
