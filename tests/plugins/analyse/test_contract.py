"""The task `analyse` on the engine `dsp`: its contract, and its parameters."""

from __future__ import annotations

from bandmate_plugins._engines.dsp import DspEngine
from bandmate_plugins._host.loading.schema import can_be_drawn, params_schema
from bandmate_plugins._tasks.analyse import AnalyseParams, AnalyseTask
from bandmate_plugins.testing import check_engine, check_task


def test_the_contract_of_tasks() -> None:
    check_task(AnalyseTask(), engine=DspEngine())
    check_task(AnalyseTask(), {"tempo": "project"}, engine=DspEngine())


def test_the_contract_of_engines() -> None:
    check_engine(DspEngine())


def test_every_parameter_can_be_drawn_and_is_explained() -> None:
    for property_ in params_schema(AnalyseParams)["properties"].values():
        assert can_be_drawn(property_)
        assert property_["title"]
        assert property_["description"]
