"""The Lua side of the mailbox against the golden messages: what it makes, and what it reads."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import lupa.lua53
import lupa.lua54
import msgspec
import pytest

from bandmate_bridge.reaper.mailbox_messages import MailboxMessage, ReaperFacts, kind_of
from bandmate_bridge.reaper.mailbox_messages.read_messages import read_script_message
from tests.reaper.mailbox_samples import AGENT_SAMPLES, ASK, MEDIA
from tests.reaper.mailbox_samples import JOB as JOB_ID
from tests.reaper.mailbox_vectors import DIRECTIONS, FOLDER, plain_values, with_newer_keys
from tests.reaper.model import Project, Tempo, Track
from tests.reaper.pictures import source_item
from tests.reaper.reaper_double import Reaper
from tests.reaper.stage import SCRIPTS
from tests.reaper.test_mailbox_messages import SCHEMA, fits_schema, name_of, vectors

TO_AGENT, TO_REAPER = (DIRECTIONS[direction][0] for direction in ("to-agent", "to-reaper"))


class LuaMessages:
    """The scripts' messages.lua in a Lua state of its own. Values cross as JSON, as in the mailbox."""

    def __init__(self, module: Any) -> None:
        self.lua = module.LuaRuntime(unpack_returned_tuples=True)
        self.lua.execute(f'package.path = "{(SCRIPTS / "bandmate").as_posix()}/?.lua"')
        self.lua.execute('json, messages = require("json"), require("messages")')

    def read(self, values: Any) -> tuple[dict[str, Any] | None, str | None]:
        """What `messages.read` makes of a message of the agent."""
        read = self.lua.eval(
            "function(text) local found, problem = messages.read(json.decode(text)) "
            "return found and json.encode(found), problem end"
        )
        found, problem = read(json.dumps(values))
        return found and json.loads(found), problem

    def make(self, code: str, values: Any) -> dict[str, Any]:
        """What a constructor makes; ``v`` in its call is a vector."""
        make = self.lua.eval(f"function(text) local v = json.decode(text) return json.encode({code}) end")
        found: dict[str, Any] = json.loads(make(json.dumps(values)))
        return found


@pytest.fixture(scope="module", params=[lupa.lua53, lupa.lua54], ids=["5.3", "5.4"])
def scripts(request: pytest.FixtureRequest) -> LuaMessages:
    return LuaMessages(request.param)


JOB = "{ id = v.job, media = v.media, title = v.title, spot = v.spot, rate = v.sample_rate, files = v.files"

CONSTRUCTORS = {
    "hello": "messages.hello(v.id, v.version)",
    "bye": "messages.bye()",
    "describe": "messages.describe(v.id)",
    "context": "messages.context(v.id, v.facts)",
    "preview": "messages.preview(v.id, v.task, v.facts, v.bars, v.takes)",
    "run": "messages.run({ id = v.id, task = v.task, params = v.params, facts = v.facts, engine = v.engine, "
    'seed = v.seed, place = { kind = "takes", mixed = true }, settings = { midi = v.midi }, bars = v.bars, '
    "where = v.where, invoke = v.invoke }, v.again)",
    "attach": f"messages.attach({JOB}, settings = {{ midi = v.midi }} }})",
    "redo": f"messages.redo(v.id, {JOB} }}, v.midi, v.expected)",
    "cancel": "messages.cancel_job(v.job)",
    "refuse": "messages.refuse(v.request, v.sentence)",
    "model": "messages.model(v.id, v.model)",
    "fetch": "messages.fetch(v.id, v)",
    "follow": "messages.follow(v)",
}
"""Of each kind: a call that makes the first vector."""

NEVER_SENT = {
    "preview": {"params", "engine", "seed", "mixed", "midi", "where"},
    "redo": {"seed"},
    "refuse": {"id"},
}
"""What the agent reads, and today's scripts have no use for."""


@pytest.mark.parametrize("kind", TO_AGENT, ids=name_of)
def test_a_constructor_makes_the_vector(scripts: LuaMessages, kind: type[MailboxMessage]) -> None:
    name = kind_of(kind)
    [values, *_] = vectors("to-agent", kind)
    made = scripts.make(CONSTRUCTORS[name], values)
    sent = {key: value for key, value in values.items() if key not in NEVER_SENT.get(name, set())}
    assert made == without_null(sent)
    assert fits_schema("to-agent", made)
    assert type(read_script_message(made)) is kind


def test_what_is_left_of_a_request_is_cancelled_by_its_id(scripts: LuaMessages) -> None:
    [_, values] = vectors("to-agent", type(read_script_message({"type": "cancel"})))
    assert scripts.make("messages.cancel_ask(v.ask)", values) == values


@pytest.mark.parametrize("sample", AGENT_SAMPLES, ids=lambda sample: kind_of(type(sample)))
def test_a_message_of_the_agent_is_read_as_it_was_meant(scripts: LuaMessages, sample: MailboxMessage) -> None:
    """What was left out has its default, and null is nothing."""
    name = kind_of(type(sample))
    files = json.loads((FOLDER / "to-reaper" / f"{name}.json").read_text(encoding="utf-8"))
    values = next(each for each in files if msgspec.convert(each, type(sample)) == sample)
    found, problem = scripts.read(values)
    assert problem is None
    assert without_nothing(found) == without_nothing(in_full(sample))


def in_full(sample: MailboxMessage) -> dict[str, Any]:
    """The message with every field of its parts; a target on the wire leaves out what is not said."""
    values = plain_values(sample)
    if values.get("where") is not None:
        where = sample.where  # type: ignore[attr-defined]
        values["where"] = {name: getattr(where, name) for name in where.__struct_fields__}
    return values


def without_null(value: Any) -> Any:
    """Without what is null, however deep: Lua leaves it out."""
    if isinstance(value, list):
        return [without_null(each) for each in value]
    if isinstance(value, dict):
        return {key: without_null(each) for key, each in value.items() if each is not None}
    return value


def without_nothing(value: Any) -> Any:
    """Without nulls; an empty list and an empty object are one in Lua."""
    if isinstance(value, list | tuple):
        return [without_nothing(each) for each in value] or {}
    if isinstance(value, dict):
        return {key: without_nothing(inner) for key, inner in value.items() if inner is not None}
    return value


@pytest.mark.parametrize("kind", TO_REAPER, ids=name_of)
def test_only_declared_fields_get_through(scripts: LuaMessages, kind: type[MailboxMessage]) -> None:
    [values, *_] = vectors("to-reaper", kind)
    found, problem = scripts.read(with_newer_keys(values))
    assert problem is None
    assert found == scripts.read(values)[0]


@pytest.mark.parametrize("kind", TO_REAPER, ids=name_of)
def test_what_is_missing_is_named(scripts: LuaMessages, kind: type[MailboxMessage]) -> None:
    values = vectors("to-reaper", kind)[-1]
    for name in set(values) - {"type"}:
        found, problem = scripts.read({key: value for key, value in values.items() if key != name})
        assert found is None
        assert problem == (
            f"Bandmate's agent sent a message `{kind_of(kind)}` that these scripts cannot read: `{name}` is missing."
        )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"stems": [{"stem": 0, "name": "a"}]}, "` is missing"),
        ({"stems": "none"}, "`stems` is a string, not a list"),
        ({"stems": ["one"]}, "`stems.1` is a string, not a part"),
        ({"job": 7}, "`job` is a number, not a string"),
    ],
)
def test_what_is_of_another_type_is_named(scripts: LuaMessages, change: dict[str, Any], problem: str) -> None:
    values = json.loads((FOLDER / "to-reaper" / "stems.json").read_text(encoding="utf-8"))[0] | change
    assert not fits_schema("to-reaper", values)
    found, said = scripts.read(values)
    assert found is None
    assert problem in (said or "")


@pytest.mark.parametrize("values", [{"type": "sing"}, {}, {"type": 7}])
def test_an_unknown_kind_is_a_sentence(scripts: LuaMessages, values: dict[str, Any]) -> None:
    found, problem = scripts.read(values)
    assert found is None
    assert "which these scripts do not know" in (problem or "")


GATHER = """\
local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\\\])")
package.path = here .. "?.lua;" .. package.path
local found = require("facts").gather(reaper.EnumProjects(-1), true, function() end, true)
reaper.SetExtState("test", "facts", require("json").encode(found), false)
"""


def test_the_facts_of_a_project_fit_the_schema_and_lack_nothing(tmp_path: Any, lua: str) -> None:
    song = tmp_path / "song"
    song.mkdir()
    loop, other = source_item(song, 4.0), source_item(song, 4.0)
    loop.selected = True
    project = Project(song)
    project.tracks = [
        Track("Loop", items=[loop], razor='0.5 1.5 ""'),
        Track('A "quoted" name', items=[other]),
    ]
    project.tempo = [Tempo(0.0, 120.0, 7, 8), Tempo(2.0, 90.5)]
    project.selection = (0.25, 2.0)
    reaper = Reaper(tmp_path / "REAPER", project, {}, lua=lua)
    script = tmp_path / "gather.lua"
    script.write_text(GATHER.replace('here .. "?.lua;"', f'"{(SCRIPTS / "bandmate").as_posix()}/?.lua;"'))
    reaper.run_script(script)
    values = json.loads(reaper.ext["test", "facts"])
    schema = {"$ref": "#/$defs/ReaperFacts", "$defs": SCHEMA["$defs"]}
    jsonschema.validate(values, schema, jsonschema.Draft202012Validator)
    facts = msgspec.convert(values, ReaperFacts)
    assert set(values) == set(ReaperFacts.__struct_fields__)
    for part, struct in (
        (values["project"], facts.project),
        (values["tracks"][0], facts.tracks[0]),
        (values["points"][0], facts.points[0]),
    ):
        assert set(part) == set(struct.__struct_fields__)
    assert [track.name for track in facts.tracks] == ["Loop", 'A "quoted" name']
    assert (facts.selection_seconds, facts.tracks[0].razor_seconds) == ((0.25, 2.0), ((0.5, 1.5),))
    assert [point.numerator for point in facts.points] == [7, 0]


HANDLE = """\
local here = ({ reaper.get_action_context() })[2]:match("^(.*[/\\\\])")
package.path = "SCRIPTS/?.lua;" .. package.path
local handlers, json = require("handlers"), require("json")
local service = require("service").new(here)
service.jobs.asks["ASK"] = {
  ask = {
    id = "ASK", facts = { project = { id = "", media = here, sample_rate = 48000 } },
    place = { kind = "tracks" }, settings = {},
  },
  proj = reaper.EnumProjects(-1), shared = {}, accepted = {}, left = 9,
}
local seen = {}
for _, message in ipairs(json.decode(reaper.GetExtState("test", "messages"))) do
  handlers.take(service, message)
  local job = service.jobs.by_id.JOB
  seen[#seen + 1] = json.list({ job and job.stage or "-", reaper.CountMediaItems(0) })
end
reaper.SetExtState("test", "seen", json.encode({ jobs = seen, unread = service.unread }), false)
"""


def test_the_service_handles_every_vector(tmp_path: Any, lua: str) -> None:
    """One after the other, as in the course of a job; none is unread, and none raises."""
    song = tmp_path / "song"
    song.mkdir()
    source_item(song, 1.0)
    reaper = Reaper(tmp_path / "REAPER", Project(song), {}, lua=lua)
    messages = [message for kind in TO_REAPER for message in vectors("to-reaper", kind)]
    loop = (song / "loop-1.wav").as_posix()
    text = json.dumps(messages).replace(json.dumps(f"{MEDIA}/drums.wav"), json.dumps(loop))
    reaper.ext["test", "messages"] = text.replace(json.dumps(f"{MEDIA}/bass.wav"), json.dumps(loop))
    script = tmp_path / "handle.lua"
    code = HANDLE.replace("SCRIPTS", (SCRIPTS / "bandmate").as_posix())
    script.write_text(code.replace("ASK", ASK).replace("by_id.JOB", f"by_id.{JOB_ID}"))
    reaper.run_script(script)
    seen = json.loads(reaper.ext["test", "seen"])
    assert seen["unread"] == {}
    jobs = dict(zip([message["type"] for message in messages], seen["jobs"], strict=True))
    assert (jobs["planned"], jobs["accepted"]) == (["-", 0], ["Waiting", 0])
    # The lyrics of an analysis stay on their track when its audio is taken back.
    assert (jobs["stems"], jobs["done"], jobs["cancelled"]) == (["Waiting", 2], ["Done", 3], ["Cancelled", 1])
