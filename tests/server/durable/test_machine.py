"""Store, shelf, journal and streams under a disk that refuses any call, loses power and damages files.

Whatever happens: no lane ends, every request and every job comes to an end, no audio is wrong, a name by hash
is only believed with its bytes, and once the disk works again everything can be made and read again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bandmate_protocol.messages import (
    Accepted,
    Cancelled,
    Done,
    Error,
    Failed,
    Have,
    Input,
    JobList,
    ListJobs,
    Message,
    Missing,
    Pin,
    Pinned,
    Uploaded,
)
from tests.server.durable.conftest import SHARED_MEMORY
from tests.server.durable.faults import REFUSALS, Refusals, room_for
from tests.server.durable.rig import Bench, Client, Rig, noise, noise_params, whole_files
from tests.server.durable.synced import SyncedFiles
from tests.server.durable.test_damage import DAMAGE
from tests.server.test_audio import tone, wav

FILES = [wav(tone(0.02, hertz=hertz), subtype="FLOAT") for hertz in (220.0, 330.0)]
EXPECTED_CODES = {"disk_full", "file_unusable", "input_missing", "input_unusable", "engine_failed"}
ALL_OF_IT = 1 << 40

refusals = st.one_of(
    st.none(),
    st.tuples(
        st.sampled_from(["table", "write", "file", "sync"]),
        st.sampled_from(sorted(REFUSALS)),
        st.integers(0, 40),
        st.sampled_from([0, 0, 1, 1000]),
    ),
    st.integers(0, 60_000),
)
"""Nothing, a call of a kind with how many after it, or the size past which no file may grow."""
picks = st.integers(0, 1 << 30)


class DiskMachine(RuleBasedStateMachine):
    """Drives one server after another on the same data, and knows what must be true of it."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench
        where = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
        self.folder = Path(tempfile.mkdtemp(dir=where))
        self.runner = asyncio.Runner()
        self.refusals = Refusals(self.folder)
        self.synced = SyncedFiles(self.refusals.sync_call)
        self.synced.install()
        self.count = 0
        self.jobs: dict[str, tuple[int, int]] = {}
        """Seed and stems of each job that was accepted."""
        self.doubtful: set[str] = set()
        """Jobs of which something was taken away, so that they need not be readable any more."""
        self.came: set[int] = set()
        """Files that came up, and that nobody has touched since."""
        self.begin(self.folder / "0")

    # Servers.

    def begin(self, data: Path) -> None:
        self.rig = Rig(data, self.bench, self.refusals)
        self.run(self.rig.start())
        self.client = self.run(self.rig.connect())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def teardown(self) -> None:
        try:
            self.run(self.works())
            self.run(self.rig.stop())
        finally:
            self.synced.remove()
            self.runner.close()
            shutil.rmtree(self.folder)

    @rule(how=st.sampled_from(["in order", "killed", "empty", "zeros", "half"]), keep_log=st.booleans())
    def restart(self, how: str, keep_log: bool) -> None:
        """In order, after a kill, or after a power cut, which leaves something else for unsynced bytes."""
        before, self.count = self.rig, self.count + 1
        data = self.folder / str(self.count)
        if how == "in order":
            self.run(before.stop())
            self.synced.copy(before.data, data, all_synced=True)
        elif how == "killed":
            self.synced.copy(before.data, data, all_synced=False)
            self.run(before.stop())
        else:
            self.run(before.sync())
            self.synced.cut(before.data, data, how, keep_log=keep_log)
            self.came.clear()
            self.run(before.stop())
        shutil.rmtree(before.data)
        self.begin(data)
        listed = self.run(self.client.ask(ListJobs(request=f"known-{self.count}", most=1000)))
        assert set(self.jobs) <= {job.job for job in listed.jobs}, "a job that was accepted is not there"

    @contextlib.contextmanager
    def refusing(self, refusal: tuple[str, str, int, int] | int | None) -> Iterator[None]:
        if refusal is None:
            yield
        elif isinstance(refusal, int):
            with room_for(refusal):
                yield
        else:
            kind, how, skip, more = refusal
            with self.refusals.on(kind, how, skip, more):
                yield

    # What clients do.

    @rule(seed=st.integers(0, 3), stems=st.integers(1, 3), refusal=refusals)
    def submit(self, seed: int, stems: int, refusal: Any) -> None:
        async def go() -> None:
            with self.refusing(refusal):
                answer = await self.client.submit("noise", noise_params(stems), seed)
                if isinstance(answer, Error):
                    self.check_refused(answer)
                    return
                self.jobs[answer.job] = (seed, stems)
                end = await self.client.end(answer.job)
            self.check_end(self.client, answer.job, end)
            if refusal is None:
                assert isinstance(end, Done), end

        self.run(go())

    @precondition(lambda self: self.jobs)
    @rule(pick=picks, refusal=refusals, credit_bytes=st.sampled_from([4096, 10_001, 8 << 20]))
    def attach(self, pick: int, refusal: Any, credit_bytes: int) -> None:
        job = sorted(self.jobs)[pick % len(self.jobs)]

        async def go() -> None:
            late = await self.rig.connect(credit_bytes)
            with self.refusing(refusal):
                end = await late.take_up(job)
            if isinstance(end, Error):
                self.check_refused(end)
            else:
                self.check_end(late, job, end)
            # The disk works again: what was there is there.
            again = await (await self.rig.connect()).take_up(job)
            assert not isinstance(again, Error), again
            if isinstance(again, Failed) and job not in self.doubtful:
                assert self.failed(job), f"{again} of a job that was done"

        self.run(go())

    @rule(file=st.integers(0, 1), both=st.booleans(), refusal=refusals)
    def upload(self, file: int, both: bool, refusal: Any) -> None:
        async def go() -> None:
            clients = [self.client, await self.rig.connect()] if both else [self.client]
            with self.refusing(refusal):
                answers = await asyncio.gather(*(client.upload(FILES[file], 2_000) for client in clients))
            for answer in answers:
                if isinstance(answer, Error):
                    self.check_refused(answer)
            if any(isinstance(answer, Uploaded) for answer in answers):
                self.came.add(file)
            if refusal is None and not both:
                # A part that is left from before may be damaged; then the second time is from the start.
                assert isinstance(answers[0], Uploaded) or isinstance(
                    await self.client.upload(FILES[file], 2_000), Uploaded
                )
                self.came.add(file)

        self.run(go())

    @precondition(lambda self: self.came)
    @rule(pick=picks, refusal=refusals)
    def use_upload(self, pick: int, refusal: Any) -> None:
        file = sorted(self.came)[pick % len(self.came)]
        digest = hashlib.sha256(FILES[file]).hexdigest()

        async def go() -> None:
            with self.refusing(refusal):
                given = (Input(role="source", sha256=digest),)
                answer = await self.client.submit("gain", {}, 1, inputs=given)
                if isinstance(answer, Error):
                    self.check_refused(answer)
                    assert refusal is not None, answer
                    return
                end = await self.client.end(answer.job)
            if isinstance(end, Done):
                assert bytes(self.client.audio[answer.job, 0]) in FILES[file], "the audio that came up"
            else:
                assert refusal is not None
                self.check_failed(end)

        self.run(go())

    @rule(refusal=refusals)
    def ask(self, refusal: Any) -> None:
        async def go() -> None:
            with self.refusing(refusal):
                answers = [
                    await self.client.ask(ListJobs(request="list")),
                    await self.client.ask(Have(request="have", sha256=("0" * 64,))),
                    await self.client.ask(Pin(request="pin", owner="song", sha256=("0" * 64,))),
                ]
            for answer, kind in zip(answers, (JobList, Missing, Pinned), strict=True):
                if isinstance(answer, Error):
                    self.check_refused(answer)
                    assert refusal is not None
                else:
                    assert isinstance(answer, kind)

        self.run(go())

    # What happens to the data.

    @precondition(lambda self: whole_files(self.rig.shelf.folder))
    @rule(pick=picks, how=st.sampled_from([*DAMAGE, "gone"]))
    def damage(self, pick: int, how: str) -> None:
        names = sorted(whole_files(self.rig.shelf.folder))
        path = self.rig.shelf.folder / names[pick % len(names)]
        if how == "gone":
            path.unlink()
        else:
            path.write_bytes(DAMAGE[how](path.read_bytes()))
        self.doubtful |= set(self.jobs)
        self.came -= {0, 1} if path.suffix == ".bin" else set()

    @precondition(lambda self: self.jobs)
    @rule(pick=picks, keep=st.integers(0, 4))
    def damage_journal(self, pick: int, keep: int) -> None:
        job = sorted(self.jobs)[pick % len(self.jobs)]
        for journal in (self.rig.data / "spool" / job).glob("*.journal"):
            data = journal.read_bytes()
            journal.write_bytes(data[: len(data) * keep // 5])
        self.doubtful.add(job)

    @rule(budget_bytes=st.sampled_from([0, ALL_OF_IT]), refusal=refusals)
    def sweep(self, budget_bytes: int, refusal: Any) -> None:
        with self.refusing(refusal), contextlib.suppress(Exception):
            self.run(self.rig.sweep(budget_bytes))
        self.rig.desk.flush_backlog()
        if budget_bytes == 0:
            self.doubtful |= set(self.jobs)
            self.came.clear()

    # What must be true.

    @invariant()
    def lanes_live(self) -> None:
        assert self.rig.dead_lanes == []
        assert not self.rig.desk.is_busy

    @invariant()
    def names_are_believed_only_with_their_bytes(self) -> None:
        found = [name.partition(".")[0] for name in whole_files(self.rig.shelf.folder)]
        for digest in found:
            self.run(self.rig.shelf.find(digest))
        assert all(whole_files(self.rig.shelf.folder).values()), (
            "a damaged file is dropped when it is asked for"
        )

    async def works(self) -> None:
        """A new job runs at once, and its audio is right."""
        client = await self.rig.connect()
        answer = await client.submit("noise", noise_params(1), 99)
        assert isinstance(answer, Accepted), answer
        assert answer.ahead == 0
        end = await client.end(answer.job)
        assert isinstance(end, Done), end
        self.jobs[answer.job] = (99, 1)
        self.check_end(client, answer.job, end)

    def check_end(self, client: Client, job: str, end: Message) -> None:
        if isinstance(end, Done):
            seed, stems = self.jobs[job]
            expected = [hashlib.sha256(data).hexdigest() for data in noise(seed, stems)]
            assert [client.finished.get((job, index)) for index in range(stems)] == expected
        elif not isinstance(end, Cancelled):
            self.check_failed(end)

    def check_failed(self, end: Message) -> None:
        assert isinstance(end, Failed), end
        assert end.code in EXPECTED_CODES, end
        assert end.remedy, end
        assert str(self.folder) not in f"{end.sentence} {end.remedy}"

    def check_refused(self, answer: Error) -> None:
        assert answer.code in EXPECTED_CODES, answer
        assert answer.remedy, answer
        assert str(self.folder) not in f"{answer.sentence} {answer.remedy}"

    def failed(self, job: str) -> bool:
        stored = self.rig.desk.events_of(job).job
        return stored.state == "failed"


def test_whatever_the_disk_does_every_job_and_request_comes_to_its_end(
    bench: Bench, loops: Callable[[int, int], int]
) -> None:
    run_state_machine_as_test(
        lambda: DiskMachine(bench),
        settings=settings(max_examples=loops(15, 3_000), stateful_step_count=loops(12, 30)),
    )
