"""The table of `bandmate jobs`: a line for each job, as wide as the terminal."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.cells import cell_len, chop_cells

from bandmate_bridge.history.job_list import result_place
from bandmate_protocol.messages import JobSummary
from bandmate_protocol.units import one_line

_GAP = "  "
_WIDE_COLUMNS = 110
"""Columns from which on engine, seed and length are shown too."""
_INDENT = "    "
_MIN_COLUMNS = 8


def job_lines(jobs: Sequence[JobSummary], width: int | None = None) -> Iterator[str]:
    """A heading and a line for each job, with why it failed and its note below."""
    width = width or shutil.get_terminal_size((80, 24)).columns
    wide = width >= _WIDE_COLUMNS
    with_rating = any(job.rating or job.kept for job in jobs)
    rows = [_heading_cells(wide, with_rating), *(_job_cells(job, wide, with_rating) for job in jobs)]
    fitted = _fit_rows(rows, width)
    yield fitted[0]
    for job, line in zip(jobs, fitted[1:], strict=True):
        yield line
        for text in (job.sentence, job.note):
            yield from textwrap.wrap(
                one_line(text, 4096),
                max(width, 40),
                initial_indent=_INDENT,
                subsequent_indent=_INDENT,
            )


def size_text(size_bytes: int) -> str:
    """A size on the disk, for people."""
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if size_bytes >= unit:
            return f"{size_bytes / unit:.1f} {name}"
    return f"{-(-size_bytes // 1000)} kB"


def _heading_cells(wide: bool, with_rating: bool) -> list[str]:
    more = ["Engine", "Seed", "Length", "Size"] if wide else []
    return ["Job", "State", "When", *(["Rating"] if with_rating else []), *more, "What", "Where"]


def _job_cells(job: JobSummary, wide: bool, with_rating: bool) -> list[str]:
    prompt = one_line(" ".join(str(job.params.get("prompt", "")).split()), 1000)
    what = f"{job.task}: {prompt}" if prompt else job.task
    length = f"{job.timeline.seconds:.1f} s" if job.timeline else ""
    more = [job.engine, str(job.seed), length, size_text(job.disk_bytes)] if wide else []
    rating = " ".join(filter(None, ["*" * job.rating, "kept" if job.kept else ""]))
    facts = [job.job, job.state, _time_text(job.created_ms), *([rating] if with_rating else []), *more]
    return [*facts, what, _short_path(result_place(job))]


def _fit_rows(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The rows as lines: the last two columns share what the others leave."""
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]))]
    room = width - sum(widths[:-2]) - len(_GAP) * (len(widths) - 1)
    # A short column lets the other one have the rest.
    where = min(widths[-1], max(room * 2 // 5, room - widths[-2], _MIN_COLUMNS))
    what = min(widths[-2], max(room - where, _MIN_COLUMNS))
    widths[-2:] = [what, where]
    lines = []
    for row in rows:
        cells = [*row[:-2], _cut_end(row[-2], what), _cut_start(row[-1], where)]
        padded = (cell + " " * (size - cell_len(cell)) for cell, size in zip(cells, widths, strict=True))
        lines.append(_GAP.join(padded).rstrip())
    return lines


def _cut_end(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{chop_cells(text, width - 3)[0].rstrip()}..."


def _cut_start(text: str, width: int) -> str:
    """A path keeps its end, which is what tells it from others."""
    if cell_len(text) <= width:
        return text
    return f"...{chop_cells(text[::-1], width - 3)[0][::-1]}"


def _short_path(path: str) -> str:
    """From the present folder, or from the home folder, where it lies below one of them."""
    for base, mark in ((Path.cwd(), ""), (Path.home(), f"~{os.sep}")):
        try:
            return one_line(f"{mark}{Path(path).relative_to(base)}", 4096) if path else ""
        except ValueError:
            continue
    return one_line(path, 4096)


def _time_text(milliseconds: int) -> str:
    """In local time; the year only where it is another one."""
    from datetime import datetime

    made = datetime.fromtimestamp(milliseconds / 1000).astimezone()
    return made.strftime("%m-%d %H:%M" if made.year == datetime.now().year else "%Y-%m-%d")
