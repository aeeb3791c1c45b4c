"""Instruments are played as themselves, or as their nearest, which is said."""

from __future__ import annotations

from typing import Any

import pytest

from bandmate_plugins._engines.sketch.library.inheritance import resolve_base


def test_a_file_inherits_what_it_does_not_say() -> None:
    files: dict[str, dict[str, Any]] = {
        "a": {
            "title": "A",
            "words": ["a"],
            "stands_in_for": ["x"],
            "low": 1,
            "sound": {"voice": "fm", "pairs": [1, 2], "attack": 0.5},
        },
        "b": {"base": "a", "title": "B", "words": ["b"], "sound": {"pairs": [3]}},
        "c": {"base": "b", "title": "C", "words": ["c"], "sound": {"voice": "string"}},
    }
    assert resolve_base("b", files) == {
        "title": "B",
        "words": ["b"],
        "low": 1,
        "sound": {"voice": "fm", "pairs": [3], "attack": 0.5},
    }
    assert resolve_base("c", files)["sound"] == {"voice": "string"}


@pytest.mark.parametrize("base", ["b", "gone", "a"])
def test_a_base_that_cannot_be_is_an_error(base: str) -> None:
    with pytest.raises(ValueError, match=r"a\.toml|b\.toml"):
        resolve_base("a", {"a": {"base": base}, "b": {"base": "a"}})
