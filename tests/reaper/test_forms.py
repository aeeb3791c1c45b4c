"""The server's catalogue as forms for the panel."""

import msgspec

from bandmate_bridge.reaper.agent.forms import form_fields, task_forms
from bandmate_bridge.reaper.mailbox_messages import FormField
from bandmate_plugins._engines.acestep import AceStepEngine
from bandmate_plugins._engines.sketch import SketchEngine
from bandmate_plugins._host.loading.describe import describe_engine, describe_task
from bandmate_plugins._tasks.accompany import AccompanyTask
from bandmate_plugins._tasks.generate import GenerateParams, GenerateTask
from bandmate_plugins._tasks.write import WriteTask
from bandmate_protocol.forms import option_schemas, task_schemas
from bandmate_protocol.messages import Catalogue

GENERATE = describe_task(GenerateTask())


def names(fields: tuple[FormField, ...]) -> set[str]:
    return {field.name for field in fields}


def test_a_form_asks_for_what_a_musician_can_say() -> None:
    shown = names(form_fields(task_schemas(GENERATE)))
    assert shown == {field.name for field in msgspec.structs.fields(GenerateParams)}


def test_a_form_asks_for_nothing_that_the_job_fills_in() -> None:
    schemas = option_schemas(describe_engine(SketchEngine()).info, GENERATE)
    assert set(schemas) == {
        "sound",
        "pattern",
        "only",
        "anyway",
        "humanise",
        "soundfont",
        "band",
        "listening",
        "tracker",
    }
    assert names(form_fields(schemas)) == {"sound", "pattern", "only", "anyway", "humanise", "tracker"}


def test_each_engine_has_the_options_that_apply_to_the_task() -> None:
    engines = [
        msgspec.structs.replace(describe_engine(engine).info, status="ready")
        for engine in (AceStepEngine(), SketchEngine())
    ]
    tasks = [
        msgspec.structs.replace(task, engines=("acestep", "sketch"))
        for task in (GENERATE, describe_task(AccompanyTask()))
    ]
    catalogue = Catalogue(request="", tasks=tuple(tasks), engines=tuple(engines), plugins=())
    generate, accompany = task_forms(catalogue)
    acestep, sketch = generate.engines
    led = {"guide_strength", "guide_form", "guide_track", "noise_start"}
    planned = {"think", "planner", "plan_guidance", "plan_temperature", "rewrite"}
    assert names(acestep.fields) == {"model", "steps", "guidance", "sampler", "fit"} | led | planned
    assert {field.name for field in acestep.fields if not field.advanced} <= {"think"}
    assert [(field.name, field.advanced) for field in sketch.fields] == [
        ("sound", False), ("pattern", True), ("only", True), ("anyway", True), ("humanise", True), ("tracker", True),
    ]  # fmt: skip
    acestep, sketch = accompany.engines
    assert names(acestep.fields) == {"layer", "model", "steps", "guidance", "sampler", "mask", "fit"} | led
    assert names(sketch.fields) == {"sound", "pattern", "only", "anyway", "tracker"}


def test_no_option_of_a_model_is_asked_for_where_no_model_is() -> None:
    engines = (describe_engine(AceStepEngine()).info, describe_engine(SketchEngine()).info)
    engines = (msgspec.structs.replace(engines[0], status="needs_weights"), engines[1])
    task = msgspec.structs.replace(GENERATE, engines=("acestep", "sketch"))
    (form,) = task_forms(Catalogue(request="", tasks=(task,), engines=engines, plugins=()))
    assert [engine.name for engine in form.engines] == ["sketch"]
    assert "steps" not in names(form.fields) | names(form.engines[0].fields)


def test_an_engine_that_lacks_the_ability_for_now_is_not_offered_for_it() -> None:
    acestep, sketch = (describe_engine(engine).info for engine in (AceStepEngine(), SketchEngine()))
    acestep = msgspec.structs.replace(
        acestep, status="ready", lacks={"accompany": "It needs the base model."}
    )
    tasks = tuple(
        msgspec.structs.replace(task, engines=("acestep", "sketch"))
        for task in (GENERATE, describe_task(AccompanyTask()))
    )
    catalogue = Catalogue(request="", tasks=tasks, engines=(acestep, sketch), plugins=())
    generate, accompany = task_forms(catalogue)
    assert [engine.name for engine in generate.engines] == ["acestep", "sketch"]
    assert [engine.name for engine in accompany.engines] == ["sketch"]


def test_a_task_with_named_options_takes_those_that_name_it() -> None:
    info = describe_engine(AceStepEngine()).info
    write = describe_task(WriteTask())
    assert set(option_schemas(info, write)) == {"planner", "plan_temperature"}
    assert {"planner", "steps"} < set(option_schemas(info, GENERATE))
