"""Renders examples one by one and writes their page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bandmate_bridge.client import Client
from bandmate_bridge.files import check_free, write_whole
from bandmate_bridge.jobs.receive import make_folder
from bandmate_bridge.listen_page.examples import PageExample
from bandmate_bridge.listen_page.page import page_html
from bandmate_bridge.listen_page.render import AUDIO, PageEntry, render_example
from bandmate_bridge.progress import ProgressCallback, SubjectChanged

PAGE = "index.html"
_TITLE = "Bandmate: examples to listen to"


def check_folder(folder: Path, *, replace: bool) -> None:
    """Raises RequestError (`file_exists`, ...) before any work is done. Makes the folders."""
    make_folder(folder / AUDIO)
    check_free(folder / PAGE, replace=replace)


def write_page(
    client: Client,
    examples: Sequence[tuple[str, PageExample]],
    folder: Path,
    progress: ProgressCallback,
    *,
    replace: bool,
) -> list[PageEntry]:
    """Makes all, and the page after each of them, so that what is made can be heard if the rest is not.

    Raises RequestError for files; what the engine refuses is on the page.
    """
    shown = []
    for number, (name, example) in enumerate(examples, 1):
        progress(SubjectChanged(f"{number} of {len(examples)}, {example.title}"))
        shown.append(render_example(client, name, example, folder, progress))
        page = page_html(_TITLE, shown, wanted=len(examples))
        write_whole(folder / PAGE, page.encode("utf-8"), replace=replace or number > 1)
    return shown
