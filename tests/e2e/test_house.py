"""How the project is built: who imports whom, and the figures of docs/measured/house.md."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.metrics.code_figures import HouseFigures, is_participle, name_words
from tests.metrics.import_cycles import package_cycles

ROOT = Path(__file__).parents[2]


def test_no_package_imports_another_in_a_circle() -> None:
    modules = {
        path.relative_to(ROOT / folder).as_posix(): path.read_text(encoding="utf-8")
        for folder in ("protocol", "plugins", "server", "bridge")
        for path in (ROOT / folder).rglob("bandmate_*/**/*.py")
    }
    assert len(modules) > 500
    assert package_cycles(modules) == []


def test_a_circle_is_found_unless_type_checkers_alone_see_it() -> None:
    modules = {
        "a/__init__.py": "",
        "a/b/__init__.py": "",
        "a/b/one.py": "from a.c import two",
        "a/c/__init__.py": "",
        "a/c/two.py": "def later():\n    from a.d.three import thing",
        "a/d/__init__.py": "",
        "a/d/three.py": "import a.b.one",
    }
    assert package_cycles(modules) == [("a.b", "a.c", "a.d")]
    modules["a/d/three.py"] = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a.b.one"
    assert package_cycles(modules) == []


def test_programs_that_measure_are_no_library_of_the_tests() -> None:
    """What both need is in tests/material and tests/metrics."""
    users = []
    for path in (ROOT / "tests").rglob("*.py"):
        if (ROOT / "tests" / "measure") not in path.parents:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            froms = {
                node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
            }
            if any(f"{name}.".startswith("tests.measure.") for name in froms):
                users.append(path.name)
    assert users == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("read_tree", ["read", "tree"]),
        ("WavFile", ["wav", "file"]),
        ("OSCServer", ["osc", "server"]),
        ("_hidden", ["hidden"]),
        ("_", ["_"]),
    ],
)
def test_a_name_falls_into_words(name: str, words: list[str]) -> None:
    assert name_words(name) == words


def test_participles_are_told_from_verbs() -> None:
    words = ("heard", "given", "wanted", "running", "read", "string", "need", "play")
    assert [word for word in words if is_participle(word)] == ["heard", "given", "wanted", "running"]


def test_a_file_is_counted() -> None:
    figures = HouseFigures()
    figures.add_file(
        'class Tone:\n    """Sounds."""\n    # Why.\n    def told(self):\n        """Says."""\n        return 1\n'
    )
    assert figures.row("x") == "| x | 1 | 6 | 6/6/6 | 1/1/1 | 16.7 | 100.0 % | 1.00 | 100.0 % | 100.0 % | 0 |"
