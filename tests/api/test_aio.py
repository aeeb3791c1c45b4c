"""The Python API for asyncio."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

import bandmate
from bandmate_bridge.rpp import Project, new_project
from bandmate_protocol.messages import TempoPoint

BARS = {"bars": 2, "bpm": 120, "metre": "4/4", "key": "A minor"}


def test_jobs_are_awaited_together(home: Path, tmp_path: Path) -> None:
    heard: list[tuple[str, int]] = []

    def listen(report: bandmate.Progress) -> None:
        heard.append((report.stage, threading.get_ident()))

    async def work() -> list[bandmate.Result]:
        async with bandmate.aconnect(start=False) as band:
            jobs = [
                await band.generate(prompt, seed=7, progress=listen, **BARS)
                for prompt in ("slow jazz trio", "dusty lo-fi drums")
            ]
            results = await asyncio.gather(*(job.wait() for job in jobs))
            assert [await job for job in jobs] == results
            assert all(job.done for job in jobs)
            return results

    trio, drums = asyncio.run(work())
    assert heard
    assert {thread for _, thread in heard} == {threading.get_ident()}
    drums.save(tmp_path / "async.wav")
    with bandmate.connect() as band:
        band.generate("dusty lo-fi drums", seed=7, **BARS).save(tmp_path / "sync.wav")
    assert (tmp_path / "async.wav").read_bytes() == (tmp_path / "sync.wav").read_bytes()
    assert len(trio.stems) > 1


def test_progress_ends_with_the_job(home: Path) -> None:
    async def work() -> tuple[list[bandmate.Progress], bandmate.Result]:
        band = await bandmate.aconnect()
        try:
            job = await band.generate("slow jazz trio", seed=1, **BARS)
            reports = [report async for report in job.progress()]
            return reports, await job
        finally:
            await band.close()

    reports, result = asyncio.run(work())
    assert all(isinstance(report.stage, str) for report in reports)
    assert result.stems["drums"].frames == 4 * 48_000


def test_errors_are_raised_where_they_are_awaited(home: Path) -> None:
    async def work() -> None:
        async with bandmate.aconnect() as band:
            with pytest.raises(bandmate.BandmateError) as caught:
                await band.generate("x", colour="red", **BARS)
            assert caught.value.code == bandmate.ErrorCode.BAD_PARAMS
            job = await band.generate("slow jazz trio", seed=1, bars=400, bpm=60, metre="4/4", key="A minor")
            await job.cancel()
            with pytest.raises(bandmate.BandmateError) as caught:
                await job
            assert caught.value.code == bandmate.ErrorCode.INTERRUPTED

    asyncio.run(work())


def test_a_call_that_is_given_up_leaves_the_session_usable(home: Path) -> None:
    async def work() -> None:
        async with bandmate.aconnect() as band:
            given_up = [asyncio.ensure_future(band.describe()) for _ in range(3)]
            await asyncio.sleep(0)
            for call in given_up:
                call.cancel()
            assert (await band.describe()).tasks
        with pytest.raises(bandmate.BandmateError, match="closed"):
            await band.describe()

    asyncio.run(work())


def test_a_server_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    monkeypatch.delenv("BANDMATE_SERVER", raising=False)

    async def work() -> None:
        async with bandmate.aconnect(start=False):
            raise AssertionError("there is a server")

    with pytest.raises(bandmate.BandmateError) as caught:
        asyncio.run(work())
    assert caught.value.code == bandmate.ErrorCode.NO_SERVER


def test_work_in_a_project_is_awaited(home: Path, tmp_path: Path) -> None:
    project = new_project(
        tmp_path / "song.rpp", sample_rate=48_000, tempo=[TempoPoint(position=0.0, bpm=120.0)]
    )
    project.save()

    async def work() -> bandmate.ProjectResult:
        async with bandmate.aconnect() as band:
            song = await band.open(project.path)
            return await song.generate("dusty lo-fi drums", at="1.1", bars=2, seed=3)

    result = asyncio.run(work())
    assert result.seed == 3
    assert len(Project.load(project.path).tracks) == 1
