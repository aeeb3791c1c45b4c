"""One measured figure, and the table of all."""

import statistics
from dataclasses import dataclass


@dataclass
class Figure:
    what: str
    value: float
    unit: str
    beside: str = ""
    """What it was measured next to, in the same run."""
    ratio: float | None = None
    """To what it was measured next to."""
    aim: str = ""


def median(values):
    return statistics.median(values)


def table(figures):
    rows = [("what", "value", "next to", "ratio", "aim")]
    for each in figures:
        ratio = f"{each.ratio:.2f}" if each.ratio is not None else ""
        rows.append((each.what, f"{each.value:.4g} {each.unit}", each.beside, ratio, each.aim))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join(lines)
