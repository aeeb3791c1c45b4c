"""Who may come in on the port of a compatible API: exact Host, exact Origin, and the token."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers

from bandmate_server.web.guard import Refusal, find_page_refusal, is_token, shows_token

UNAUTHORISED = (
    "The token is missing or wrong. Send it as `Authorization: Bearer TOKEN`; it is in the file `token` of Bandmate's "
    "settings folder, which `bandmate doctor` names."
)


@dataclass(frozen=True)
class CompatAccess:
    """The rules for one port."""

    token: str
    needs_token: bool
    hosts: frozenset[str]
    """Values of the Host header, with the port."""
    origins: frozenset[str]
    """Web pages that may use it, exactly as browsers send them."""
    folders: tuple[str, ...]
    """Where files lie that clients may name by their path."""

    def find_page_refusal(self, headers: Headers, *, is_sealed: bool = False) -> Refusal | None:
        """Why a web page must not come in; None for programs, pages of the origins allowed, and players of audio
        whose address is its permission.
        """
        is_own_host = headers.get("host", "").lower() in self.hosts
        return find_page_refusal(headers, self.origins, is_own_host=is_own_host, is_sealed=is_sealed)

    def has_token(self, headers: Headers) -> bool:
        """Whether the headers show the token, after `Bearer` or bare, or none is asked for."""
        shown = headers.get("authorization", "").strip()
        return not self.needs_token or shows_token(headers, self.token) or is_token(shown, self.token)

    def may_enter(self, headers: Headers, body_token: str | None) -> bool:
        """Whether headers and body together show the token; one in the body counts alone."""
        if body_token is None or not self.needs_token:
            return self.has_token(headers)
        return is_token(body_token, self.token)
