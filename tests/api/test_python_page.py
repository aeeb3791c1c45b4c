"""docs/python.md cannot rot: each of its blocks runs, in order, in one folder and against a real server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import soundfile

import bandmate
from bandmate_bridge.rpp import NewStem, NewTake, new_project
from bandmate_protocol.messages import TempoPoint

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
RATE = 48_000


@pytest.fixture
def studio(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the project that the page opens, with a track named Mix."""
    monkeypatch.chdir(tmp_path)
    project = new_project(
        tmp_path / "song.rpp", sample_rate=RATE, tempo=[TempoPoint(position=0.0, bpm=120.0)]
    )
    with bandmate.connect() as band:
        given = {"bars": 2, "bpm": 120, "metre": "4/4", "key": "A minor"}
        file, *_ = band.generate("slow jazz trio", seed=1, **given).save(tmp_path / "mix.wav")
    project.insert_stems([NewStem("Mix", 0, soundfile.info(file).frames, [NewTake("Mix", file)], "#808080")])
    project.save()
    return tmp_path


def test_the_page_runs_from_top_to_bottom(studio: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(BLOCKS) == len(re.findall(r"^```\w+$", PAGE, re.MULTILINE)) == 11
    space: dict[str, object] = {"__name__": "page"}
    for number, block in enumerate(BLOCKS):
        exec(compile(block, f"docs/python.md, block {number + 1}", "exec"), space)
    said = capsys.readouterr().out
    assert "True\nThere is no engine" in said
    assert "A new take in song.rpp at 3.1" in said or (studio / "song.rpp").is_file()
    made = {path.relative_to(studio).as_posix() for path in studio.rglob("*") if path.is_file()}
    assert {"drums.wav", "trio.wav", "trio/notes.mid", "only-drums.flac", "loop-with-fill.wav"} <= made
    assert {"take-1.wav", "take-2.wav", "beat.wav", "changed.wav", "kick.wav"} <= {
        each.lower() for each in made
    }
    assert soundfile.info("changed.wav").frames == soundfile.info("beat.wav").frames


def test_the_page_names_every_method() -> None:
    for name in ("generate", "cover", "accompany", "repaint", "extend", "loop", "separate", "analyse", "run"):
        assert f"`{name}(" in PAGE
        assert callable(getattr(bandmate.Session, name))
        assert callable(getattr(bandmate.AsyncSession, name))
