"""The page of pairs: which of two sounds better, without knowing which is which, until the key is asked for."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from bandmate_bridge.listen_page.page import incomplete_html, resource_text
from bandmate_protocol.version import __version__

_TITLE = "Bandmate: A or B?"
_CHOICES = (("a", "A is better"), ("b", "B is better"), ("same", "no difference"))


@dataclass(frozen=True)
class BlindPair:
    """Two sounds of one pair, in the order of the page."""

    name: str
    title: str
    audio: tuple[str, ...] = ()
    """A's file and B's, from the page's folder."""
    ways: tuple[str, ...] = ()
    """What they are."""
    remarks: tuple[str, ...] = ()
    """What the engine said of each."""
    failure: str = ""
    """A sentence, where it could not be made."""


def pair_page_html(pairs: Sequence[BlindPair], seed: int, *, wanted: int = 0) -> str:
    """The whole page as HTML. The key is in it, encoded so that nobody reads it by chance.

    Where more pairs are `wanted` than there are, the page says that it is not complete.
    """
    style = resource_text("page.css") + resource_text("pairs.css")
    key = {
        pair.name: {"title": pair.title, "ways": pair.ways, "remarks": pair.remarks}
        for pair in pairs
        if pair.ways
    }
    encoded = b64encode(json.dumps({"seed": seed, "pairs": key}).encode()).decode()
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_TITLE}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<header><h1>{_TITLE}</h1>\n"
        f"{incomplete_html(len(pairs), wanted, 'pairs')}"
        "<p>Each pair is the same music in two ways, equally loud, in random order. Press A or B to change over while "
        f"it plays, choose, and look at the key last. Bandmate {escape(__version__)}.</p></header>\n<main>\n"
        + "\n".join(_card_html(pair) for pair in pairs)
        + '\n</main>\n<footer><p><button id="save">Save choices as text</button> '
        '<button id="reveal">Show the key</button> <button id="clear">Clear choices</button></p>\n'
        '<pre id="result" hidden></pre></footer>\n'
        f'<script>\nconst encodedKey = "{encoded}";\n{resource_text("pairs.js")}</script>\n</body>\n</html>\n'
    )


def _card_html(pair: BlindPair) -> str:
    return "\n".join(
        [
            f'<article class="pair" id="{escape(pair.name)}" data-title="{escape(pair.title)}">',
            f"<h2>{escape(pair.title)}</h2>",
            *(_failure_html(pair) if pair.failure else _sides_html(pair)),
            "</article>",
        ]
    )


def _failure_html(pair: BlindPair) -> Iterator[str]:
    yield f'<p class="failure">{escape(pair.failure)}</p>'


def _sides_html(pair: BlindPair) -> Iterator[str]:
    yield '<p class="switch">'
    for label, address in zip("AB", pair.audio, strict=True):
        yield f'<audio preload="none" src="{escape(address)}"></audio>'
        yield f'<button class="side" type="button">{label}</button>'
    yield '<button class="stop" type="button">Stop</button><progress max="1" value="0"></progress></p>'
    yield "<fieldset><legend>Which do you prefer?</legend>"
    for value, text in _CHOICES:
        yield f'<label><input type="radio" name="{escape(pair.name)}" value="{value}">{text}</label>'
    yield '</fieldset><label class="note">Why? <input type="text" maxlength="300"></label>'
    yield '<p class="key" hidden></p>'
