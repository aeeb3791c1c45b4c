"""Where tasks without an engine run, and that those that use the line are nothing for surfaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bandmate_plugins._host.loading import read_catalogue
from bandmate_plugins._host.loading.describe import describe_task
from bandmate_plugins._host.loading.registration import HookError
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_plugins.task import Task
from bandmate_server.surfaces.control.model import ControlModel


class Lost(Task):
    """Runs where there is nothing."""

    name = "lost"
    title = "Lost"

    def run(
        self, request: TaskRequest[Any], engine: LoadedEngine | None, context: TaskContext
    ) -> Iterator[Output]:
        yield from ()


def test_a_lane_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    describe_task(Lost())
    monkeypatch.setattr(Lost, "lane", "gpu")
    with pytest.raises(
        HookError, match="names the lane `gpu`, which does not exist; use one of cpu, network"
    ):
        describe_task(Lost())


def test_a_download_is_on_the_network_lane_and_on_no_surface() -> None:
    plugins = read_catalogue()
    assert plugins.lanes == dict.fromkeys(("pull", "verify_model", "remove_model"), "network")
    model = ControlModel.from_plugins(plugins)
    assert "task/separate" in model.triggers
    assert not [name for name in (*model.triggers, *model.parameters) if "pull" in name or "_model" in name]
