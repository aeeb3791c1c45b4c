"""The console's page: its files out of the package, and the headers that keep it to itself."""

from __future__ import annotations

import hashlib
import posixpath
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_START = "index.html"
_FIRST_MODULES: tuple[str, ...] = ("main.js", "start.js")
_STYLES = "styles.css"
"""All style sheets in one file."""
_STYLE_LINKS = re.compile(rb'(?:\s*<link rel="stylesheet" href="/page/[^"]+" />)+')
_STYLE_NAME = re.compile(rb'href="/page/([^"]+)"')
_IMPORT = re.compile(rb'^(?:import|export)\b[^;"]*"(\.{1,2}/[^"]+)";', re.MULTILINE)


@dataclass(frozen=True)
class _PageFile:
    data: bytes
    media_type: str
    tag: str


async def serve_start(request: Request) -> Response:
    """`GET /`."""
    return _answer(request, _START)


async def serve_page_file(request: Request) -> Response:
    """`GET /page/...`: one of the page's files, by its name there."""
    return _answer(request, request.path_params["name"])


def _answer(request: Request, name: str) -> Response:
    found = _page_files().get(name)
    if found is None:
        return PlainTextResponse("There is no such page.\n", 404)
    headers = {"ETag": found.tag, "Cache-Control": "no-cache", **safety_headers(request)}
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    return Response(found.data, headers=headers, media_type=found.media_type)


def safety_headers(request: Request, media: str = "'self'") -> dict[str, str]:
    """Nothing but this server's own files and its socket. Not every browser counts that among `'self'`."""
    policy = (
        "default-src 'self'",
        f"connect-src 'self' ws://{request.headers['host']}",
        "img-src 'self' data:",
        f"media-src {media}",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    # Browsers ignore the opener policy of pages from other machines without TLS, and complain of it.
    opener = {"Cross-Origin-Opener-Policy": "same-origin"} if _is_loopback(request) else {}
    return {
        "Content-Security-Policy": "; ".join(policy),
        **opener,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _is_loopback(request: Request) -> bool:
    return request.url.hostname in ("127.0.0.1", "localhost", "::1")


@cache
def _page_files() -> dict[str, _PageFile]:
    found = dict(_read_files(files("bandmate_server.web") / "page", ""))
    start = found[_START].data
    links = _STYLE_LINKS.search(start)
    if links:
        sheets = [name.decode() for name in _STYLE_NAME.findall(links[0])]
        found[_STYLES] = _page_file(b"\n".join(found[name].data for name in sheets), _MEDIA_TYPES[".css"])
        start = start.replace(links[0], f'\n    <link rel="stylesheet" href="/page/{_STYLES}" />'.encode(), 1)
    start = start.replace(b"</head>", f"{_preloads(found)}</head>".encode(), 1)
    return found | {_START: _page_file(start, _MEDIA_TYPES[".html"])}


def _preloads(found: dict[str, _PageFile]) -> str:
    """Links by which a browser fetches at once what the first view needs, instead of layer by layer."""
    names = _first_modules({name: each.data for name, each in found.items()})
    return "".join(f'<link rel="modulepreload" href="/page/{name}" />\n' for name in names)


def _first_modules(data: dict[str, bytes]) -> list[str]:
    """The modules that the first view needs, each after the one that imports it."""
    names = list(_FIRST_MODULES)
    for name in names:
        for target in _IMPORT.findall(data[name]):
            imported = posixpath.normpath(posixpath.join(posixpath.dirname(name), target.decode()))
            if imported not in names:
                names.append(imported)
    return names


def _page_file(data: bytes, media_type: str) -> _PageFile:
    return _PageFile(data, media_type, f'"{hashlib.sha256(data).hexdigest()[:32]}"')


def _read_files(folder: Traversable, prefix: str) -> list[tuple[str, _PageFile]]:
    found = []
    for item in folder.iterdir():
        if item.is_dir():
            found += _read_files(item, f"{prefix}{item.name}/")
            continue
        media_type = _MEDIA_TYPES.get(item.name[item.name.rfind(".") :])
        if media_type:
            found.append((f"{prefix}{item.name}", _page_file(item.read_bytes(), media_type)))
    return found
