"""Packages that import each other, found in the text of their modules."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping


def package_cycles(modules: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Groups of packages that import each other in a circle, each sorted by name.

    ``modules``: the text of each module by its path, such as `a/b/c.py`. Every module counts for the folder that
    it lies in. Imports for type checkers alone do not count, and neither do those of a folder and one inside it.
    """
    names = {_module_name(path) for path in modules}
    arrows: dict[str, set[str]] = {}
    for path, text in modules.items():
        home = path.rpartition("/")[0].replace("/", ".")
        for imported in _imported_modules(ast.parse(text), names):
            package = _package_of(imported, modules)
            if not _is_inside(package, home) and not _is_inside(home, package):
                arrows.setdefault(home, set()).add(package)
    return _circles(arrows)


def _module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _package_of(module: str, modules: Mapping[str, str]) -> str:
    is_package = f"{module.replace('.', '/')}/__init__.py" in modules
    return module if is_package else module.rpartition(".")[0]


def _is_inside(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(f"{outer}.")


def _imported_modules(tree: ast.Module, names: set[str]) -> Iterator[str]:
    for node in _run_time_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom) and node.module in names:
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in names else node.module


def _run_time_nodes(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _run_time_nodes(child)


def _circles(arrows: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    """The groups in which each reaches each other."""
    everyone = set(arrows) | {target for targets in arrows.values() for target in targets}
    reach = {one: _reached_from(one, arrows) for one in everyone}
    groups = {frozenset({two for two in reach[one] if one in reach[two]} | {one}) for one in everyone}
    return sorted(tuple(sorted(group)) for group in groups if len(group) > 1)


def _reached_from(start: str, arrows: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for target in arrows.get(waiting.pop(), ()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found
