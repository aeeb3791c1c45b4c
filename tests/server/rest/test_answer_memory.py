"""Bodies of answers are kept while nothing changes, and within bounds."""

from __future__ import annotations

from bandmate_server.rest.answer_memory import AnswerMemory


class Writer:
    """Writes bodies, and knows how many it wrote."""

    def __init__(self, size: int = 10) -> None:
        self.size = size
        self.written = 0

    def __call__(self) -> bytes:
        self.written += 1
        return bytes(self.size)


def test_a_body_is_written_once_for_each_revision():
    memory, write = AnswerMemory(), Writer()
    for revision in (1, 1, 2, 2, 1):
        assert memory.body_of("job", revision, write) == bytes(10)
    assert write.written == 3


def test_only_the_newest_bodies_are_kept_and_no_long_ones():
    memory, write, long = AnswerMemory(), Writer(), Writer(size=1 << 20)
    for number in range(1_000):
        memory.body_of(f"job {number}", 1, write)
    memory.body_of("job 999", 1, write)
    assert write.written == 1_000
    memory.body_of("job 0", 1, write)
    assert write.written == 1_001
    for _ in range(2):
        memory.body_of("long", 1, long)
    assert long.written == 2
