"""Songs in words and scores over MCP."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bandmate_plugins._score.abc_reader import read_abc
from tests.bridge.mcp.assistant import assistant, good, refused
from tests.bridge.mcp.test_mcp_calls import Person
from tests.running import RunningServer


def test_a_song_in_words_keeps_what_was_given(server: RunningServer) -> None:
    async def work() -> None:
        async with assistant(server.home) as client:
            made = await good(client, "write_song", idea="slow blues about rain", key="E minor", seed=1)
            assert made["seed"] == 1
            assert made["song"]["key"] == "E minor"
            assert made["song"]["bpm"] > 20
            assert "nothing to write about" in await refused(client, "write_song")

    asyncio.run(work())


def test_a_job_and_a_project_become_scores(server: RunningServer, empty: Path, tmp_path: Path) -> None:
    out = tmp_path / "bass.musicxml"
    chordless = empty.with_name("chordless.rpp")
    chordless.write_bytes(empty.read_bytes())
    head, end, _ = empty.read_text().rpartition(">")
    empty.write_text(f"{head}  MARKER 1 0 Am 0\n  MARKER 2 2 Dm7 0\n{end}\n")
    person = Person(agrees=True)

    async def work() -> None:
        async with assistant(server.home, elicitation_callback=person.answer) as client:
            made = await good(
                client,
                "run_task",
                task="generate",
                bars=2,
                seed=1,
                params={"prompt": "walking bass", "chords": "Am | Dm"},
            )
            handed = await good(client, "write_score", source=made["job"], title="Walk")
            assert handed["bars"] == 2
            score = read_abc(handed["abc"])
            assert "T:Walk" in handed["abc"]
            assert sum(len(part.notes) for part in score.parts) > 4
            written = await good(client, "write_score", source=made["job"], output=str(out))
            assert (written["file"], "abc" in written) == (str(out), False)
            assert b"score-partwise" in out.read_bytes()
            await good(client, "write_score", source=made["job"], output=str(out))
            await good(client, "save_job", job=made["job"], output=str(tmp_path / "walk.wav"), midi=True)
            midi = str(tmp_path / "walk.mid")
            assert (await good(client, "write_score", source=midi))["bars"] == 2
            assert "The project is empty" in await refused(client, "write_score", source=str(chordless))
            lead = await good(client, "write_score", source=str(empty))
            assert [symbol for _, symbol in read_abc(lead["abc"]).chords] == ["Am", "Dm7"]
            for arguments, expected in (
                ({"source": made["job"], "section": "B"}, "Only a project has sections"),
                ({"source": made["job"], "key": "C major"}, "has its own key"),
                ({"source": made["job"], "output": "score.pdf"}, "neither ABC nor MusicXML"),
                ({"source": str(tmp_path / "none.mid")}, "[file_unusable]"),
                ({"source": str(tmp_path / "none.rpp")}, "none.rpp"),
                ({"source": "zzzzzzzz"}, "no_such_job"),
            ):
                assert expected in await refused(client, "write_score", **arguments), arguments

    asyncio.run(work())
    assert person.questions == [f"Replace the file {out}?"]
