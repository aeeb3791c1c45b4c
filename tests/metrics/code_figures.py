"""Sizes and names of Python modules, counted from their syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

_PARTICIPLE = re.compile(
    "begun|brought|built|done|felt|found|given|gone|heard|held|kept|known|laid|left|made|meant|met|said|sent|shown|"
    "sung|taken|told|torn|understood|written"
)
"""The irregular ones, without those that are verbs too, such as `read` and `set`."""
_REGULAR_PARTICIPLE = re.compile(
    "(?!bring$|embed$|exceed$|proceed$|speed$|spring$|string$|thing$).{3,}(ed|ing)"
)


@dataclass
class HouseFigures:
    """Counts over a set of files."""

    file_lines: list[int] = field(default_factory=list)
    body_lines: list[int] = field(default_factory=list)
    comments: int = 0
    functions: list[list[str]] = field(default_factory=list)
    """The words of each function's name."""
    classes: list[list[str]] = field(default_factory=list)
    cycles: list[tuple[str, ...]] = field(default_factory=list)

    def add_file(self, text: str) -> None:
        """Counts one module."""
        lines = text.splitlines()
        self.file_lines.append(len(lines))
        self.comments += sum(line.lstrip().startswith("#") for line in lines)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                self.classes.append(name_words(node.name))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("__"):
                self.functions.append(name_words(node.name))
                self.body_lines.append(_body_length(node))

    def row(self, title: str) -> str:
        """A row of the table."""
        total = sum(self.file_lines)
        cells = (
            title,
            str(len(self.file_lines)),
            str(total),
            _spread(self.file_lines),
            _spread(self.body_lines),
            f"{100 * self.comments / total:.1f}",
            _share(len(words) == 1 for words in self.functions),
            f"{np.mean([len(words) for words in self.functions]):.2f}",
            _share(len(words) == 1 for words in self.classes),
            _share(is_participle(words[0]) for words in self.functions),
            str(len(self.cycles)),
        )
        return f"| {' | '.join(cells)} |"


HEADINGS = (
    "revision",
    "files",
    "lines",
    "lines of a file, median/p90/greatest",
    "lines of a function, median/p90/greatest",
    "comments per 100 lines",
    "functions of one word",
    "words of a function's name",
    "classes of one word",
    "functions led by a participle",
    "package cycles",
)


def name_words(name: str) -> list[str]:
    """The words of a name in snake case or camel case, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)] or [name]


def is_participle(word: str) -> bool:
    """Whether a word is a participle, by its ending or from a list of irregular ones."""
    return bool(_PARTICIPLE.fullmatch(word) or _REGULAR_PARTICIPLE.fullmatch(word))


def _body_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function below its signature and docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _spread(counts: Sequence[int]) -> str:
    middle, high, most = np.percentile(counts, [50, 90, 100], method="nearest")
    return f"{middle:.0f}/{high:.0f}/{most:.0f}"


def _share(flags: Iterator[bool]) -> str:
    return f"{100 * np.mean(list(flags)):.1f} %"
