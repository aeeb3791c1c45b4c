"""The page: one HTML file with its pictures, style and script inside; only the sound lies beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources

from bandmate_bridge.listen_page.render import PageEntry
from bandmate_protocol.version import __version__

_TICKS = ((40, 0.0), (200, 28.2), (1_000, 56.4), (5_000, 84.6))
"""Hertz and how far up the picture they lie, in hundredths: the scale is logarithmic up to 12 kHz."""


def incomplete_html(made: int, wanted: int, what: str) -> str:
    """A paragraph that says how much of a page there is; empty where it is whole."""
    if made >= wanted:
        return ""
    return f"<p>Not complete: {made} of {wanted} {escape(what)}. Reload the page for more.</p>\n"


def page_html(title: str, shown: Sequence[PageEntry], *, wanted: int = 0) -> str:
    """The whole page as HTML; where more examples are `wanted` than there are, it says that it is not complete."""
    style, script = (resource_text(name) for name in ("page.css", "page.js"))
    made = [one for one in shown if not one.failure]
    seconds = sum(one.seconds for one in made)
    took = sum(one.took for one in made)
    about = f"{len(made)} of {len(shown)} examples, {seconds / 60:.1f} minutes of music made in {took:.1f} s"
    speed = f", {seconds / took:.0f} times real time" if took > 0 else ""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<header><h1>{escape(title)}</h1>\n<p>{escape(about + speed)}. Bandmate {escape(__version__)}.</p>\n"
        f"{incomplete_html(len(shown), wanted, 'examples')}"
        f"<nav>{''.join(_link_html(one) for one in shown)}</nav></header>\n<main>\n"
        + "\n".join(_card_html(one) for one in shown)
        + f"\n</main>\n<script>\n{script}</script>\n</body>\n</html>\n"
    )


def _link_html(one: PageEntry) -> str:
    mark = ' class="failed"' if one.failure else ""
    return f'<a href="#{escape(one.name)}"{mark}>{escape(one.example.title)}</a>'


def _card_html(one: PageEntry) -> str:
    return "\n".join(
        [
            f'<article id="{escape(one.name)}">',
            f"<h2>{escape(one.example.title)}</h2>",
            *_prompt_html(one),
            *(_failure_html(one) if one.failure else _player_html(one)),
            "</article>",
        ]
    )


def _prompt_html(one: PageEntry) -> Iterator[str]:
    yield f'<p class="prompt">{escape(one.example.prompt) or "(no prompt)"}</p>'
    if one.example.about:
        yield f'<p class="about">{escape(one.example.about)}</p>'


def _failure_html(one: PageEntry) -> Iterator[str]:
    yield f'<p class="failure">{escape(one.failure)}</p>'


def _player_html(one: PageEntry) -> Iterator[str]:
    yield '<div class="player">'
    yield f'<audio controls preload="none" src="{escape(one.audio)}"></audio>'
    yield '<div class="pictures">'
    yield f'<img class="wave" alt="Waveform" src="{one.waveform}">'
    yield '<div class="spectrum">'
    yield f'<img alt="Spectrogram, 40 Hz to 12 kHz" src="{one.spectrogram}">'
    for hertz, height in _TICKS:
        yield f'<span style="bottom:{height}%">{hertz if hertz < 1_000 else f"{hertz // 1_000} k"}</span>'
    yield '</div><div class="head"></div></div></div>'
    yield '<dl class="facts">'
    for name, value in _fact_pairs(one):
        yield f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
    yield "</dl>"
    if one.remarks:
        items = "".join(f"<li>{escape(remark)}</li>" for remark in one.remarks)
        yield f'<ul class="remarks">{items}</ul>'
    if one.example.lyrics:
        yield "<details><summary>Lyrics (not sung)</summary>"
        yield f"<pre>{escape(one.example.lyrics)}</pre></details>"


def _fact_pairs(one: PageEntry) -> Iterator[tuple[str, str]]:
    yield "Tempo", f"{one.bpm:g} bpm"
    yield "Metre", one.metre
    if one.key:
        yield "Key", one.key
    yield "Length", f"{one.seconds:.1f} s"
    if one.lufs is not None:
        yield "Loudness", f"{one.lufs:.1f} LUFS"
    if one.peak_dbtp is not None:
        yield "True peak", f"{one.peak_dbtp:.1f} dBTP"
    yield "Rendered in", f"{one.took:.2f} s ({one.seconds / max(one.took, 1e-3):.0f} x)"
    yield "Engine", f"{one.engine}, seed {one.example.seed}"
    parts = one.report.get("parts")
    if isinstance(parts, list) and parts:
        yield "Parts", ", ".join(str(part) for part in parts)
    sections = one.report.get("sections")
    if isinstance(sections, list) and len(sections) > 1:
        yield "Form", ", ".join(str(section) for section in sections)


def resource_text(name: str) -> str:
    """A style or a script of this folder."""
    return resources.files("bandmate_bridge.listen_page").joinpath(name).read_text("utf-8")
