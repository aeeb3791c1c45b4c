"""The server's catalogue as forms for the panel."""

import msgspec

from bandmate_bridge.reaper.agent.forms import form_fields
from bandmate_plugins._host.loading.schema import params_schema
from bandmate_plugins._tasks.generate import GenerateParams
from bandmate_protocol.messages import TaskInfo


def test_a_form_asks_for_what_a_musician_can_say_and_for_nothing_that_the_job_fills_in() -> None:
    schema = params_schema(GenerateParams)
    task = TaskInfo(name="generate", title="", summary="", ability=None, source="none", params=schema)
    shown = {field["name"] for field in form_fields(task)}
    assert {"prompt", "mix", "sound"} <= shown
    filled_in = {name for name, field in schema["properties"].items() if field.get("readOnly")}
    assert filled_in == {"soundfont"}
    assert shown == {field.name for field in msgspec.structs.fields(GenerateParams)} - filled_in
