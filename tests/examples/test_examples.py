"""Every example is understood whole, and sounds as it says; ACE-Step's own files are read too."""

from __future__ import annotations

import json
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bandmate_bridge.listen_page.examples import PageExample, example_folder, read_example, read_examples
from bandmate_bridge.requests.timing import TempoMetreKey
from bandmate_plugins._engines.sketch import SketchEngine
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins.testing import run_task
from bandmate_protocol.errors import RequestError
from bandmate_protocol.keys import read_key

FOLDER = Path(__file__).parents[2] / "examples"
EXAMPLES = dict(read_examples([FOLDER]))
SECONDS = 16.0
"""Of each is rendered here, at most."""


@lru_cache(maxsize=1)
def engine() -> Any:
    return SketchEngine().load("cpu", "full")


def test_there_are_twenty_and_they_differ() -> None:
    assert len(EXAMPLES) >= 20
    assert len({example.prompt for example in EXAMPLES.values()}) == len(EXAMPLES)
    assert len({example.title for example in EXAMPLES.values()}) == len(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_sounds_as_it_says(name: str) -> None:
    example = EXAMPLES[name]
    when = example.feel.timeline(example.length, 48_000)
    if when.frames > SECONDS * 48_000:
        when = TempoMetreKey(example.bpm, example.feel.metre, example.key).timeline(
            type(example.length)(seconds=SECONDS), 48_000
        )
    params = {"prompt": example.prompt, "mix": True, "sound": "own"}
    result = run_task("generate", params, timeline=when, seed=example.seed, engine=engine())
    (mix,) = result.stems
    assert mix.samples.shape == (when.frames, 2)
    assert result.report["unknown_words"] == []
    assert result.report["bpm"] == example.bpm
    assert example.key is not None
    assert result.report["key"] == example.key
    meter = LoudnessMeter(48_000, 2)
    meter.add(mix.samples)
    assert meter.integrated_lufs() == pytest.approx(-16, abs=1.0)
    assert (meter.true_peak_dbtp() or 0.0) <= -1.0
    assert mix.notes


def test_a_seed_repeats_an_example() -> None:
    example = EXAMPLES["01-lofi-evening"]
    when = example.feel.timeline(example.length, 48_000)

    def made(seed: int) -> np.ndarray:
        params = {"prompt": example.prompt, "mix": True}
        return run_task("generate", params, timeline=when, seed=seed, engine=engine()).stems[0].samples

    assert made(1).tobytes() == made(1).tobytes()
    assert made(1).tobytes() != made(2).tobytes()


def written(tmp_path: Path, fields: Any) -> Path:
    path = tmp_path / "one-idea.json"
    path.write_text(json.dumps(fields), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (
            {
                "think": True, "caption": "warm soul ballad", "lyrics": "[verse]\nla la", "bpm": 72,
                "keyscale": "Eb major", "timesignature": "6", "duration": 30, "language": "en",
            },
            PageExample(
                title="One idea", prompt="warm soul ballad", lyrics="[verse]\nla la", bpm=72, key="Eb major",
                metre="6/8", seconds=30, language="en",
            ),
        ),
        (
            {"caption": "trap", "lyrics": "", "bpm": "140", "keyscale": "", "timesignature": "",
             "duration": -1},
            PageExample(title="One idea", prompt="trap", bpm=140),
        ),
        (
            {"caption": "x", "lyrics": None, "bpm": None, "keyscale": "H flat", "timesignature": "4/4"},
            PageExample(title="One idea", prompt="x", metre="4/4"),
        ),
        ({"caption": "pop, rap", "lyrics": "la", "duration": "auto", "bpm": True}, PageExample(
            title="One idea", prompt="pop, rap", lyrics="la")),
    ],
)  # fmt: skip
def test_files_of_ace_step_are_read(tmp_path: Path, fields: dict[str, Any], wanted: PageExample) -> None:
    assert read_example(written(tmp_path, fields)) == wanted


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({}, "prompt"),
        ([1], "object"),
        ({"prompt": "x", "tempo": 90}, "tempo"),
        ({"prompt": "x", "bpm": "fast"}, "bpm"),
        ({"prompt": "x", "metre": "four"}, "metre"),
        ({"prompt": "x", "key": "H"}, "key"),
        ({"prompt": "x", "bars": 4, "seconds": 4}, "bars and seconds"),
        ({"prompt": "x" * 10_001}, "prompt"),
        ({"prompt": "x", "seed": -1}, "seed"),
        ({"caption": "x", "duration": 1e9}, "seconds"),
    ],
)
def test_what_is_no_example_is_refused_by_name(tmp_path: Path, fields: Any, part: str) -> None:
    with pytest.raises(RequestError, match=r"one-idea\.json") as caught:
        read_example(written(tmp_path, fields))
    assert part in str(caught.value)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_bytes(b'{"prompt": "\xff')
    for path in (broken, tmp_path / "nowhere.json"):
        with pytest.raises(RequestError):
            read_example(path)
    with pytest.raises(RequestError, match="no examples"):
        read_examples([tmp_path / "empty"])


def test_files_of_one_name_keep_apart(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "Été !.json").write_text('{"prompt": "pop"}', encoding="utf-8")
    names = [name for name, _ in read_examples([tmp_path / "a", tmp_path / "b"])]
    assert names == ["t", "t-2"]


def test_the_readme_names_every_field() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    assert [field for field in PageExample.__struct_fields__ if f"`{field}`" not in text] == []
    assert all(read_key(example.key or "C major") for example in EXAMPLES.values())


def test_without_a_name_bandmates_own_are_taken() -> None:
    assert [name for name, _ in read_examples([example_folder()])] == [
        name for name, _ in read_examples([FOLDER])
    ]
    with (FOLDER.parent / "pyproject.toml").open("rb") as file:
        wheel = tomllib.load(file)["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert wheel["examples"] == "bandmate_bridge/listen_page/ready"
