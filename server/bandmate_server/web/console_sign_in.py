"""The routes by which a browser signs in to the console, and out of it."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bandmate_protocol.errors import ErrorCode
from bandmate_server.web.guard import AccessRules, join_netloc, read_cookie
from bandmate_server.web.lan import lan_addresses
from bandmate_server.web.sign_in import CODE_SECONDS, SIGN_IN_SECONDS

_MAX_BODY_BYTES = 4_096


class _ShownCode(msgspec.Struct):
    code: str


class SignInRoutes:
    """`/console/code`, `/console/sign-in`, `/console/signed-in` and `/console/sign-out`."""

    def __init__(self, rules: AccessRules, host: str) -> None:
        self._rules = rules
        self._host = host
        """The address that the server listens on."""

    async def make_code(self, request: Request) -> Response:
        """A one-time code, for a program that shows the token; a page may have none for another.

        `lan` are the hosts, with the port, by which other machines reach the page; none unless they may.
        """
        if "authorization" not in request.headers:
            return _refusal(403, "Only `bandmate console` makes codes.")
        code = self._rules.sign_ins.new_code()
        return JSONResponse({"code": code, "seconds": CODE_SECONDS, "lan": self._lan_hosts(request)})

    def _lan_hosts(self, request: Request) -> list[str]:
        server = request.scope.get("server")
        if not self._rules.allow_lan or server is None:
            return []
        return [join_netloc(address, server[1]) for address in lan_addresses(self._host)]

    async def sign_in(self, request: Request) -> Response:
        """Exchanges a code, sent by the page itself, for the cookie and the key."""
        if request.headers.get("origin") != f"http://{request.headers['host']}":
            return _refusal(403, "Only the console's own page signs in.")
        try:
            shown = msgspec.json.decode(await _read_body(request), type=_ShownCode)
        except msgspec.DecodeError:
            return _refusal(400, "The request holds no code.")
        fresh = self._rules.sign_ins.exchange_code(shown.code)
        if fresh is None:
            return _refusal(
                401,
                "This link was used before, or is older than a minute. Run `bandmate console` for a new one.",
            )
        answer = JSONResponse({"key": fresh.key})
        answer.set_cookie(
            self._rules.cookie,
            fresh.cookie,
            max_age=int(SIGN_IN_SECONDS),
            httponly=True,
            samesite="strict",
        )
        return answer

    async def is_signed_in(self, _: Request) -> Response:
        """Answers 204 to who is signed in; the door refuses everybody else."""
        return Response(status_code=204)

    async def sign_out(self, request: Request) -> Response:
        """Ends the sign-in that the request shows; for a program that shows the token, all of them."""
        if "authorization" in request.headers:
            return JSONResponse({"ended": self._rules.sign_ins.end_all()})
        self._rules.sign_ins.end_sign_in(read_cookie(request.headers, self._rules.cookie))
        answer = Response(status_code=204)
        answer.delete_cookie(self._rules.cookie, httponly=True, samesite="strict")
        return answer


async def _read_body(request: Request) -> bytes:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_BODY_BYTES:
            raise msgspec.DecodeError("too long")
    return body


def _refusal(status: int, sentence: str) -> Response:
    return JSONResponse({"code": ErrorCode.NOT_ALLOWED.value, "sentence": sentence}, status_code=status)
