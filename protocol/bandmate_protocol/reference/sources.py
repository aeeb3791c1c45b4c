"""Reads what the sources say under each name: a string after an assignment is its documentation."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from itertools import pairwise
from typing import Any


@cache
def attribute_docs(owner: Any) -> dict[str, str]:
    """For each attribute of a class or a module, the text under it, as one line."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    body = tree.body
    if len(body) == 1 and isinstance(body[0], ast.ClassDef):
        body = body[0].body
    found: dict[str, str] = {}
    for statement, below in pairwise(body):
        name = _assigned_name(statement)
        if name and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[name] = one_paragraph(str(below.value.value))
    return found


def one_paragraph(text: str) -> str:
    """Text without its line ends."""
    return " ".join(text.split())


def _assigned_name(statement: ast.stmt) -> str | None:
    target: ast.expr | None = None
    if isinstance(statement, ast.AnnAssign):
        target = statement.target
    elif isinstance(statement, ast.Assign):
        target = statement.targets[0]
    return target.id if isinstance(target, ast.Name) else None
