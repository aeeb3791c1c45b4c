"""From an address below `/api/v1` to what answers it."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class AddressBook:
    """An ASGI application for all addresses of a table.

    One look for each part of the address: starlette would try the pattern of every route in turn, which takes longer
    than to answer a poll.
    """

    def __init__(self, apps: Mapping[str, ASGIApp], otherwise: ASGIApp) -> None:
        """`apps` by their path, with parameters in braces; a parameter is a whole part of it."""
        self._root = _Place()
        self._otherwise = otherwise
        for path, app in apps.items():
            self._root.add(path.strip("/").split("/"), app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, with the parameters as `path_params` in the scope."""
        params: dict[str, str] = {}
        app = self._root.find(scope["path_params"]["address"].split("/"), params)
        scope["path_params"] = params
        await (app or self._otherwise)(scope, receive, send)


class _Place:
    """What lies at one part of the addresses, and below."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._named: dict[str, _Place] = {}
        self._param: tuple[str, _Place] | None = None

    def add(self, parts: list[str], app: ASGIApp) -> None:
        if not parts:
            self._app = app
            return
        first, *rest = parts
        if not first.startswith("{"):
            self._named.setdefault(first, _Place()).add(rest, app)
            return
        name = first.strip("{}")
        self._param = self._param or (name, _Place())
        assert self._param[0] == name, f"two names of one parameter: {name}, {self._param[0]}"
        self._param[1].add(rest, app)

    def find(self, parts: list[str], params: dict[str, str]) -> ASGIApp | None:
        """What answers; names come before parameters: `jobs/events` is no job."""
        if not parts:
            return self._app
        first, rest = parts[0], parts[1:]
        named = self._named.get(first)
        if named is not None and (found := named.find(rest, params)):
            return found
        if self._param is None or not first:
            return None
        name, place = self._param
        params[name] = first
        return place.find(rest, params)
