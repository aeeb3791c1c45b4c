"""One or more messages of every type, as a song in the making would bring them about.

The first of a type has every optional field, of its parts too; a spare one follows where any can be left out.
"""

from __future__ import annotations

from bandmate_protocol.messages import (
    Catalogue,
    ChangeSetting,
    ClearSlot,
    ConnectedProject,
    Context,
    Controls,
    Describe,
    Doctor,
    EngineInfo,
    Error,
    Finding,
    Findings,
    ForgetControl,
    Have,
    Hello,
    Invoke,
    Invoked,
    ItemRef,
    JobTarget,
    LearnControl,
    Learned,
    LearningStopped,
    Limits,
    ListControls,
    ListSettings,
    ListSlots,
    ListSurfaces,
    MappedControl,
    Message,
    MidiController,
    Missing,
    ModelInfo,
    OscPeer,
    Ping,
    PluginInfo,
    Pong,
    Probe,
    Probed,
    Projects,
    RestartServer,
    ServerRestarting,
    Setting,
    SettingList,
    Slot,
    Slots,
    StopLearning,
    StoreSlot,
    Suggest,
    Suggested,
    SurfaceControl,
    Surfaces,
    TaskInfo,
    TrackRef,
    Transport,
    Upload,
    Uploaded,
    WatchProjects,
    Welcome,
    Wording,
)
from tests.protocol.job_samples import JOB_SAMPLES
from tests.protocol.song import (
    ENGINE_SCHEMA,
    FILE,
    FILE_HASH,
    JOB,
    KEY,
    LAST_FRAME,
    OTHER_HASH,
    TASK_SCHEMA,
    TIMELINE,
)

GREETINGS: tuple[Message, ...] = (
    Hello(
        protocol_min=1,
        protocol_max=3,
        role="vst",
        client_name="Bandmate VST",
        client_version="1.0.2",
        resume_key=KEY,
        credit_bytes=1 << 20,
    ),
    Hello(protocol_min=1, protocol_max=1, role="cli", client_name="bandmate", client_version="0.1.0"),
    Welcome(
        protocol=1,
        server_version="0.1.0",
        resume_key=KEY,
        resumed=True,
        limits=Limits(frame_bytes=4 << 20, upload_bytes=1 << 31, range_seconds=600.0, jobs=16),
        notices=("The server's list of jobs was damaged, and a new one was started.",),
    ),
    Welcome(
        protocol=1,
        server_version="0.1.0",
        resume_key=KEY,
        limits=Limits(frame_bytes=4 << 20, upload_bytes=1 << 31, range_seconds=600.0, jobs=16),
    ),
    Ping(request="p-1"),
    Pong(request="p-1"),
    Error(
        code="no_such_task",
        sentence="There is no task “sing”.",
        remedy="There are: generate, cover, repaint.",
        request="r-2",
        wording=Wording(template="There is no task “{name}”.", values={"name": "sing"}),
        remedy_wording=Wording(
            template="{near} There are: {names}.",
            values={
                "near": {"template": "Did you mean {name}?", "values": {"name": "cover"}},
                "names": "cover",
            },
        ),
        models=("ace_step_v1",),
    ),
    Error(code="bad_message", sentence="The frame is not a map."),
)

CATALOGUE: tuple[Message, ...] = (
    Describe(request="r-3"),
    Catalogue(
        request="r-3",
        tasks=(
            TaskInfo(
                name="generate",
                title="Generate",
                summary="Makes parts from words.",
                ability="text",
                source="optional",
                params=TASK_SCHEMA,
                engines=("acestep", "sketch"),
                plugin="generate",
                result="stems",
                can_be_take=True,
                result_title="generated",
                mixed=True,
                listens=True,
                follows_chords=True,
                takes_ranges=True,
                whole_items=True,
                named_options=True,
                hidden=True,
                order=10,
            ),
        ),
        engines=(
            EngineInfo(
                name="acestep",
                title="ACE-Step",
                abilities=("text", "inpaint", "variation", "accompany"),
                status="needs_weights",
                reason="Its weights are not here; `bandmate models pull acestep` brings them.",
                reason_wording=Wording(
                    template="Its weights are not here; `{command}` brings them.",
                    values={"command": "bandmate models pull acestep"},
                ),
                lacks={"separate": "It needs the base model."},
                models=(
                    ModelInfo(
                        name="ACE-Step/ACE-Step-v1-3.5B",
                        revision="82cd0d7b6322",
                        licence="Apache-2.0",
                        size_bytes=8_113_000_000,
                        present=False,
                        pull="ace_step_v1",
                        about="Text to music, fast",
                    ),
                ),
                plugin="acestep",
                wanted_models=("ace_step_v1",),
                reads_lyrics=True,
                options=ENGINE_SCHEMA,
            ),
        ),
        plugins=(
            PluginInfo(
                name="generate",
                distribution="bandmate",
                version="0.1.0",
                status="failed",
                reason="No x.",
            ),
        ),
    ),
    Catalogue(request="r-3", tasks=(), engines=(), plugins=()),
)

FULL_TARGET = JobTarget(
    midi_track="Keys",
    track="Drums",
    at="9.1",
    bars=8.0,
    beats=1.0,
    seconds=0.5,
    begins=("9.1", "1:30"),
    ends=("11.1", "1:40"),
    sections=("Chorus", "B:2"),
    key="A minor",
    alone=True,
    flat=True,
    midi=True,
    take=True,
    stems=True,
    mute_source=True,
    tempo_map=True,
)

FOCUS: tuple[Message, ...] = (
    Context(
        project="{5F1C-22}",
        project_name="Märchen 東京.rpp",
        focused=False,
        timeline=TIMELINE,
        transport=Transport(position=705_600, playing=True, recording=True, looping=True, bpm=118.5),
        tracks=(TrackRef(id="{A1}", index=3, name="Drums", colour="#c05030"),),
        items=(ItemRef(id="{B2}", track="{A1}", start_frame=705_600, frames=LAST_FRAME, name="take 3"),),
        ruler_start=3590.0,
    ),
    Context(project="1"),
    Invoke(
        request="i-1",
        task="generate",
        params={"prompt": "brushed snare"},
        engine="sketch",
        seed=7,
        project="{5F1C-22}",
        where=FULL_TARGET,
        wants_outcome=True,
    ),
    Invoke(request="i-1", task="generate"),
    Invoked(request="i-1", job=JOB, sentence="It is on its way.", placed=True),
    Invoked(request="i-1"),
    WatchProjects(request="w-1"),
    Projects(
        request="w-1",
        projects=(
            ConnectedProject(
                project="{1}", project_name="Song", focused=False, timeline=TIMELINE, tracks=("Bass",)
            ),
            ConnectedProject(project="2"),
        ),
    ),
    Projects(request="w-1"),
)

_SLOT = Slot(
    number=3,
    task="generate",
    name="Bass",
    params={"prompt": "warm bass"},
    options={"sound": "own"},
    engine="sketch",
)

SLOTS: tuple[Message, ...] = (
    ListSlots(request="r-20"),
    StoreSlot(request="r-21", slot=_SLOT),
    StoreSlot(request="r-21", slot=Slot(number=64, task="separate")),
    ClearSlot(request="r-22", number=3),
    Slots(request="r-20", slots=(_SLOT,)),
    Slots(request="r-20"),
)

_MAPPED = MappedControl(
    control="cover/strength", title="Strength", kind="cc", channel=2, number=16, mode="pickup"
)

SURFACES: tuple[Message, ...] = (
    ListControls(request="r-30"),
    Controls(
        request="r-30",
        controls=(SurfaceControl(control="cover/strength", title="Strength", kind="number", group="cover"),),
    ),
    Controls(request="r-30"),
    ListSurfaces(request="r-31"),
    Surfaces(
        request="r-31",
        midi=True,
        midi_problem="nano.toml, line 3: There is no control cover/strenght.",
        controllers=(
            MidiController(
                port="nanoKONTROL2",
                state="used",
                map_name="nano",
                map_file="/home/ada/.config/bandmate/midi/nano.toml",
                is_own_map=True,
                controls=(_MAPPED, MappedControl(control="cover/strength", kind="pitch")),
            ),
            MidiController(port="Pads", state="no_map"),
        ),
        osc=True,
        osc_port=7894,
        osc_peers=(
            OscPeer(address="127.0.0.1:9000", name="iPad", permanent=True),
            OscPeer(address="[::1]:9000"),
        ),
    ),
    Surfaces(request="r-31"),
    LearnControl(request="r-32", control="cover/strength", port="nanoKONTROL2", seconds=10.0),
    LearnControl(request="r-32", control="task/generate"),
    Learned(request="r-32", port="nanoKONTROL2", mapped=_MAPPED, map_file="/home/ada/nano.toml"),
    Learned(request="r-32", port="nanoKONTROL2", mapped=_MAPPED),
    StopLearning(request="r-33"),
    LearningStopped(request="r-33"),
    ForgetControl(
        request="r-34", port="nanoKONTROL2", control="cover/strength", kind="cc", channel=2, number=16
    ),
    ForgetControl(request="r-34", port="nanoKONTROL2", control="cover/strength", kind="pitch"),
)

_PORT_FORM = {"type": "integer", "minimum": 0, "maximum": 65_535, "title": "Port", "default": 7893}

SETTINGS: tuple[Message, ...] = (
    ListSettings(request="r-40"),
    ChangeSetting(request="r-41", name="port", value=7_000, confirmed=True),
    ChangeSetting(request="r-41", name="port"),
    SettingList(
        request="r-40",
        settings=(
            Setting(
                name="port",
                form=_PORT_FORM,
                value=7893,
                next_value=7_000,
                waits_for_restart=True,
                source="file",
                needs_restart=False,
                fixed="The environment variable BANDMATE_SERVER_PORT sets it.",
                secret=True,
                is_set=False,
            ),
            Setting(name="port", form=_PORT_FORM),
        ),
        file="/home/ada/.config/bandmate/server.toml",
        can_restart=True,
    ),
    SettingList(request="r-40"),
    RestartServer(request="r-42", confirmed=True),
    RestartServer(request="r-42"),
    ServerRestarting(request="r-42"),
)

DOCTOR: tuple[Message, ...] = (
    Doctor(request="r-50"),
    Findings(
        request="r-50",
        findings=(
            Finding(state="bad", about="port", sentence="It is in use.", remedy="Stop that program."),
            Finding(state="good", about="token", sentence="It is private."),
        ),
    ),
    Findings(request="r-50"),
)

SUGGESTIONS: tuple[Message, ...] = (
    Suggest(request="r-23", prompt="slow jazz trio", engine="sketch", seed=7),
    Suggest(request="r-23", prompt=""),
    Suggested(
        request="r-23",
        engine="sketch",
        bpm=72.5,
        numerator=3,
        denominator=4,
        key="D minor",
        bars=8.0,
        seconds=30.5,
    ),
    Suggested(request="r-23", engine="hum"),
)

INPUTS: tuple[Message, ...] = (
    Have(request="r-4", sha256=(FILE_HASH, OTHER_HASH)),
    Missing(request="r-4", sha256=(FILE_HASH,), offsets=(4,)),
    Missing(request="r-4"),
    Upload(sha256=FILE_HASH, total_bytes=len(FILE), offset=4, data=FILE[4:]),
    Uploaded(sha256=FILE_HASH),
    Probe(request="r-13", sha256=FILE_HASH),
    Probed(request="r-13", sha256=FILE_HASH, sample_rate=44_100, channels=1, frames=0),
    Probed(
        request="r-14", sha256=OTHER_HASH, sample_rate=48_000, channels=2, frames=14_400, missing_frames=9
    ),
)

ALL_SAMPLES = (
    *GREETINGS,
    *CATALOGUE,
    *FOCUS,
    *SLOTS,
    *SURFACES,
    *SETTINGS,
    *DOCTOR,
    *SUGGESTIONS,
    *INPUTS,
    *JOB_SAMPLES,
)
