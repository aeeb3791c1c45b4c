"""What a task says of its result and of what it hears, and what is taken for granted where it does not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bandmate_plugins import Task
from bandmate_plugins._host.loading.describe import describe_task
from bandmate_plugins._host.loading.registration import HookError
from bandmate_plugins.testing.checks import check_description
from bandmate_protocol.messages import FORM_ORDER


class Ranged(msgspec.Struct, frozen=True):
    """Parameters with ranges."""

    ranges: tuple[dict[str, int], ...] = ()


class Plain(Task):
    """A task that says nothing of these things."""

    name = "plain"
    title = "Plain"

    def run(self, request: Any, engine: Any, context: Any) -> Any:
        """Makes nothing."""
        yield from ()


def made(**stated: Any) -> Task:
    """The same with something said of it."""
    return type("Made", (Plain,), {"__doc__": "A task.", **stated})()


def test_a_task_that_says_nothing_makes_tracks() -> None:
    info = describe_task(Plain())
    assert (info.result, info.listens, info.takes_ranges, info.hidden) == ("tracks", False, False, False)
    assert info.order == FORM_ORDER


def test_one_with_ranges_is_taken_as_a_repaint() -> None:
    info = describe_task(made(source="required", Params=Ranged))
    assert (info.result, info.listens, info.takes_ranges) == ("take", True, True)
    alone = describe_task(made(source="required", Params=Ranged, result="tracks", listens=False))
    assert (alone.result, alone.listens, alone.takes_ranges) == ("tracks", False, True)
    # Without a source there is no item for a take.
    assert describe_task(made(Params=Ranged)).result == "tracks"


def test_one_that_needs_an_analysis_reports() -> None:
    assert describe_task(made(ability="analyse")).result == "report"


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"result": "take"}, "`source` must be `required`"),
        ({"result": "stems", "source": "optional"}, "`source` must be `required`"),
        ({"can_be_take": True}, "`can_be_take` needs a source item"),
        ({"result": "song"}, "`result` is `song`, and there are `tracks`, `take`, `stems`, `report`"),
        ({"takes_ranges": True, "source": "required"}, "no parameter `ranges`"),
        ({"mixed": True}, "no parameter `mix`"),
        ({"order": -1}, "does not fit the contract"),
        ({"hidden": "yes"}, "does not fit the contract"),
    ],
)
def test_what_contradicts_itself_is_refused_by_the_host_and_by_the_kit(
    stated: dict[str, Any], words: str
) -> None:
    for check in (describe_task, check_description):
        with pytest.raises(HookError, match="plain") as caught:
            check(made(**stated))
        assert words in str(caught.value)
